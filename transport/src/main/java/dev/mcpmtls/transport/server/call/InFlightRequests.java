// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;

/** The requests whose handlers run: bounded per connection, per identity and in total. Thread-safe. */
public final class InFlightRequests {

    private final Quota quota;

    public InFlightRequests(Limits limits) {
        this.quota = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
    }

    /**
     * Takes a place.
     *
     * @return gives the place back; to be run exactly once
     * @throws RefusedException when there is none
     */
    Runnable enter(IncomingRequest incoming) {
        quota.require(incoming.owner(), "requests in flight");
        if (!incoming.takeSlot()) {
            quota.give(incoming.owner());
            throw RefusedException.tooMany("too many requests in flight on this connection");
        }
        return () -> {
            incoming.releaseSlot();
            quota.give(incoming.owner());
        };
    }

    public int count() {
        return (int) quota.sum();
    }
}
