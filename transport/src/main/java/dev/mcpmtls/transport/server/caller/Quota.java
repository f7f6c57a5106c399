// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import java.util.HashMap;
import java.util.Map;

/**
 * Limits concurrent use, in total and for each certificate: all its owners share one limit, so more subjects of access tokens get no more. One subject has
 * three quarters of that at most, so that another can always begin. A certificate that holds nothing may take one item of any size. Thread-safe.
 */
public final class Quota {

    /** The outcome of an attempt to take a place. */
    public enum Place {
        /** There was one. */
        TAKEN,
        /** This subject of the certificate has all that one may have. */
        SUBJECT_FULL,
        /** The owners of this certificate together have all they may have. */
        CERTIFICATE_FULL,
        /** All owners together have all there is. */
        FULL
    }

    private final long total;
    private final long perCertificate;
    private final long perSubject;
    private final Map<Owner, Long> taken = new HashMap<>();
    private long sum;

    public Quota(long total, long perCertificate) {
        this.total = total;
        this.perCertificate = perCertificate;
        this.perSubject = perCertificate - perCertificate / 4;
    }

    public Place take(Owner owner) {
        return take(owner, 1);
    }

    /** Takes so many places, or none. */
    public synchronized Place take(Owner owner, int amount) {
        long own = held(owner);
        if (owner.hasSubject() && own > 0 && own + amount > perSubject) {
            return Place.SUBJECT_FULL;
        }
        long all = held(owner.ofCertificate());
        if (all > 0 && all + amount > perCertificate) {
            return Place.CERTIFICATE_FULL;
        }
        if (sum > 0 && sum + amount > total) {
            return Place.FULL;
        }
        add(owner, amount);
        return Place.TAKEN;
    }

    private long held(Owner owner) {
        return taken.getOrDefault(owner, 0L);
    }

    private void add(Owner owner, long amount) {
        if (owner.hasSubject()) {
            count(owner, amount);
        }
        count(owner.ofCertificate(), amount);
        sum += amount;
    }

    private void count(Owner owner, long amount) {
        taken.compute(owner, (who, held) -> {
            long now = (held == null ? 0 : held) + amount;
            return now == 0 ? null : now;
        });
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
            case SUBJECT_FULL ->
                throw RefusedException.tooMany("too many " + what + " for one subject of "
                        + owner.identity().text() + " (at most " + perSubject + ")");
            case CERTIFICATE_FULL ->
                throw RefusedException.tooMany(
                        "too many " + what + " for " + owner.identity().text() + " (at most " + perCertificate + ")");
            case FULL -> throw RefusedException.unavailable("the server has too many " + what + "; try again later");
            case TAKEN -> {}
        }
    }

    /** Takes a place that this owner had before, whatever the limits are. */
    public synchronized void reclaim(Owner owner) {
        add(owner, 1);
    }

    public void give(Owner owner) {
        give(owner, 1);
    }

    /** Gives so many places back. */
    public synchronized void give(Owner owner, int amount) {
        add(owner, -amount);
    }

    public synchronized long sum() {
        return sum;
    }
}
