// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.transport.server.caller.Quota.Place;
import org.junit.jupiter.api.Test;

class QuotaTest {

    private final Owner alice = Owner.vouched(DnsName.parse("alice.demo.local"));
    private final Owner bob = Owner.vouched(DnsName.parse("bob.demo.local"));
    private final Owner carol = Owner.vouched(DnsName.parse("carol.demo.local"));
    private final Quota quota = new Quota(3, 2);

    @Test
    void boundsEachOwnerAndAllTogether() {
        assertThat(quota.take(alice)).isEqualTo(Place.TAKEN);
        assertThat(quota.take(alice)).isEqualTo(Place.TAKEN);
        assertThat(quota.take(alice)).isEqualTo(Place.CERTIFICATE_FULL);
        assertThat(quota.take(bob)).isEqualTo(Place.TAKEN);
        assertThat(quota.take(carol)).isEqualTo(Place.FULL);

        quota.give(alice);
        assertThat(quota.take(carol)).isEqualTo(Place.TAKEN);
        assertThat(quota.sum()).isEqualTo(3);
    }

    @Test
    void boundsAllSubjectsOfACertificateTogether() {
        Quota shared = new Quota(100, 8);
        Owner other = of("other");
        for (int subject = 0; subject < 1_000; subject++) {
            shared.take(of("s" + subject));
        }
        assertThat(shared.sum()).isEqualTo(8);
        assertThat(shared.take(other)).isEqualTo(Place.CERTIFICATE_FULL);
        assertThat(shared.take(alice)).as("without a token").isEqualTo(Place.CERTIFICATE_FULL);
        assertThat(shared.take(bob)).as("another certificate").isEqualTo(Place.TAKEN);

        shared.give(of("s3"));
        assertThat(shared.take(alice)).isEqualTo(Place.TAKEN);
        assertThat(shared.take(other)).isEqualTo(Place.CERTIFICATE_FULL);
        shared.give(alice);
        assertThat(shared.take(other)).isEqualTo(Place.TAKEN);
    }

    @Test
    void leavesAQuarterToTheOtherSubjectsOfACertificate() {
        Quota shared = new Quota(100, 8);
        for (int i = 0; i < 6; i++) {
            assertThat(shared.take(of("greedy"))).isEqualTo(Place.TAKEN);
        }
        assertThat(shared.take(of("greedy"))).isEqualTo(Place.SUBJECT_FULL);
        assertThatThrownBy(() -> shared.require(of("greedy"), "sessions"))
                .hasMessage("too many sessions for one subject of alice.demo.local (at most 6)");
        assertThat(shared.take(of("modest"))).isEqualTo(Place.TAKEN);
        assertThat(shared.take(of("modest"))).isEqualTo(Place.TAKEN);
        assertThat(shared.take(of("modest"))).isEqualTo(Place.CERTIFICATE_FULL);
    }

    @Test
    void forgetsAnOwnerThatHoldsNothing() {
        Quota shared = new Quota(100, 8);
        assertThat(shared.take(of("s"), 50)).as("one of any size").isEqualTo(Place.TAKEN);
        assertThat(shared.take(of("t"))).isEqualTo(Place.CERTIFICATE_FULL);
        shared.give(of("s"), 50);
        assertThat(shared.take(of("t"), 50)).isEqualTo(Place.TAKEN);
        shared.give(of("t"), 50);
        assertThat(shared.sum()).isZero();
    }

    private Owner of(String subject) {
        return new Owner(alice.identity(), alice.text() + " for " + subject, alice.text());
    }

    @Test
    void saysWhoseFaultItIs() {
        quota.take(alice);
        quota.take(alice);
        assertThatThrownBy(() -> quota.require(alice, "sessions"))
                .hasMessage("too many sessions for alice.demo.local (at most 2)");

        quota.take(bob);
        assertThatThrownBy(() -> quota.require(carol, "sessions"))
                .hasMessageContaining("the server has too many sessions");
    }
}
