// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Hostile;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.Misbound;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName.Limit;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
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

    private static final ThrowawayCa OURS = ThrowawayCa.root("Our CA", NOW);
    private static final ThrowawayCa PARTNER = ThrowawayCa.root("Partner CA", NOW);
    private static final ThrowawayCa ADDITIONAL = ThrowawayCa.root("Additional CA", NOW);
    private static final Issued OWN = OURS.server("weather");

    private final ChainVerifier verifier = presenting(OWN, all());

    private static TrustAnchors all() {
        return anchors(OURS)
                .and(anchors(PARTNER).boundTo(Misbound.PARTNER.toArray(String[]::new)))
                .and(anchors(ADDITIONAL));
    }

    private static TrustAnchors anchors(ThrowawayCa ca, X509Certificate... more) {
        return new TrustAnchors(
                Stream.concat(Stream.of(ca.certificate()), Stream.of(more)).toList());
    }

    private static ChainVerifier presenting(Issued own, TrustAnchors anchors) {
        ChainVerifier verifier = verifier(TrustPolicy.strict(anchors));
        verifier.presents(chain(own));
        return verifier;
    }

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

    private static Issued named(ThrowawayCa ca, UnaryOperator<CertificateSpec> names) {
        return ca.client("a", spec -> names.apply(spec.withoutNames()));
    }

    private static Issued server(ThrowawayCa ca, UnaryOperator<CertificateSpec> names) {
        return ca.server("a", spec -> names.apply(spec.withoutNames()));
    }
}
