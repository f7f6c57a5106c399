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
import static dev.mcpmtls.trust.BoundAnchors.server;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName.Limit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Names beyond a binding are dropped, and wildcards are judged by the dialled name. */
class BoundNamesTest {

    private final ChainVerifier verifier = presenting(OWN, all());

    @Nested
    class DropsNames {

        @Test
        void thatTheAnchorMayNotVouchFor() {
            Peer peer = acceptedBy(
                    verifier,
                    named(
                            PARTNER,
                            spec -> spec.dns("weather.demo.local")
                                    .dns("mtls.partner.example")
                                    .ip("127.0.0.1")
                                    .ip("198.51.100.9")));
            assertThat(peer.identity()).isEqualTo(DnsName.parse("mtls.partner.example"));
            assertThat(Caller.of(peer).names())
                    .extracting(Identity::text)
                    .containsExactly("mtls.partner.example", "198.51.100.9");
            assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
        }

        @Test
        void besideASpiffeIdToo() {
            Peer peer = acceptedBy(
                    verifier,
                    named(
                            PARTNER,
                            spec -> spec.uri("spiffe://partner.example/agent/a").dns("localhost")));
            assertThat(peer.names()).extracting(Identity::text).containsExactly("spiffe://partner.example/agent/a");
        }

        @Test
        void fromAServerButNotTheDialledOne() {
            Issued both = server(PARTNER, spec -> spec.dns("localhost").dns("mtls.partner.example"));
            assertThat(verifier.verifyServer(chain(both), DnsName.parse("mtls.partner.example")))
                    .isInstanceOf(Verdict.Accepted.class);
            assertThat(refused(verifier.verifyServer(chain(both), DnsName.parse("localhost")))
                            .rejection())
                    .isInstanceOf(IssuerNotAllowedForName.class);
        }

        @Test
        void andPrefersThePathThatLosesNone() {
            ThrowawayCa team = OURS.intermediate("Team CA");
            Issued leaf = named(team, spec -> spec.dns("weather.demo.local").dns("third.example"));
            TrustAnchors partnerFirst =
                    anchors(PARTNER).boundTo("dns:third.example").and(anchors(OURS));
            ChainVerifier verifier = presenting(OWN, partnerFirst);
            Issued crossSigned = leaf.withChain(leaf.leaf(), PARTNER.crossSign(team), team.certificate());
            // Each anchor may vouch for one of both, so the first path stays.
            assertThat(acceptedBy(verifier, crossSigned).names())
                    .extracting(Identity::text)
                    .containsExactly("third.example");
            ChainVerifier unreserved = presenting(
                    OWN,
                    anchors(PARTNER)
                            .boundTo("dns:fourth.example", "dns:*.example.com")
                            .and(anchors(OURS)));
            assertThat(acceptedBy(unreserved, crossSigned).names()).hasSize(2);
        }
    }

    @Nested
    class JudgesWildcards {

        private final Issued wildcard = server(PARTNER, spec -> spec.dns("*.apps.partner.example"));

        @Test
        void byTheDialledName() {
            assertThat(verifier.verifyServer(chain(wildcard), DnsName.parse("x.apps.partner.example")))
                    .isInstanceOf(Verdict.Accepted.class);
            Issued wider = server(PARTNER, spec -> spec.dns("*.partner.example"));
            assertThat(verifier.verifyServer(chain(wider), DnsName.parse("mtls.partner.example")))
                    .isInstanceOf(Verdict.Accepted.class);
            assertThat(refused(verifier.verifyServer(chain(wider), DnsName.parse("www.partner.example")))
                            .rejection())
                    .isInstanceOf(IssuerNotAllowedForName.class);
        }

        @Test
        void withoutMaskingANameThatDiffers() {
            assertThat(refused(verifier.verifyServer(chain(wildcard), DnsName.parse("elsewhere.example")))
                            .rejection())
                    .isInstanceOf(UseRejection.NameMismatch.class);
        }

        @Test
        void asNoNameOfAClient() {
            Issued client = PARTNER.client("a", spec -> spec.withoutNames().dns("*.apps.partner.example"));
            assertThat(refusedBy(verifier, client).rejection())
                    .isInstanceOfSatisfying(
                            IssuerNotAllowedForName.class,
                            it -> assertThat(it.limit()).isEqualTo(Limit.NO_NAME));
        }

        @Test
        void ofAnAdditionalAnchorByTheDialledName() {
            Issued any = server(
                    ADDITIONAL, spec -> spec.dns("*.apps.partner.example").dns("*.example.com"));
            assertThat(verifier.verifyServer(chain(any), DnsName.parse("a.example.com")))
                    .isInstanceOf(Verdict.Accepted.class);
            assertThat(refused(verifier.verifyServer(chain(any), DnsName.parse("a.apps.partner.example")))
                            .rejection())
                    .isInstanceOf(IssuerNotAllowedForName.class);
        }
    }
}
