// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import java.util.HashMap;
import java.util.Map;

/** Limits concurrent use, in total and per owner; an owner that holds nothing may take one item of any size. Thread-safe. */
public final class Quota {

    /** The outcome of an attempt to take a place. */
    public enum Place {
        /** There was one. */
        TAKEN,
        /** This owner has all it may have. */
        OWNER_FULL,
        /** All owners together have all there is. */
        FULL
    }

    private final long total;
    private final long perOwner;
    private final Map<Owner, Long> taken = new HashMap<>();
    private long sum;

    public Quota(long total, long perOwner) {
        this.total = total;
        this.perOwner = perOwner;
    }

    public Place take(Owner owner) {
        return take(owner, 1);
    }

    /** Takes so many places; whether there were that many. */
    public boolean tryTake(Owner owner, int amount) {
        return take(owner, amount) == Place.TAKEN;
    }

    private synchronized Place take(Owner owner, int amount) {
        long own = taken.getOrDefault(owner, 0L);
        if (own > 0 && own + amount > perOwner) {
            return Place.OWNER_FULL;
        }
        if (sum > 0 && sum + amount > total) {
            return Place.FULL;
        }
        taken.put(owner, own + amount);
        sum += amount;
        return Place.TAKEN;
    }

    /**
     * Takes a place or refuses the request.
     *
     * @param what the name of the limited things, in the plural, for the message
     */
    public void require(Owner owner, String what) {
        require(owner, 1, what);
    }

    /** As {@link #require(Owner, String)}, for so many places. */
    public void require(Owner owner, int amount, String what) {
        switch (take(owner, amount)) {
            case OWNER_FULL ->
                throw RefusedException.tooMany(
                        "too many " + what + " for " + owner.identity().text() + " (at most " + perOwner + ")");
            case FULL -> throw RefusedException.unavailable("the server has too many " + what + "; try again later");
            case TAKEN -> {}
        }
    }

    /** Takes a place that this owner had before, whatever the limits are. */
    public synchronized void reclaim(Owner owner) {
        taken.merge(owner, 1L, Long::sum);
        sum++;
    }

    public void give(Owner owner) {
        give(owner, 1);
    }

    /** Gives so many places back. */
    public synchronized void give(Owner owner, int amount) {
        taken.computeIfPresent(owner, (who, own) -> own == amount ? null : own - amount);
        sum -= amount;
    }

    public synchronized long sum() {
        return sum;
    }
}
