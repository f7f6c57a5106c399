// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does one thing after the other, of a bounded number that wait: what the host sent in an order arrives in it. Thread-safe. */
final class Lane {

    private static final int MAX_WAITING = 1_000;

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
                Thread made = new Thread(task, "mcp-mtls-lane");
                made.setDaemon(true);
                return made;
            });

    /** A moment that others wait for, such as the end of everything that was put into the lane before. */
    static final class Mark {

        private final CountDownLatch reached = new CountDownLatch(1);

        void reach() {
            reached.countDown();
        }

        void await(Duration limit) {
            try {
                var unused = reached.await(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Does this after the rest; not when too much waits. */
    boolean run(Runnable task) {
        try {
            thread.execute(task);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    Mark mark() {
        Mark mark = new Mark();
        if (!run(mark::reach)) {
            mark.reach();
        }
        return mark;
    }

    void close() {
        thread.shutdownNow();
    }
}
