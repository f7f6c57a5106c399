// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.RejectionsTest.CA;
import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static dev.mcpmtls.trust.Verifying.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.testkit.Hostile;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RelaxedTest {

    private static final Set<String> RELAXABLE =
            Set.of("UNTRUSTED_ISSUER", "EXPIRED", "NOT_YET_VALID", "WRONG_PURPOSE", "NAME_MISMATCH");

    private final ChainVerifier relaxed = verifier(TrustPolicy.relaxed(
            anchors(CA), Relaxation.UNTRUSTED_ISSUER, Relaxation.EXPIRED, Relaxation.HOSTNAME, Relaxation.PURPOSE));
    private final Issued expired =
            CA.client("late", spec -> spec.valid(NOW.minus(Duration.ofDays(2)), NOW.minus(Duration.ofDays(1))));

    static Stream<Hostile> relaxable() {
        return RejectionsTest.hostileClients().filter(hostile -> RELAXABLE.contains(hostile.reason()));
    }

    static Stream<Hostile> neverRelaxed() {
        return RejectionsTest.hostileClients().filter(hostile -> !RELAXABLE.contains(hostile.reason()));
    }

    @ParameterizedTest
    @MethodSource("relaxable")
    void letsInWhatWasNamedAsClaimedAndRecordsWhy(Hostile hostile) {
        Peer peer = acceptedBy(relaxed, hostile.credential());
        assertThat(peer.assurance()).isEqualTo(Assurance.CLAIMED);
        assertThat(peer.wouldReject())
                .isEqualTo(refusedBy(strict(CA), hostile.credential()).findings());
    }

    @ParameterizedTest
    @MethodSource("neverRelaxed")
    void refusesWhatIsNoRelaxation(Hostile hostile) {
        assertThat(refusedBy(relaxed, hostile.credential()).rejection().reason().name())
                .isEqualTo(hostile.reason());
    }

    @Test
    void callsAPeerVerifiedWhenNoRelaxationWasNeeded() {
        assertThat(acceptedBy(relaxed, CA.client("coordinator")).assurance()).isEqualTo(Assurance.VERIFIED);
    }

    @Test
    void refusesWhatOnlyAnotherRelaxationWouldLetIn() {
        ChainVerifier untrustedOnly = verifier(TrustPolicy.relaxed(anchors(CA), Relaxation.UNTRUSTED_ISSUER));
        assertThat(refusedBy(untrustedOnly, expired).rejection().reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void namesTheEnforcedReasonEvenWhenAMoreSeriousOneIsRelaxed() {
        ThrowawayCa stranger = ThrowawayCa.root("Stranger CA", NOW);
        Issued late = stranger.client("late", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        ChainVerifier untrustedOnly = verifier(TrustPolicy.relaxed(anchors(CA), Relaxation.UNTRUSTED_ISSUER));

        Verdict.Rejected rejected = refusedBy(untrustedOnly, late);

        assertThat(rejected.findings())
                .extracting(Rejection::reason)
                .containsExactly(Reason.EXPIRED, Reason.UNTRUSTED_ISSUER);
    }

    @Test
    void letsAServerOfAnotherNameInOnlyWhenHostnameIsNamed() {
        DnsName dialled = DnsName.parse("other.example.com");
        Verdict verdict = relaxed.verifyServer(chain(CA.server("weather")), dialled);
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        ChainVerifier expiredOnly = verifier(TrustPolicy.relaxed(anchors(CA), Relaxation.EXPIRED));
        assertThat(Verifying.refused(expiredOnly.verifyServer(chain(CA.server("weather")), dialled))
                        .rejection())
                .isInstanceOf(UseRejection.NameMismatch.class);
    }

    @Test
    void advertisesNoAnchorsSoThatPeersPresentWhatTheyHave() {
        assertThat(relaxed.advertisedAnchors()).isEmpty();
        assertThat(strict(CA).advertisedAnchors()).containsExactly(CA.certificate());
    }

    @Test
    void needsNoAnchors() {
        ChainVerifier anchorless = verifier(TrustPolicy.relaxed(TrustAnchors.none(), Relaxation.UNTRUSTED_ISSUER));
        assertThat(acceptedBy(anchorless, CA.client("anybody")).assurance()).isEqualTo(Assurance.CLAIMED);
    }

    @Test
    void judgesARelaxedPeerAnewOnceStrict() {
        Peer peer = acceptedBy(relaxed, expired);
        assertThat(relaxed.recheck(peer)).isEmpty();
        relaxed.replacePolicy(TrustPolicy.strict(anchors(CA)));
        assertThat(relaxed.recheck(peer)).containsInstanceOf(UseRejection.Expired.class);
    }

    @Test
    void saysWhatItRelaxes() {
        assertThat(relaxed.policy().relaxations()).isEqualTo(Relaxation.all());
        assertThat(strict(CA).policy().relaxations()).isEmpty();
    }

    @Test
    void coversEveryReasonThatIsNamedAndNoOther() {
        for (Reason reason : Reason.values()) {
            assertThat(EnumSet.allOf(Relaxation.class).stream().anyMatch(relaxation -> relaxation.covers(reason)))
                    .as("%s", reason)
                    .isEqualTo(RELAXABLE.contains(reason.name()) || reason == Reason.ISSUER_NOT_ALLOWED_FOR_NAME);
        }
    }
}
