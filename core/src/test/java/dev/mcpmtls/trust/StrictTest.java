// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import org.junit.jupiter.api.Test;

/** Chains that strict accepts; {@code RejectionsTest} has the refused ones with their reasons. */
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
    void aPeerWithoutNamesIsItsKey() {
        Issued nameless = ca.client("x", spec -> spec.withoutNames());
        assertThat(acceptedBy(strict(ca), nameless).identity())
                .isEqualTo(PublicKeyPin.of(nameless.leaf().getPublicKey()));
    }

    @Test
    void takesAsManyBytesAsTheBoundSays() throws Exception {
        Issued client = ca.client("x");
        int bytes = client.leaf().getEncoded().length;
        TrustPolicy policy = TrustPolicy.strict(Verifying.anchors(ca));
        acceptedBy(Verifying.verifier(policy.withBounds(new TrustPolicy.Bounds(8, bytes))), client);
        Rejection above = Verifying.refusedBy(
                        Verifying.verifier(policy.withBounds(new TrustPolicy.Bounds(8, bytes - 1))), client)
                .rejection();
        assertThat(above).isEqualTo(new FormRejection.ChainTooLarge(bytes, bytes - 1));
        assertThat(above.explain()).contains(bytes + " bytes", "tls.chain.max-bytes");
        assertThat(above.remedy().text()).contains("tls.chain.max-bytes");
    }

    @Test
    void acceptsThroughIntermediates() {
        ThrowawayCa team = ca.intermediate("Division CA").intermediate("Team CA");
        assertThat(acceptedBy(strict(ca), team.client("coordinator")).assurance())
                .isEqualTo(Assurance.VERIFIED);
    }
}
