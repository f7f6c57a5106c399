// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Keeps what arrives until a test asks for it. Thread-safe.
 *
 * @param <T> the type of all arrivals
 */
public class Arrivals<T> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BlockingQueue<T> kept = new LinkedBlockingQueue<>();

    /** Nothing has arrived yet. */
    public Arrivals() {}

    /** Something arrives. */
    public void add(T arrival) {
        kept.add(arrival);
    }

    /** The next of a kind that matches, within ten seconds; others before it are dropped. */
    public <E extends T> E await(Class<E> kind, Predicate<E> matching) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            T arrival = kept.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (arrival == null) {
                throw new AssertionError("no such " + kind.getSimpleName());
            }
            if (kind.isInstance(arrival) && matching.test(kind.cast(arrival))) {
                return kind.cast(arrival);
            }
        }
    }

    /** The next of a kind, within ten seconds; others before it are dropped. */
    public <E extends T> E await(Class<E> kind) throws InterruptedException {
        return await(kind, any -> true);
    }

    /** Asserts that none of a kind has arrived and is still kept. */
    public void assertNone(Class<? extends T> kind) {
        if (kept.stream().anyMatch(kind::isInstance)) {
            throw new AssertionError("a " + kind.getSimpleName() + " is among " + kept);
        }
    }

    /** Names the arrivals that were not asked for yet. */
    @Override
    public String toString() {
        return kept.toString();
    }
}
