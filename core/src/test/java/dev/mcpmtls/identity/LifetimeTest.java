// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.ThrowawayCa;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LifetimeTest {

    private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");
    private static final Lifetime SIX_DAYS = new Lifetime(START, START.plus(Duration.ofDays(6)));

    @Test
    void renewalIsOverdueFromTheLastSixthOn() {
        assertThat(SIX_DAYS.isRenewalOverdue(START.plus(Duration.ofDays(5)))).isTrue();
        assertThat(SIX_DAYS.isRenewalOverdue(START.plus(Duration.ofDays(7)))).isTrue();
    }

    @Test
    void renewalIsNotOverdueBefore() {
        assertThat(SIX_DAYS.isRenewalOverdue(START.plus(Duration.ofDays(5)).minusNanos(1)))
                .isFalse();
    }

    @Test
    void aChainLivesFromItsLeafsStartUntilItsFirstCertificateExpires() {
        Instant soon = START.plus(Duration.ofDays(2));
        ThrowawayCa intermediate = ThrowawayCa.root("Root", START)
                .intermediate("Intermediate", spec -> spec.valid(START.minusSeconds(60), soon));
        Instant later = soon.plus(Duration.ofDays(1));
        Chain chain = new Chain(
                intermediate.client("agent", spec -> spec.valid(START, later)).chain());

        assertThat(Lifetime.of(chain)).isEqualTo(new Lifetime(START, soon));
    }
}
