// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import java.util.HashMap;
import java.util.Map;

/** So many at a time, in total and per owner. Thread-safe. */
final class Quota {

    /** What came of an attempt to take a place. */
    enum Place {
        /** There was one. */
        TAKEN,
        /** This owner has all it may have. */
        OWNER_FULL,
        /** Everybody together has all there is. */
        FULL
    }

    private final int total;
    private final int perOwner;
    private final Map<Owner, Integer> taken = new HashMap<>();
    private int sum;

    Quota(int total, int perOwner) {
        this.total = total;
        this.perOwner = perOwner;
    }

    synchronized Place take(Owner owner) {
        int own = taken.getOrDefault(owner, 0);
        if (own >= perOwner) {
            return Place.OWNER_FULL;
        }
        if (sum >= total) {
            return Place.FULL;
        }
        taken.put(owner, own + 1);
        sum++;
        return Place.TAKEN;
    }

    /**
     * Takes a place or refuses the request.
     *
     * @param what what there is too much of, in the plural, for the message
     */
    void require(Owner owner, String what) {
        switch (take(owner)) {
            case OWNER_FULL ->
                throw RefusedException.tooMany(
                        "too many " + what + " for " + owner.identity().text() + " (at most " + perOwner + ")");
            case FULL -> throw RefusedException.unavailable("the server has too many " + what + "; try again later");
            case TAKEN -> {}
        }
    }

    synchronized void give(Owner owner) {
        taken.computeIfPresent(owner, (who, own) -> own == 1 ? null : own - 1);
        sum--;
    }

    synchronized int sum() {
        return sum;
    }
}
