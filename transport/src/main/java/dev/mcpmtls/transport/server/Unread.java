// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes of answers that callers have yet to take, bounded for each and for all; and how many callers took too long. Thread-safe. */
final class Unread {

    private final Quota bytes;
    private final AtomicLong stalled = new AtomicLong();

    Unread(Limits limits) {
        this.bytes = new Quota(limits.answerBytes(), limits.answerBytesPerIdentity());
    }

    /**
     * Counts so much more for its owner; one answer is taken whatever its size.
     *
     * @throws RefusedException when there is no room for it
     */
    void require(Owner owner, int more) {
        bytes.require(owner, more, "bytes of answers that wait to be read");
    }

    void give(Owner owner, int less) {
        bytes.give(owner, less);
    }

    /** Notes that a caller stopped reading and was cut off. */
    void stalled() {
        stalled.incrementAndGet();
    }

    long bytes() {
        return bytes.sum();
    }

    /** How often {@link #stalled()} was called. */
    long stalls() {
        return stalled.get();
    }
}
