// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.testkit.ThrowawayCa;
import org.junit.jupiter.api.Test;

/** What strict accepts; what it refuses, and why, is in {@code RejectionsTest}. */
class StrictTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @Test
    void acceptsAClientOfTheAnchorByItsSpiffeId() {
        Peer peer = acceptedBy(strict(ca), ca.client("coordinator"));
        assertThat(peer.identity().text()).isEqualTo("spiffe://demo.local/agent/coordinator");
        assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
        assertThat(peer.wouldReject()).isEmpty();
    }

    @Test
    void acceptsAServerUnderTheNameThatWasDialled() {
        Verdict verdict = strict(ca).verifyServer(Verifying.chain(ca.server("weather")), DnsName.parse("localhost"));
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void acceptsThroughIntermediates() {
        ThrowawayCa team = ca.intermediate("Division CA").intermediate("Team CA");
        assertThat(acceptedBy(strict(ca), team.client("coordinator")).assurance())
                .isEqualTo(Assurance.VERIFIED);
    }
}
