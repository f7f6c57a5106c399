// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** An edit that has been worked out and checked, and not yet made. Dropping it is the dry run. */
public final class Change {

    private final Path path;
    private final ConfigurationFile file;
    private final Optional<String> after;
    private final InstantSource clock;

    Change(Path path, ConfigurationFile file, Optional<String> after, InstantSource clock) {
        this.path = path;
        this.file = file;
        this.after = after;
        this.clock = clock;
    }

    /** The file that changes, as the host knows it; a link's target changes in its place. */
    public Path file() {
        return path;
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return file.exists() == after.isPresent() && file.text().equals(after.orElse(""));
    }

    /**
     * A unified diff, safe for a terminal; empty when there is nothing to do. It shows up to three neighbouring lines of the
     * file, which may hold other servers' secrets: show it to the user, never log it.
     */
    public String diff() {
        String name = path.toString();
        return UnifiedDiff.of(
                file.exists() ? name : "/dev/null",
                file.text(),
                after.isPresent() ? name : "/dev/null",
                after.orElse(""));
    }

    /**
     * Checks that the change can be made, for a caller that does something else first.
     *
     * @throws HostConfigurationException when the file has changed since, or cannot be written
     */
    public void check() {
        if (!isEmpty()) {
            file.requireWritable();
        }
    }

    /**
     * Makes the change in one step, unless it is empty.
     *
     * @return the backup of the file as it was, where there was one
     * @throws HostConfigurationException when the file has changed since, or cannot be written; it is then as it was
     */
    public Optional<Path> apply() {
        return isEmpty() ? Optional.empty() : file.replace(after.map(file::encode), clock.instant());
    }
}
