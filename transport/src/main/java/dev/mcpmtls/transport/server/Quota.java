// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import java.util.HashMap;
import java.util.Map;

/** So many, or so much, at a time, in total and per owner. Thread-safe. */
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

    Place take(Owner owner) {
        return take(owner, 1);
    }

    private synchronized Place take(Owner owner, int amount) {
        int own = taken.getOrDefault(owner, 0);
        if (own > perOwner - amount) {
            return Place.OWNER_FULL;
        }
        if (sum > total - amount) {
            return Place.FULL;
        }
        taken.put(owner, own + amount);
        sum += amount;
        return Place.TAKEN;
    }

    /**
     * Takes a place or refuses the request.
     *
     * @param what what there is too much of, in the plural, for the message
     */
    void require(Owner owner, String what) {
        require(owner, 1, what);
    }

    /** As {@link #require(Owner, String)}, for so many places. */
    void require(Owner owner, int amount, String what) {
        switch (take(owner, amount)) {
            case OWNER_FULL ->
                throw RefusedException.tooMany(
                        "too many " + what + " for " + owner.identity().text() + " (at most " + perOwner + ")");
            case FULL -> throw RefusedException.unavailable("the server has too many " + what + "; try again later");
            case TAKEN -> {}
        }
    }

    void give(Owner owner) {
        give(owner, 1);
    }

    /** Gives so many places back. */
    synchronized void give(Owner owner, int amount) {
        taken.computeIfPresent(owner, (who, own) -> own == amount ? null : own - amount);
        sum -= amount;
    }

    synchronized int sum() {
        return sum;
    }
}
