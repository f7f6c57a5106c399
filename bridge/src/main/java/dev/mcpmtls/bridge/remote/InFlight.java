// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One exchange with the server, which may be aborted from another thread: what it holds is closed, now and later. */
public final class InFlight {

    /** An action that ends what the exchange waits for. */
    @FunctionalInterface
    interface Held {
        void close() throws IOException;
    }

    private final Optional<Duration> limit;
    private @Nullable Held held;
    private boolean isAborted;
    private boolean isPaused;

    private InFlight(Optional<Duration> limit) {
        this.limit = limit;
    }

    /** An exchange that lasts as long as the server needs. */
    public static InFlight unlimited() {
        return new InFlight(Optional.empty());
    }

    /** An exchange whose answer must begin within the limit. */
    public static InFlight within(Duration limit) {
        return new InFlight(Optional.of(limit));
    }

    Optional<Duration> limit() {
        return limit;
    }

    /** From now on this is closed when the exchange is aborted; at once when it has been. */
    synchronized void hold(Held resource) {
        held = resource;
        if (isAborted) {
            close();
        }
    }

    /** Whether it waits for a person, and so for longer than servers may take. */
    synchronized void pause(boolean whether) {
        isPaused = whether;
    }

    /** Aborts it when that time is over, without the time for which it was paused at its end. */
    public void abortAfter(Duration time) {
        CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (isPaused()) {
                        abortAfter(time);
                    } else {
                        abort();
                    }
                });
    }

    private synchronized boolean isPaused() {
        return isPaused;
    }

    /** From now on nothing about it interests anyone; it goes on until it is aborted. */
    public synchronized void mute() {
        isAborted = true;
    }

    public synchronized void abort() {
        isAborted = true;
        close();
        notifyAll();
    }

    public synchronized boolean isAborted() {
        return isAborted;
    }

    /** Waits, unless it is aborted meanwhile. */
    synchronized void pause(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        try {
            for (long left = time.toMillis(); !isAborted && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isAborted = true;
        }
    }

    private void close() {
        Held resource = held;
        held = null;
        if (resource != null) {
            try {
                resource.close();
            } catch (IOException e) {
                // It is of no use any more.
            }
        }
    }
}
