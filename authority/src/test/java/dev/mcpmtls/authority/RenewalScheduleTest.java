// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RenewalScheduleTest {

    private static final Instant BORN = Instant.parse("2026-11-22T10:00:00Z");

    private Instant now = BORN;

    @Test
    void isDueAtTwoThirdsOfTheLifeOrUpToATwentiethOfItEarlier() {
        Duration life = Duration.ofHours(24).plusMinutes(1);
        Instant notBefore = BORN.minus(Duration.ofMinutes(1));

        assertThat(schedule(life, () -> 0L).dueAt()).isEqualTo(notBefore.plusMillis(life.toMillis() * 2 / 3));
        for (int seed = 0; seed < 100; seed++) {
            assertThat(schedule(life, new Random(seed)).dueAt())
                    .isBetween(
                            notBefore.plusMillis((long) (life.toMillis() * 0.6166)),
                            notBefore.plusMillis(life.toMillis() * 2 / 3));
        }
    }

    @Test
    void spreadsAFleetOut() {
        Duration life = Duration.ofHours(24);

        assertThat(schedule(life, new Random(1)).dueAt())
                .isNotEqualTo(schedule(life, new Random(2)).dueAt());
    }

    @Test
    void becomesDueAtThatMomentAndNotBefore() {
        RenewalSchedule schedule = schedule(Duration.ofHours(24), new Random(1));

        now = schedule.dueAt().minusMillis(1);
        assertThat(schedule.isDue()).isFalse();
        assertThat(schedule.remaining()).isEqualTo(Duration.ofMillis(1));
        now = schedule.dueAt();
        assertThat(schedule.isDue()).isTrue();
        now = now.plusSeconds(5);
        assertThat(schedule.remaining()).isZero();
    }

    @Test
    void backsOffFromFailureToFailureUpToAnHour() {
        RenewalSchedule schedule = schedule(Duration.ofDays(365), () -> 0L);
        now = schedule.dueAt();

        for (int seconds = 10; seconds < 3600; seconds *= 2) {
            schedule = schedule.afterFailure();
            assertThat(schedule.remaining()).isEqualTo(Duration.ofSeconds(seconds));
        }
        assertThat(schedule.afterFailure().remaining()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void triesOftenEnoughWhenLittleOfTheLifeIsLeft() {
        RenewalSchedule schedule = schedule(Duration.ofMinutes(2), () -> 0L);
        now = BORN.plusSeconds(58);

        assertThat(schedule.afterFailure().remaining()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void keepsTryingAfterTheEnd() {
        RenewalSchedule schedule = schedule(Duration.ofMinutes(2), () -> 0L);
        now = BORN.plus(Duration.ofDays(1));

        assertThat(schedule.afterFailure().remaining()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void waitsAsLongAsTheServerAsksForButNotForEver() {
        RenewalSchedule schedule = schedule(Duration.ofHours(10), () -> 0L);
        now = BORN.plus(Duration.ofHours(9));

        assertThat(schedule.afterFailure(Duration.ZERO).dueAt())
                .isEqualTo(schedule.afterFailure().dueAt());
        assertThat(schedule.afterFailure(Duration.ofMinutes(20)).remaining()).isEqualTo(Duration.ofMinutes(20));
        assertThat(schedule.afterFailure(Duration.ofDays(999)).remaining()).isEqualTo(Duration.ofDays(1));
    }

    /** A certificate that began a minute before {@link #BORN}; its lifetime starts then. */
    private RenewalSchedule schedule(Duration life, RandomGenerator random) {
        Issuer root = Issuer.root(
                new Issuer.Subject("demo.local", "root", Duration.ofDays(3650), 0),
                new IssuerKeys(Optional.empty()).create(KeyType.EC_P256, Optional.empty(), new SecureRandom()),
                BORN,
                new SecureRandom());
        Grant grant = Grant.agent("demo.local", "coordinator").withLifetime(life.minus(Issuer.BACKDATING));
        X509Certificate leaf = root.issue(
                grant,
                root.certificate().getPublicKey(),
                Issuer.randomSerial(new SecureRandom()),
                BORN,
                new SecureRandom());
        return RenewalSchedule.of(leaf, () -> now, random);
    }
}
