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
        assertThat(quota.take(alice)).isEqualTo(Place.OWNER_FULL);
        assertThat(quota.take(bob)).isEqualTo(Place.TAKEN);
        assertThat(quota.take(carol)).isEqualTo(Place.FULL);

        quota.give(alice);
        assertThat(quota.take(carol)).isEqualTo(Place.TAKEN);
        assertThat(quota.sum()).isEqualTo(3);
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
