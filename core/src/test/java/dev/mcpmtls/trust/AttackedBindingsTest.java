// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.BoundAnchors.ADDITIONAL;
import static dev.mcpmtls.trust.BoundAnchors.OURS;
import static dev.mcpmtls.trust.BoundAnchors.OWN;
import static dev.mcpmtls.trust.BoundAnchors.PARTNER;
import static dev.mcpmtls.trust.BoundAnchors.all;
import static dev.mcpmtls.trust.BoundAnchors.presenting;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names in every place and spelling, under an anchor that may vouch for some of them only. */
class AttackedBindingsTest {

    private static final String REFUSED = "refused";

    private final ChainVerifier verifier = presenting(OWN, all());

    /** The partner is bound to {@code spiffe://partner.example/agent/**}, two DNS patterns and {@code 198.51.100.0/24}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spiffe://partner.example/agent/a                          | spiffe://partner.example/agent/a",
                "spiffe://PARTNER.example/agent/a                          | refused",
                "SPIFFE://partner.example/agent/a                          | refused",
                "spiffe://partner.example/agent//a                         | refused",
                "spiffe://partner.example/agent/../server/a                | refused",
                "spiffe://partner.example/agent/%2e%2e/server/a            | refused",
                "spiffe://partner.example/agent/a?x                        | refused",
                "spiffe://partner.example/agent/a#x                        | refused",
                "spiffe://partner.example:443/agent/a                      | refused",
                "spiffe://partner.example@demo.local/agent/a               | refused",
                "spiffe://demo.local@partner.example/agent/a               | refused",
                "spiffe://partner.example./agent/a                         | refused",
                "spiffe://partner.example/agent                            | refused",
                "spiffe://partner.example                                  | refused",
                "spiffe://partner.example.demo.local/agent/a               | refused",
                "spiffe://demo.local/agent/coordinator                     | refused",
                "spiffe://partner.example/agent/a spiffe://demo.local/x    | refused",
                "spiffe://partner.example/agent/a https://partner.example/ | refused",
                "spiffe://partner.example/agent/a dns:www.partner.example  | spiffe://partner.example/agent/a",
                "spiffe://partner.example/agent/a ip:10.0.0.1              | spiffe://partner.example/agent/a",
                "dns:mtls.partner.example                                  | mtls.partner.example",
                "dns:mtls.partner.example.                                 | refused",
                "dns:mtls.partner.example.demo.local                       | refused",
                "dns:x.mtls.partner.example                                | refused",
                "dns:apps.partner.example                                  | refused",
                "dns:*.apps.partner.example                                | refused",
                "dns:*.partner.example                                     | refused",
                "dns:a.apps.partner.example dns:*.demo.local               | a.apps.partner.example",
                "dns:a.apps.partner.example dns:coordinator.demo.local     | a.apps.partner.example",
                "dns:xn--mnchen-3ya.apps.partner.example                   | xn--mnchen-3ya.apps.partner.example",
                "dns:198.51.100.7                                          | refused",
                "ip:198.51.100.7                                           | 198.51.100.7",
                "ip:198.51.100.255 ip:198.51.101.0                         | 198.51.100.255",
                "ip:::ffff:198.51.100.7                                    | refused",
                "ip:2001:db8::7                                            | refused",
                "cn:mtls.partner.example                                   | refused",
                "cn:mtls.partner.example dns:www.partner.example           | refused",
                "cn:coordinator.demo.local dns:mtls.partner.example        | mtls.partner.example",
            })
    void ofABoundAnchorKeepsTheNamesWithinIt(String names, String kept) {
        assertThat(keptBy(PARTNER, names)).isEqualTo(kept);
    }

    /** Neither ours nor bound; our own certificate holds {@code localhost}, {@code 127.0.0.1} and a SPIFFE ID in {@code demo.local}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spiffe://third.example/agent/a                            | spiffe://third.example/agent/a",
                "spiffe://demo.local/agent/a                               | refused",
                "spiffe://Demo.Local/agent/a                               | refused",
                "spiffe://third.example/agent/a dns:localhost              | spiffe://third.example/agent/a",
                "dns:LOCALHOST                                             | refused",
                "dns:third.example dns:mtls.partner.example                | third.example",
                "dns:third.example ip:198.51.100.7                         | third.example",
                "dns:third.example ip:127.0.0.1                            | third.example",
                "ip:127.0.0.1                                              | refused",
                "ip:198.51.100.7                                           | refused",
            })
    void ofAnAdditionalAnchorKeepsTheNamesOfNobodyElse(String names, String kept) {
        assertThat(keptBy(ADDITIONAL, names)).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spiffe://demo.local/agent/a dns:mtls.partner.example      | spiffe://demo.local/agent/a",
                "spiffe://demo.local/agent/a ip:198.51.100.7               | spiffe://demo.local/agent/a",
                "spiffe://partner.example/agent/a dns:a.demo.local         | refused",
                "dns:a.demo.local dns:x.apps.partner.example               | a.demo.local",
                "dns:x.apps.partner.example                                | refused",
            })
    void ofOurOwnAnchorKeepsTheNamesOfNoBinding(String names, String kept) {
        assertThat(keptBy(OURS, names)).isEqualTo(kept);
    }

    /** The intermediate is signed by two authorities, of which one may vouch for the leaf's names. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spiffe://demo.local/agent/a      | spiffe://demo.local/agent/a",
                "spiffe://partner.example/agent/a | spiffe://partner.example/agent/a",
                "spiffe://other.example/agent/a   | refused",
                "dns:mtls.partner.example         | mtls.partner.example",
                "dns:a.demo.local                 | a.demo.local",
            })
    void aCrossSignedPathIsTakenThroughTheAnchorThatMayVouch(String names, String kept) {
        ThrowawayCa team = OURS.intermediate("Team CA");
        Issued leaf = issue(team, names);
        X509Certificate crossSigned = PARTNER.crossSign(team);
        for (Issued sent : List.of(
                leaf.withChain(leaf.leaf(), crossSigned, team.certificate()),
                leaf.withChain(leaf.leaf(), team.certificate(), crossSigned))) {
            assertThat(keptBy(verifier, sent)).isEqualTo(kept);
        }
    }

    @Test
    void aServerIsJudgedByTheDialledName() {
        Issued both = PARTNER.server(
                "a", spec -> spec.withoutNames().dns("mtls.partner.example").dns("weather.demo.local"));
        assertThat(verifier.verifyServer(chain(both), DnsName.parse("mtls.partner.example")))
                .isInstanceOf(Verdict.Accepted.class);
        assertThat(verifier.verifyServer(chain(both), DnsName.parse("weather.demo.local")))
                .isInstanceOf(Verdict.Rejected.class);
    }

    @Test
    void whatRelaxedValidationRecordsIsTheBindingAlone() {
        ChainVerifier relaxed =
                Verifying.verifier(TrustPolicy.relaxed(all(), Relaxation.EXPIRED, Relaxation.ISSUER_NOT_ALLOWED));
        relaxed.presents(chain(OWN));
        Peer peer = acceptedBy(relaxed, issue(PARTNER, "spiffe://partner.example/agent/a dns:www.partner.example"));
        assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
        assertThat(peer.names()).extracting(Identity::text).containsExactly("spiffe://partner.example/agent/a");
        assertThat(peer.wouldReject()).isEmpty();
    }

    private String keptBy(ThrowawayCa ca, String names) {
        return keptBy(verifier, issue(ca, names));
    }

    private static String keptBy(ChainVerifier verifier, Issued client) {
        return verifier.verifyClient(chain(client)) instanceof Verdict.Accepted accepted
                ? accepted.peer().names().stream().map(Identity::text).collect(Collectors.joining(" "))
                : REFUSED;
    }

    private static Issued issue(ThrowawayCa ca, String names) {
        Optional<String> commonName = of("cn:", names).findFirst();
        return ca.client("a", spec -> {
            CertificateSpec named = spec.withoutNames().subject("CN=" + commonName.orElse("a"));
            Arrays.stream(names.split(" ")).filter(name -> name.contains("//")).forEach(named::uri);
            of("dns:", names).forEach(named::dns);
            of("ip:", names).forEach(named::ip);
            return named;
        });
    }

    private static Stream<String> of(String kind, String names) {
        return Arrays.stream(names.split(" "))
                .filter(name -> name.startsWith(kind))
                .map(name -> name.substring(kind.length()));
    }
}
