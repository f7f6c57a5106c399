// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The requests that are not answered yet, or whose answers are not read: bounded per connection, per identity and in total. Thread-safe. */
public final class InFlightRequests {

    private final Quota quota;
    private final Quota unanswered;

    public InFlightRequests(Limits limits) {
        this.quota = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
        this.unanswered = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
    }

    /**
     * Takes a slot.
     *
     * @throws RefusedException when there is none
     */
    Slot enter(IncomingRequest incoming) {
        return enter(incoming, quota, "requests in flight");
    }

    /** As {@link #enter}, for a notification, which is counted apart: a client that sent one may send a request at once. */
    Slot enterUnanswered(IncomingRequest incoming) {
        return enter(incoming, unanswered, "notifications in flight");
    }

    private static Slot enter(IncomingRequest incoming, Quota quota, String what) {
        quota.require(incoming.owner(), what);
        if (!incoming.takeSlot()) {
            quota.give(incoming.owner());
            throw RefusedException.tooMany("too many requests in flight on this connection");
        }
        AtomicBoolean ofConnection = new AtomicBoolean(true);
        return new Slot(
                () -> {
                    if (ofConnection.compareAndSet(true, false)) {
                        incoming.releaseSlot();
                    }
                    quota.give(incoming.owner());
                },
                () -> quota.reclaim(incoming.owner()));
    }

    public int count() {
        return (int) (quota.sum() + unanswered.sum());
    }
}
