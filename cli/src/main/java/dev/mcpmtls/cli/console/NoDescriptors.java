// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/** Replaces a warning of Netty, which tries again each second, by one a minute that names the remedy. */
final class NoDescriptors extends TurboFilter {

    private static final long PAUSE = Duration.ofMinutes(1).toNanos();

    private final AtomicLong next = new AtomicLong(System.nanoTime());

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] parameters,
            @Nullable Throwable thrown) {
        if (!isWantOfDescriptors(thrown)) {
            return FilterReply.NEUTRAL;
        }
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + PAUSE)) {
            logger.warn("this process may open no more files: new connections wait until others close; raise its"
                    + " limit ('ulimit -n', systemd: LimitNOFILE), or lower limits.connections");
        }
        return FilterReply.DENY;
    }

    private static boolean isWantOfDescriptors(@Nullable Throwable thrown) {
        return thrown instanceof IOException
                && String.valueOf(thrown.getMessage()).contains("Too many open files");
    }
}
