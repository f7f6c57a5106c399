// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.files.Reload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Decides when files are read again: once they have changed and then stayed the same for a look or two. No half-written file is read
 * then. After a failure they are read repeatedly, at growing intervals. Used by one thread.
 */
final class WatchedFiles {

    /** How many looks may find another change before files that are recognised when torn are read anyway. */
    private static final int PATIENCE = 3;

    /** How many looks may find another change before that is reported for other files: ten seconds. */
    private static final int TOLERANCE = 25;

    /** How many looks must find files as they were that are not recognised when torn. */
    private static final int REST = 2;

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    private final Supplier<List<Path>> locations;
    private final Reload reload;
    private FileStamp seen;
    private FileStamp tried;
    private int restless;
    private int rested;
    private int failures;
    private long retryAt;
    private String complaint = "";

    /** Files that were read just now, after {@code asRead} was taken. */
    WatchedFiles(List<Path> locations, FileStamp asRead, Reload reload) {
        this(() -> locations, asRead, reload);
    }

    /** As the other, of files that may become others. */
    WatchedFiles(Supplier<List<Path>> locations, FileStamp asRead, Reload reload) {
        this.locations = locations;
        this.reload = reload;
        this.seen = asRead;
        this.tried = asRead;
    }

    /** Looks at the files, and reads them if it is time. */
    void look(long nanoTime) {
        FileStamp now = FileStamp.of(locations.get());
        boolean isAsSeen = now.equals(seen);
        restless = isAsSeen ? 0 : restless + 1;
        rested = isAsSeen ? rested + 1 : 0;
        seen = now;
        boolean hasChanged = !now.equals(tried);
        boolean isRetryDue = !complaint.isEmpty() && nanoTime - retryAt >= 0;
        if (hasChanged && isSettled()) {
            failures = 0;
            attempt(nanoTime);
        } else if (!hasChanged && (isRetryDue || reload.isStale())) {
            attempt(nanoTime);
        } else if (restless == TOLERANCE && !reload.recognisesTornFiles()) {
            complain("they keep changing; replace each in one step, by renaming a finished file");
        }
    }

    private boolean isSettled() {
        return reload.recognisesTornFiles() ? rested >= 1 || restless >= PATIENCE : rested >= REST;
    }

    private void attempt(long nanoTime) {
        tried = seen;
        try {
            reload.attempt(!complaint.isEmpty());
            complaint = "";
        } catch (RuntimeException e) {
            if (!FileStamp.of(locations.get()).equals(tried)) {
                return; // changed while it was read: the next look sees that, and reads again
            }
            retryAt = nanoTime + retryDelay().toNanos();
            failures++;
            complain(String.valueOf(e.getMessage()));
        }
    }

    private void complain(String why) {
        if (!why.equals(complaint)) {
            complaint = why;
            reload.failed(why);
        }
    }

    private Duration retryDelay() {
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures, 6));
        return delay.compareTo(LAST_RETRY) < 0 ? delay : LAST_RETRY;
    }
}
