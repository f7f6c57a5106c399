// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes open connections whose peer's verdict has lapsed, also when they are idle. The sweep runs off the event loops, and
 * only while connections are OPEN.
 */
final class OpenConnections {

    private static final Logger LOG = LoggerFactory.getLogger(OpenConnections.class);
    private static final long PERIOD_MILLIS = 2_000;

    // Not Netty's global executor, whose thread would keep a program alive that has forgotten to close a client.
    private static final ScheduledExecutorService SWEEPER = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "open-connections");
        daemon.setDaemon(true);
        return daemon;
    });

    private static final Set<TlsConnection> OPEN = ConcurrentHashMap.newKeySet();
    private static final AtomicBoolean SCHEDULED = new AtomicBoolean();

    private OpenConnections() {}

    static void add(TlsConnection connection, Channel channel) {
        OPEN.add(connection);
        channel.closeFuture().addListener(closed -> OPEN.remove(connection));
        schedule();
    }

    private static void schedule() {
        if (!OPEN.isEmpty() && SCHEDULED.compareAndSet(false, true)) {
            var unused = SWEEPER.schedule(OpenConnections::sweep, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void sweep() {
        OPEN.forEach(OpenConnections::closeIfLapsed);
        SCHEDULED.set(false);
        schedule();
    }

    private static void closeIfLapsed(TlsConnection connection) {
        try {
            connection.stands();
        } catch (RuntimeException e) {
            LOG.error("re-checking {} failed; its connection is closed", connection.peer(), e);
            connection.close();
        }
    }
}
