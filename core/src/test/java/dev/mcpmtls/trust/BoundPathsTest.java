// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.BoundAnchors.ADDITIONAL;
import static dev.mcpmtls.trust.BoundAnchors.OURS;
import static dev.mcpmtls.trust.BoundAnchors.OWN;
import static dev.mcpmtls.trust.BoundAnchors.PARTNER;
import static dev.mcpmtls.trust.BoundAnchors.all;
import static dev.mcpmtls.trust.BoundAnchors.anchors;
import static dev.mcpmtls.trust.BoundAnchors.named;
import static dev.mcpmtls.trust.BoundAnchors.presenting;
import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Tells our anchors from others', and takes another path when an anchor may not vouch. */
class BoundPathsTest {

    private final ChainVerifier verifier = presenting(OWN, all());

    @Nested
    class FindsAnotherPath {

        @Test
        void throughAnAnchorThatMayVouch() {
            ThrowawayCa team = OURS.intermediate("Team CA");
            Issued leaf = team.client("coordinator");
            X509Certificate crossSigned = PARTNER.crossSign(team);
            TrustAnchors partnerFirst =
                    anchors(PARTNER).boundTo("spiffe://partner.example/**").and(anchors(OURS));
            ChainVerifier verifier = presenting(OWN, partnerFirst);
            acceptedBy(verifier, leaf.withChain(leaf.leaf(), crossSigned, team.certificate()));
            assertThat(refusedBy(verifier, leaf.withChain(leaf.leaf(), crossSigned))
                            .rejection())
                    .isInstanceOf(IssuerNotAllowedForName.class);
        }

        @Test
        void amongAnchorsOfOneNameAndKey() {
            KeyPair keys = Keys.ec();
            ThrowawayCa one = ThrowawayCa.root("Shared CA", NOW, spec -> spec.keys(keys));
            ThrowawayCa two = ThrowawayCa.root("Shared CA", NOW, spec -> spec.keys(keys));
            TrustAnchors anchors = anchors(OURS)
                    .and(anchors(one).boundTo("spiffe://one.example/**"))
                    .and(anchors(two).boundTo("spiffe://two.example/**"));
            ChainVerifier verifier = presenting(OWN, anchors);
            acceptedBy(verifier, named(one, spec -> spec.uri("spiffe://two.example/agent/a")));
            acceptedBy(verifier, named(two, spec -> spec.uri("spiffe://one.example/agent/a")));
            refusedBy(verifier, named(two, spec -> spec.uri("spiffe://demo.local/agent/a")));
        }

        @Test
        void forOneAnchorInTwoFiles() {
            TrustAnchors anchors = anchors(OURS)
                    .and(anchors(PARTNER).boundTo("spiffe://one.example/**"))
                    .and(anchors(PARTNER).boundTo("spiffe://two.example/**"));
            ChainVerifier verifier = presenting(OWN, anchors);
            acceptedBy(verifier, named(PARTNER, spec -> spec.uri("spiffe://one.example/agent/a")));
            acceptedBy(verifier, named(PARTNER, spec -> spec.uri("spiffe://two.example/agent/a")));
            refusedBy(verifier, named(PARTNER, spec -> spec.uri("spiffe://demo.local/agent/a")));
        }

        @Test
        void neverThroughOurRootInAnotherFile() {
            TrustAnchors anchors = anchors(OURS).and(anchors(PARTNER, OURS.certificate()));
            refusedBy(presenting(OWN, anchors), PARTNER.client("coordinator"));
            acceptedBy(presenting(OWN, anchors), OURS.client("coordinator"));
        }
    }

    @Nested
    class OursAre {

        @Test
        void bothRootsOfARollover() {
            ThrowawayCa next = ThrowawayCa.root("Our next CA", NOW);
            ChainVerifier verifier = presenting(OWN, anchors(ADDITIONAL).and(anchors(OURS, next.certificate())));
            acceptedBy(verifier, OURS.client("coordinator"));
            acceptedBy(verifier, next.client("coordinator"));
            refusedBy(verifier, ADDITIONAL.client("coordinator"));
        }

        @Test
        void thoseOfTheFirstFileWhenOurLeafVerifiesWithNone() {
            Issued foreign = ThrowawayCa.root("Public CA", NOW).server("weather");
            ChainVerifier verifier = presenting(foreign, anchors(OURS).and(anchors(ADDITIONAL)));
            acceptedBy(verifier, OURS.client("coordinator"));
            refusedBy(verifier, ADDITIONAL.client("coordinator"));
        }

        @Test
        void stillOursOnceOurLeafHasExpired() {
            Issued late = OURS.server("weather", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
            ChainVerifier verifier = presenting(late, anchors(ADDITIONAL).and(anchors(OURS)));
            acceptedBy(verifier, OURS.client("coordinator"));
            refusedBy(verifier, ADDITIONAL.client("coordinator"));
        }

        @Test
        void reportedWithTheTrustDomainAndAsALineToWrite() {
            Rejection finding = refusedBy(verifier, named(OURS, spec -> spec.uri("spiffe://other.example/agent/a")))
                    .rejection();
            assertThat(finding.explain()).contains("spiffe://other.example/agent/a", "CN=Our CA", "demo.local alone");
            assertThat(finding.remedy().text()).contains("for: [\"spiffe://other.example/**\"]");
        }
    }

    @Nested
    class WithoutASpiffeIdOfOurs {

        private final Issued nameless =
                OURS.server("weather", spec -> spec.withoutNames().dns("weather.example"));
        private final Issued other = named(OURS, spec -> spec.uri("spiffe://other.example/agent/a"));

        @Test
        void aSoleAnchorVouchesForEveryDomain() {
            acceptedBy(presenting(nameless, anchors(OURS)), other);
            acceptedBy(presenting(nameless, anchors(OURS)), OURS.client("coordinator"));
            TrustAnchors bound = anchors(OURS).and(anchors(PARTNER).boundTo("spiffe://partner.example/**"));
            acceptedBy(presenting(nameless, bound), other);
            refusedBy(presenting(nameless, bound), named(OURS, spec -> spec.uri("spiffe://partner.example/agent/a")));
        }

        @Test
        void theSettingSaysWhichIsOurs() {
            ChainVerifier verifier = presenting(nameless, anchors(OURS).inTrustDomain("demo.local"));
            acceptedBy(verifier, OURS.client("coordinator"));
            refusedBy(verifier, other);
        }

        @Test
        void noneOfTwoUnboundAnchorsVouchesForAny() {
            ChainVerifier verifier = presenting(nameless, anchors(OURS).and(anchors(ADDITIONAL)));
            assertThat(refusedBy(verifier, OURS.client("coordinator"))
                            .rejection()
                            .remedy()
                            .text())
                    .contains("set trust-domain");
            refusedBy(verifier, ADDITIONAL.client("coordinator"));
            acceptedBy(verifier, named(ADDITIONAL, spec -> spec.dns("third.example")));
            refusedBy(verifier, named(ADDITIONAL, spec -> spec.dns("weather.example")));
        }
    }
}
