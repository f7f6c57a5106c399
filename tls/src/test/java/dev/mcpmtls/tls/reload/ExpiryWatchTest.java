// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.CredentialExpiring;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Lifetime;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ExpiryWatchTest {

    private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");
    private static final Duration DAY = Duration.ofHours(24);

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", START);
    private final MovableClock clock = new MovableClock(START);
    private final List<AuditEvent> events = new ArrayList<>();
    private final AuditSink audit = event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    };
    private final ReplaceableCredential source = new ReplaceableCredential(lasting(DAY));
    private final ExpiryWatch watch = new ExpiryWatch(source, audit, clock);

    @Test
    void warnsAtAThirdAndASixthOfTheLifeLeftThenHourlyAndAtTheEnd() {
        List<Duration> warnedAt = new ArrayList<>();
        for (Duration age = Duration.ZERO; age.compareTo(Duration.ofHours(26)) < 0; age = age.plusMinutes(1)) {
            lookAt(age);
            if (!events.isEmpty()) {
                warnedAt.add(age);
                events.clear();
            }
        }
        assertThat(warnedAt)
                .containsExactly(
                        Duration.ofHours(16),
                        Duration.ofHours(20),
                        Duration.ofHours(21),
                        Duration.ofHours(22),
                        Duration.ofHours(23),
                        Duration.ofHours(24).plusMinutes(1));
    }

    @Test
    void saysNothingWhileMoreThanAThirdIsLeft() {
        lookAt(Duration.ofHours(15));
        assertThat(events).isEmpty();
    }

    @Test
    void saysOnceWhatAClockThatJumpsForwardPasses() {
        lookAt(Duration.ofDays(30));
        lookAt(Duration.ofDays(31));
        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        CredentialExpiring.class,
                        expiring -> assertThat(expiring.left()).isNegative());
    }

    @Test
    void warnsAgainAfterTheClockWasSetBack() {
        lookAt(Duration.ofDays(30));
        lookAt(Duration.ofHours(1));
        lookAt(Duration.ofHours(16));
        assertThat(events).hasSize(2);
    }

    @Test
    void startsAnewWithANewCredential() {
        lookAt(Duration.ofHours(21));
        source.replace(lasting(Duration.ofHours(63)));
        lookAt(Duration.ofHours(22));
        assertThat(events).hasSize(1);
        lookAt(Duration.ofHours(42));
        assertThat(events).hasSize(2);
    }

    @Test
    void warnsOfAYearsCertificateHourlyOnItsLastDayOnly() {
        assertThat(stage(Duration.ofDays(61))).isEqualTo(2);
        assertThat(stage(Duration.ofHours(25))).isEqualTo(2);
        assertThat(stage(Duration.ofHours(23))).isEqualTo(3);
        assertThat(stage(Duration.ofHours(22))).isEqualTo(4);
    }

    private static int stage(Duration left) {
        Instant end = START.plus(Duration.ofDays(366));
        return ExpiryWatch.stage(new Lifetime(START, end), end.minus(left));
    }

    private void lookAt(Duration age) {
        clock.set(START.plus(age));
        watch.look();
    }

    private Credential lasting(Duration life) {
        Issued issued = ca.server("weather", spec -> spec.valid(START, START.plus(life)));
        return Credential.of("weather", issued.privateKey(), new Chain(issued.chain()));
    }
}
