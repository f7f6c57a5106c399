// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of answers, and the number of refusals, that callers have not read yet, bounded for each caller and for all. Also counts the
 * callers that took too long. Thread-safe.
 */
public final class UnreadOutput {

    private final Quota bytes;
    private final Quota refusals;
    private final AtomicLong refusalsReset = new AtomicLong();
    private final AtomicLong stalled = new AtomicLong();

    UnreadOutput(Limits limits) {
        this.bytes = new Quota(limits.answerBytes(), limits.answerBytesPerIdentity());
        this.refusals = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
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

    /** Whether one more refusal may wait for its reader; if so, {@link #refusalLeft} has to follow, if not, a reset. */
    boolean mayRefuse(Owner owner) {
        boolean may = refusals.take(owner) == Quota.Place.TAKEN;
        if (!may) {
            refusalsReset.incrementAndGet();
        }
        return may;
    }

    void refusalLeft(Owner owner) {
        refusals.give(owner);
    }

    /** Notes that a caller stopped reading and was disconnected. */
    void stalled() {
        stalled.incrementAndGet();
    }

    public long bytes() {
        return bytes.sum();
    }

    public int refusals() {
        return (int) refusals.sum();
    }

    /** How often one more refusal was not to wait. */
    public long refusalsReset() {
        return refusalsReset.get();
    }

    /** How often {@link #stalled()} was called. */
    public long stalls() {
        return stalled.get();
    }
}
