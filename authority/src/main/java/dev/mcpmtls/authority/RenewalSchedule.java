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
 * When to renew a certificate: at two thirds of its life, somewhat earlier by chance so that a fleet does not come all at once;
 * after a failure again and again, at growing distances, and in what is left of the life at least four times; and at once when the
 * clock was set back to before the certificate begins, or to before the failure. Immutable; does no waiting itself.
 */
public final class RenewalSchedule {

    /** The share of a life by which chance brings the renewal forward, at most. */
    private static final double JITTER = 0.05;

    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
    private static final Duration LAST_RETRY = Duration.ofHours(1);
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

    /** The schedule of a certificate that was just taken into use. */
    public static RenewalSchedule of(X509Certificate certificate, InstantSource clock, RandomGenerator random) {
        Instant notBefore = certificate.getNotBefore().toInstant();
        Instant notAfter = certificate.getNotAfter().toInstant();
        double share = 2.0 / 3.0 - JITTER * random.nextDouble();
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

    /** When to renew. */
    public Instant dueAt() {
        return dueAt;
    }

    /** Whether it is time. */
    public boolean isDue() {
        Instant now = clock.instant();
        return !now.isBefore(dueAt) || now.isBefore(begins);
    }

    /** How long until then; zero when it is time. */
    public Duration remaining() {
        return isDue() ? Duration.ZERO : Duration.between(clock.instant(), dueAt);
    }

    /** Doubles from failure to failure; half of it is left to chance. */
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
