// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.Base64;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpiffeBundleTest {

    private final ThrowawayCa root = rootOf("spiffe://partner.example");
    private final ThrowawayCa next = rootOf("spiffe://partner.example");

    @TempDir
    private Path directory;

    @Test
    void isBoundToTheTrustDomainOfItsRoots() throws IOException {
        AnchorSet set = load(bundle(key(root), "{\"kty\":\"EC\",\"use\":\"jwt-svid\",\"kid\":\"x\"}", key(next)));
        assertThat(set.certificates()).containsExactly(root.certificate(), next.certificate());
        assertThat(set.names()).extracting(NamePattern::text).containsExactly("spiffe://partner.example/**");
        assertThat(set.edition()).hasValueSatisfying(edition -> {
            assertThat(edition.sequence()).isEqualTo(OptionalLong.of(12));
            assertThat(edition.refreshHint()).contains(Duration.ofMinutes(5));
            assertThat(edition).hasToString("sequence 12, refresh every PT5M");
        });
    }

    @Test
    void vouchesForThatTrustDomainOnly() throws IOException {
        ThrowawayCa ours = ThrowawayCa.root("Our CA", NOW);
        TrustAnchors anchors = Verifying.anchors(ours)
                .and(TrustAnchors.load(Files.writeString(directory.resolve("bundle.json"), bundle(key(root)))));
        ChainVerifier verifier = Verifying.verifier(TrustPolicy.strict(anchors));
        verifier.presents(Verifying.chain(ours.server("weather")));
        Verifying.acceptedBy(
                verifier, root.client("a", spec -> spec.withoutNames().uri("spiffe://partner.example/agent/a")));
        Verifying.refusedBy(verifier, root.client("a"));
        Verifying.refusedBy(
                verifier, root.client("a", spec -> spec.withoutNames().dns("a.example")));
    }

    @Test
    void neverClaimsOurTrustDomainByItself() throws IOException {
        ThrowawayCa ours = ThrowawayCa.root("Our CA", NOW);
        ThrowawayCa hostile = rootOf("spiffe://demo.local");
        Path file = Files.writeString(directory.resolve("bundle.json"), bundle(key(hostile)));
        ChainVerifier verifier =
                Verifying.verifier(TrustPolicy.strict(Verifying.anchors(ours).and(TrustAnchors.load(file))));
        verifier.presents(Verifying.chain(ours.server("weather")));

        assertThat(Verifying.refusedBy(verifier, hostile.client("a")).rejection())
                .isInstanceOfSatisfying(
                        PathRejection.IssuerNotAllowedForName.class,
                        rejection -> assertThat(rejection.limit())
                                .isEqualTo(PathRejection.IssuerNotAllowedForName.Limit.NAME_OF_OURS));
        Verifying.acceptedBy(verifier, ours.client("a"));

        ChainVerifier told = Verifying.verifier(TrustPolicy.strict(
                Verifying.anchors(ours).and(TrustAnchors.loadBound(file, "spiffe://demo.local/agent/**"))));
        told.presents(Verifying.chain(ours.server("weather")));
        Verifying.acceptedBy(told, hostile.client("a"));
    }

    @Test
    void isOursWhenOurCertificateVerifiesWithIt() throws IOException {
        ThrowawayCa ours = rootOf("spiffe://demo.local");
        Path file = Files.writeString(directory.resolve("bundle.json"), bundle(key(ours)));
        ChainVerifier verifier = Verifying.verifier(TrustPolicy.strict(TrustAnchors.load(file)));
        verifier.presents(Verifying.chain(ours.server("weather")));
        Verifying.acceptedBy(verifier, ours.client("a"));
    }

    @Test
    void needsNamesWhenItsRootsDoNotAgree() throws IOException {
        for (String json : new String[] {
            bundle(key(root), key(rootOf("spiffe://other.example"))),
            bundle(key(ThrowawayCa.root("Nameless", NOW))),
            bundle(key(root), key(ThrowawayCa.root("Nameless", NOW)))
        }) {
            assertThatThrownBy(() -> load(json))
                    .isInstanceOf(UnusableCredentialException.class)
                    .hasMessageContaining("bundle.json")
                    .hasMessageContaining("for: [");
            Path file = directory.resolve("bundle.json");
            assertThat(TrustAnchors.loadBound(file, "spiffe://other.example/agent/**")
                            .sets())
                    .singleElement()
                    .satisfies(set -> assertThat(set.binding()).isEqualTo("for spiffe://other.example/agent/**"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                        | no list of keys",
                "{'keys': {}}                                              | no list of keys",
                "{'keys': []}                                              | no key with the use x509-svid",
                "{'keys': [1]}                                             | one of its keys is not an object",
                "{'keys': [{'use': 'x509-svid'}]}                          | exactly one certificate",
                "{'keys': [{'use': 'x509-svid', 'x5c': []}]}               | exactly one certificate",
                "{'keys': [{'use': 'x509-svid', 'x5c': ['MA==', 'MA==']}]} | exactly one certificate",
                "{'keys': [{'use': 'x509-svid', 'x5c': ['%']}]}            | base64",
                "{'keys': [{'use': 'x509-svid', 'x5c': ['MA==']}]}         | cannot be read",
                "{'keys': [{'use': 'x509-svid', 'x5c': ['MAA=']}]}         | cannot be read",
                "{'keys': [}                                               | not JSON (line 1)",
                "{'keys': [KEY], 'spiffe_sequence': -1}                    | spiffe_sequence is not a whole number",
                "{'keys': [KEY], 'spiffe_refresh_hint': '5m'}              | spiffe_refresh_hint is not a whole number",
            })
    void isRefusedWithTheFileAndTheDefect(String json, String defect) {
        assertThatThrownBy(() -> load(json.replace("KEY", key(root)).replace('\'', '"')))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("bundle.json")
                .hasMessageContaining(defect);
    }

    @Test
    void isNotReadBeyondFourMebibytes() throws IOException {
        assertThatThrownBy(() -> load(bundle(key(root)) + " ".repeat(4 * 1024 * 1024)))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("bundle.json");
    }

    @Test
    void mayBeWithoutSequenceAndHint() throws IOException {
        AnchorSet set = load("{\"keys\": [" + key(root) + "]}");
        assertThat(set.edition().orElseThrow()).hasToString("no sequence number");
    }

    private AnchorSet load(String json) throws IOException {
        return TrustAnchors.load(Files.writeString(directory.resolve("bundle.json"), json))
                .sets()
                .get(0);
    }

    private static String bundle(String... keys) {
        return " {\"keys\": [" + String.join(",", keys) + "], \"spiffe_sequence\": 12, \"spiffe_refresh_hint\": 300}\n";
    }

    private static String key(ThrowawayCa ca) {
        try {
            return "{\"kty\":\"EC\",\"use\":\"x509-svid\",\"x5c\":[\""
                    + Base64.getEncoder().encodeToString(ca.certificate().getEncoded()) + "\"]}";
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ThrowawayCa rootOf(String uri) {
        return ThrowawayCa.root("Root", NOW, spec -> spec.uri(uri));
    }
}
