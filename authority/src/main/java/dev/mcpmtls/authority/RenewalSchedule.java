// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The time to renew a certificate: after two thirds of its lifetime beside the authority, after 45 % over the network. A random part
 * makes it slightly earlier, because a fleet should not renew all at once. After failures, it retries with growing delays, at least
 * four times in the remaining lifetime. When the clock was set back to before the notBefore or the failure, the renewal is due at
 * once. Immutable; does not wait itself.
 */
public final class RenewalSchedule {

    /** The largest share of the lifetime by which the renewal is early at random. */
    private static final double JITTER = 0.05;

    private static final double BESIDE_THE_AUTHORITY = 2.0 / 3.0;
    private static final double OVER_THE_NETWORK = 0.45;

    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
    private static final Duration LAST_RETRY = Duration.ofHours(1);
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);
    private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Instant notAfter;
    private final Instant begins;
    private final Instant dueAt;
    private final int failures;

    private RenewalSchedule(
            InstantSource clock,
            RandomGenerator random,
            Instant notAfter,
            Instant begins,
            Instant dueAt,
            int failures) {
        this.clock = clock;
        this.random = random;
        this.notAfter = notAfter;
        this.begins = begins;
        this.dueAt = dueAt;
        this.failures = failures;
    }

    /** The schedule of a certificate that was just loaded. */
    public static RenewalSchedule of(X509Certificate certificate, InstantSource clock, RandomGenerator random) {
        return of(certificate, BESIDE_THE_AUTHORITY, clock, random);
    }

    /** As {@link #of}, for an authority elsewhere: due early enough that it may be down for half a lifetime. */
    public static RenewalSchedule overTheNetwork(
            X509Certificate certificate, InstantSource clock, RandomGenerator random) {
        return of(certificate, OVER_THE_NETWORK, clock, random);
    }

    private static RenewalSchedule of(
            X509Certificate certificate, double latest, InstantSource clock, RandomGenerator random) {
        Instant notBefore = certificate.getNotBefore().toInstant();
        Instant notAfter = certificate.getNotAfter().toInstant();
        double share = latest - JITTER * random.nextDouble();
        Duration age = scale(Duration.between(notBefore, notAfter), share);
        return new RenewalSchedule(clock, random, notAfter, notBefore, notBefore.plus(age), 0);
    }

    /** The schedule of a certificate that could not be read just now. */
    static RenewalSchedule ofUnreadable(InstantSource clock, RandomGenerator random) {
        Instant now = clock.instant();
        return new RenewalSchedule(clock, random, Instant.MAX, now, now, 0).afterFailure();
    }

    /** The schedule after an attempt that failed just now. */
    public RenewalSchedule afterFailure() {
        Instant now = clock.instant();
        Instant retryAt = now.plus(retryDelay(Duration.between(now, notAfter)));
        return new RenewalSchedule(clock, random, notAfter, now, retryAt, failures + 1);
    }

    /** As {@link #afterFailure()}, but not before a time that the server asks for; at most a day. */
    RenewalSchedule afterFailure(Duration atLeast) {
        RenewalSchedule next = afterFailure();
        Instant earliest = next.begins.plus(Collections.min(List.of(atLeast, LONGEST_WAIT)));
        return next.dueAt.isBefore(earliest)
                ? new RenewalSchedule(clock, random, notAfter, next.begins, earliest, next.failures)
                : next;
    }

    /** The time to renew. */
    public Instant dueAt() {
        return dueAt;
    }

    /** Whether the renewal is due. */
    public boolean isDue() {
        Instant now = clock.instant();
        return !now.isBefore(dueAt) || now.isBefore(begins);
    }

    /** The time until the renewal; zero when it is due. */
    public Duration remaining() {
        return isDue() ? Duration.ZERO : Duration.between(clock.instant(), dueAt);
    }

    /** The delay, which doubles with each failure; half of it is random. */
    private Duration retryDelay(Duration left) {
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures, 9));
        delay = Collections.min(List.of(delay, LAST_RETRY));
        if (!left.isNegative()) {
            delay = Collections.min(List.of(delay, left.dividedBy(4)));
        }
        delay = scale(delay, 1 - 0.5 * random.nextDouble());
        return Collections.max(List.of(delay, SHORTEST_RETRY));
    }

    private static Duration scale(Duration duration, double factor) {
        return Duration.ofMillis((long) (duration.toMillis() * factor));
    }
}
