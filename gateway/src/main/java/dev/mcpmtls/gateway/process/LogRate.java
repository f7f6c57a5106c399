// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a server that writes without end from filling our log: so many lines of it in ten seconds. Not thread-safe. */
final class LogRate {

    private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);
    private static final int MAX_LINES = 200;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String name;
    private long begun = System.nanoTime();
    private long lines;

    LogRate(String name) {
        this.name = name;
    }

    /** Counts a line, and tells whether it is logged. */
    boolean allows() {
        long now = System.nanoTime();
        if (now - begun > WINDOW_NANOS) {
            begun = now;
            lines = 0;
        }
        if (++lines == MAX_LINES + 1) {
            LOG.info("{} writes more than {} lines in 10 s; the others are left out", name, MAX_LINES);
        }
        return lines <= MAX_LINES;
    }
}
