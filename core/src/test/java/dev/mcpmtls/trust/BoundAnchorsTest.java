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
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Hostile;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Misbound;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Anchors vouch only for names within their limits. */
class BoundAnchorsTest {

    private final ChainVerifier verifier = presenting(OWN, all());

    static Stream<Hostile> clients() {
        return Misbound.clients(OURS, PARTNER, ADDITIONAL).stream();
    }

    static Stream<Hostile> servers() {
        return Misbound.servers(OURS, PARTNER, ADDITIONAL).stream();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void refusesClientsForExactlyTheReason(Hostile hostile) {
        Verdict.Rejected rejected = refusedBy(verifier, hostile.credential());
        assertThat(rejected.findings())
                .as("%s", rejected.findings())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.reason().name()).isEqualTo(hostile.reason());
                    assertThat(finding.reason().alert()).isEqualTo(Alert.BAD_CERTIFICATE);
                    assertThat(finding.explain()).matches("[\\x20-\\x7e]{10,}");
                    assertThat(finding.remedy().text()).matches("[\\x20-\\x7e]{10,}");
                });
    }

    @ParameterizedTest
    @MethodSource("clients")
    void acceptsTheSameClientsWhenTheirAnchorIsTheOnlyOne(Hostile hostile) {
        for (ThrowawayCa ca : List.of(OURS, PARTNER, ADDITIONAL)) {
            if (verifier(TrustPolicy.strict(anchors(ca))).verifyClient(chain(hostile.credential()))
                    instanceof Verdict.Accepted) {
                return;
            }
        }
        throw new AssertionError(hostile + " has another fault");
    }

    @ParameterizedTest
    @MethodSource("servers")
    void refusesServersForExactlyTheReason(Hostile hostile) {
        if (hostile.name().startsWith("our authority for the partner's DNS name")) {
            return; // the dialled name is left to it
        }
        Verdict verdict = verifier.verifyServer(chain(hostile.credential()), DnsName.parse("localhost"));
        assertThat(refused(verdict).findings())
                .as("%s", verdict)
                .singleElement()
                .extracting(finding -> finding.reason().name())
                .isEqualTo(hostile.reason());
    }

    @Nested
    class Accepts {

        @Test
        void ourOwnNames() {
            Peer peer = acceptedBy(verifier, OURS.client("coordinator"));
            assertThat(peer.identity().text()).isEqualTo("spiffe://demo.local/agent/coordinator");
            assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
            assertThat(acceptedBy(verifier, named(OURS, spec -> spec.dns("any.example")))
                            .identity())
                    .isEqualTo(DnsName.parse("any.example"));
        }

        @Test
        void namesWithinABinding() {
            for (UnaryOperator<CertificateSpec> names : List.<UnaryOperator<CertificateSpec>>of(
                    spec -> spec.uri("spiffe://partner.example/agent/a"),
                    spec -> spec.dns("MTLS.partner.example"),
                    spec -> spec.dns("x.apps.partner.example"),
                    spec -> spec.ip("198.51.100.7"))) {
                Peer peer = acceptedBy(verifier, named(PARTNER, names));
                assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
            }
        }

        @Test
        void foreignNamesUnderAnAdditionalAnchor() {
            acceptedBy(verifier, named(ADDITIONAL, spec -> spec.uri("spiffe://third.example/agent/a")));
            acceptedBy(verifier, named(ADDITIONAL, spec -> spec.dns("third.example")));
            assertThat(verifier.unboundAnchors())
                    .extracting(AnchorSet::certificates)
                    .containsExactly(List.of(ADDITIONAL.certificate()));
        }

        @Test
        void anAdditionalAnchorsLeafWithoutNamesByItsKey() {
            assertThat(acceptedBy(verifier, named(ADDITIONAL, spec -> spec)).identity())
                    .isInstanceOf(PublicKeyPin.class);
        }

        @Test
        void whatABindingOfOurOwnAuthorityAdds() {
            TrustAnchors twice = all().and(anchors(OURS).boundTo("spiffe://other.example/**"));
            Issued other = named(OURS, spec -> spec.uri("spiffe://other.example/agent/a"));
            acceptedBy(presenting(OWN, twice), other);
            acceptedBy(presenting(OWN, twice), OURS.client("coordinator"));
            refusedBy(presenting(OWN, twice), named(ADDITIONAL, spec -> spec.uri("spiffe://other.example/agent/a")));
        }
    }

    @Nested
    class InOtherModes {

        private final Issued impostor = PARTNER.client("coordinator");

        @Test
        void relaxedRecordsItOnlyUnderItsOwnName() {
            Relaxation[] bare = Relaxation.all().toArray(Relaxation[]::new);
            ChainVerifier relaxed = verifier(TrustPolicy.relaxed(all(), bare[0], bare));
            relaxed.presents(chain(OWN));
            assertThat(refusedBy(relaxed, impostor).rejection()).isInstanceOf(IssuerNotAllowedForName.class);

            relaxed.replacePolicy(TrustPolicy.relaxed(all(), Relaxation.ISSUER_NOT_ALLOWED));
            Peer peer = acceptedBy(relaxed, impostor);
            assertThat(peer.assurance()).isEqualTo(Assurance.CLAIMED);
            assertThat(peer.wouldReject()).singleElement().isInstanceOf(IssuerNotAllowedForName.class);
        }

        @Test
        void aPinStandsInForTheAnchor() {
            PublicKeyPin pin = PublicKeyPin.of(impostor.leaf().getPublicKey());
            assertThat(acceptedBy(verifier(TrustPolicy.pinned(Set.of(pin))), impostor)
                            .assurance())
                    .isEqualTo(Assurance.PINNED);
            assertThat(acceptedBy(verifier(TrustPolicy.pinned(Set.of(pin)).withAnchors(all())), impostor)
                            .assurance())
                    .isEqualTo(Assurance.PINNED);
        }
    }

    @Nested
    class ChangesWhileRunning {

        @Test
        void fallOnPeersThatWereAcceptedBefore() {
            Issued client = named(PARTNER, spec -> spec.uri("spiffe://partner.example/agent/a"));
            Peer peer = acceptedBy(verifier, client);
            verifier.changePolicy(policy ->
                    policy.withAnchors(anchors(OURS).and(anchors(PARTNER).boundTo("spiffe://new.example/**"))));
            assertThat(verifier.recheck(peer)).containsInstanceOf(IssuerNotAllowedForName.class);
            verifier.changePolicy(policy -> policy.withAnchors(all()));
            assertThat(verifier.recheck(peer)).isEmpty();
        }

        @Test
        void fallOnPeersOfWhichAnotherNameCounts() {
            Issued client = named(
                    PARTNER,
                    spec -> spec.uri("spiffe://partner.example/agent/a").dns("mtls.partner.example"));
            Peer both = acceptedBy(verifier, client);
            verifier.changePolicy(policy ->
                    policy.withAnchors(anchors(OURS).and(anchors(PARTNER).boundTo("spiffe://partner.example/**"))));
            assertThat(verifier.recheck(both)).hasValueSatisfying(rejection -> {
                assertThat(rejection).isInstanceOf(IssuerNotAllowedForName.class);
                assertThat(rejection.explain()).contains("have changed", "dns:mtls.partner.example");
                assertThat(rejection.remedy().text()).contains("connect again");
            });
            Peer one = acceptedBy(verifier, client);
            assertThat(one.names()).hasSize(1);
            assertThat(verifier.recheck(one)).isEmpty();
            verifier.changePolicy(policy -> policy.withAnchors(all()));
            assertThat(verifier.recheck(one)).containsInstanceOf(IssuerNotAllowedForName.class);
            assertThat(verifier.recheck(both)).isEmpty();
        }

        @Test
        void fallOnPeersThatWouldBeRelaxedNow() {
            ChainVerifier relaxed = verifier(TrustPolicy.relaxed(all(), Relaxation.ISSUER_NOT_ALLOWED));
            relaxed.presents(chain(OWN));
            Peer peer = acceptedBy(relaxed, named(PARTNER, spec -> spec.uri("spiffe://partner.example/agent/a")));
            assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
            relaxed.changePolicy(policy ->
                    policy.withAnchors(anchors(OURS).and(anchors(PARTNER).boundTo("spiffe://new.example/**"))));
            assertThat(relaxed.recheck(peer)).containsInstanceOf(IssuerNotAllowedForName.class);
        }

        @Test
        void followOurOwnCredential() {
            Peer peer = acceptedBy(verifier, OURS.client("coordinator"));
            verifier.presents(chain(
                    OURS.server("weather", spec -> spec.withoutNames().uri("spiffe://moved.example/server/weather"))));
            assertThat(verifier.recheck(peer)).containsInstanceOf(IssuerNotAllowedForName.class);
        }
    }

    @Test
    void aServersSpiffeIdIsJudgedAlike() {
        Identity weather = SpiffeId.parse("spiffe://demo.local/server/weather");
        assertThat(verifier.verifyServer(chain(OWN), weather)).isInstanceOf(Verdict.Accepted.class);
        assertThat(refused(verifier.verifyServer(chain(PARTNER.server("weather")), weather))
                        .rejection())
                .isInstanceOf(IssuerNotAllowedForName.class);
    }

    @Test
    void anIntermediateMayBeTheAnchorWhetherItIsSentOrNot() {
        ThrowawayCa intermediate = PARTNER.intermediate("Connectors CA");
        TrustAnchors anchors = anchors(OURS).and(anchors(intermediate).boundTo("dns:mtls.prod.connectors.openai.com"));
        ChainVerifier verifier = presenting(OWN, anchors);
        Issued chatGpt = named(intermediate, spec -> spec.dns("mtls.prod.connectors.openai.com"));
        assertThat(chatGpt.chain()).hasSize(2);
        for (Issued sent :
                List.of(chatGpt, chatGpt.withChain(chatGpt.leaf()), chatGpt.withMore(PARTNER.certificate()))) {
            assertThat(acceptedBy(verifier, sent).identity())
                    .isEqualTo(DnsName.parse("mtls.prod.connectors.openai.com"));
        }
        refusedBy(verifier, named(intermediate, spec -> spec.dns("mtls.staging.connectors.openai.com")));
    }

    @Test
    void examiningOurOwnChainLeavesBindingsOut() {
        TrustAnchors bound = anchors(OURS).boundTo("dns:elsewhere.example");
        assertThat(presenting(OWN, bound).examine(chain(OWN), Purpose.SERVER)).isEmpty();
    }
}
