// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecheckTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private Instant time = NOW;
    private final ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors(ca)), () -> time);

    @Test
    void aVerdictStandsUntilTheLastInstantOfTheLeaf() {
        Peer peer = acceptedBy(verifier, ca.client("coordinator", spec -> spec.valid(NOW, NOW.plusSeconds(60))));
        assertThat(peer.goodUntil()).isEqualTo(NOW.plusSeconds(60));
        time = NOW.plusSeconds(60);
        assertThat(verifier.recheck(peer)).isEmpty();
        time = NOW.plusSeconds(60).plusMillis(1);
        assertThat(verifier.recheck(peer)).containsInstanceOf(UseRejection.Expired.class);
    }

    @Test
    void aVerdictHoldsFromTheFirstInstantOfTheLeaf() {
        var client = ca.client("coordinator", spec -> spec.valid(NOW, NOW.plusSeconds(60)));
        Peer peer = acceptedBy(verifier, client);
        assertThat(peer.standing().from()).isEqualTo(NOW);
        assertThat(acceptedBy(verifier, client)).as("at that very instant").isSameAs(peer);
        time = NOW.minusMillis(1);
        assertThat(verifier.recheck(peer)).containsInstanceOf(UseRejection.NotYetValid.class);
        time = NOW.plusSeconds(60);
        assertThat(acceptedBy(verifier, client)).as("at the last one").isSameAs(peer);
    }

    @Test
    void aPeerSaysWhatWasJudged() {
        var client = ca.client("coordinator");
        Peer peer = acceptedBy(verifier, client);
        assertThat(peer.chain().certificates()).isEqualTo(client.chain());
        assertThat(peer.purpose()).isEqualTo(Purpose.CLIENT);
        assertThat(peer).hasToString("spiffe://demo.local/agent/coordinator (VERIFIED)");
    }

    @Test
    void aChangeOfPolicyStartsFromTheOneInForce() {
        TrustPolicy first = verifier.policy();
        verifier.changePolicy(policy -> {
            assertThat(policy).isSameAs(first);
            return policy.withAnchors(TrustAnchors.none());
        });
        assertThat(verifier.policy().anchors().certificates()).isEmpty();
        assertThat(verifier.advertisedAnchors()).isEmpty();
    }

    @Test
    void examiningOwnChainTellsWhatAStrictPeerWouldHoldAgainstIt() {
        Chain late = Verifying.chain(ca.client("late", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1))));
        ChainVerifier relaxed = Verifying.verifier(TrustPolicy.relaxed(anchors(ca), Relaxation.EXPIRED));
        assertThat(relaxed.examine(late, Purpose.CLIENT))
                .hasOnlyElementsOfType(UseRejection.Expired.class)
                .isNotEmpty();
        assertThat(relaxed.examine(Verifying.chain(ca.client("good")), Purpose.CLIENT))
                .isEmpty();
    }

    @Test
    void aVerdictFallsWithAnIntermediate() {
        ThrowawayCa team = ca.intermediate("Team CA", spec -> spec.valid(NOW, NOW.plusSeconds(60)));
        Peer peer = acceptedBy(verifier, team.client("coordinator"));
        time = NOW.plusSeconds(61);
        assertThat(verifier.recheck(peer)).containsInstanceOf(UseRejection.Expired.class);
    }

    @Test
    void aVerdictFallsWithTheAnchor() {
        ThrowawayCa brief = ThrowawayCa.root("Brief CA", NOW, spec -> spec.valid(NOW, NOW.plusSeconds(60)));
        verifier.replacePolicy(TrustPolicy.strict(anchors(brief)));
        Peer peer = acceptedBy(verifier, brief.client("coordinator"));
        time = NOW.plusSeconds(61);
        assertThat(verifier.recheck(peer)).containsInstanceOf(UseRejection.Expired.class);
    }

    @Test
    void aClockSetBackBeforeTheStartIsNoticed() {
        Peer peer = acceptedBy(verifier, ca.client("coordinator"));
        time = NOW.minus(Duration.ofHours(1));
        assertThat(verifier.recheck(peer)).containsInstanceOf(UseRejection.NotYetValid.class);
    }

    @Test
    void aReplacedPolicyIsAskedAgain() {
        Peer peer = acceptedBy(verifier, ca.client("coordinator"));
        verifier.replacePolicy(TrustPolicy.strict(anchors(ca)));
        assertThat(verifier.recheck(peer)).isEmpty();
        verifier.replacePolicy(TrustPolicy.strict(anchors(ThrowawayCa.root("Other CA", NOW))));
        assertThat(verifier.recheck(peer)).containsInstanceOf(PathRejection.UntrustedIssuer.class);
    }

    @Test
    void aPeerOfAnotherVerifierIsJudgedByThisOne() {
        Peer peer = acceptedBy(verifier, ca.client("coordinator"));
        ChainVerifier other = Verifying.strict(ThrowawayCa.root("Other CA", NOW));
        assertThat(other.recheck(peer)).containsInstanceOf(PathRejection.UntrustedIssuer.class);
    }

    @Test
    void theSameChainIsAnsweredFromTheCacheButNotForAnotherRoleOrTime() {
        var client = ca.client("coordinator");
        Peer first = acceptedBy(verifier, client);
        assertThat(acceptedBy(verifier, client)).isSameAs(first);
        assertThat(verifier.verifyServer(Verifying.chain(client), dev.mcpmtls.identity.DnsName.parse("localhost")))
                .isInstanceOf(Verdict.Rejected.class);
        time = NOW.plus(Duration.ofDays(2));
        assertThat(verifier.verifyClient(Verifying.chain(client))).isInstanceOf(Verdict.Rejected.class);
    }
}
