// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.http.HttpUpstream;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers over HTTPS: their certificates are verified by our trust for a client credential, else by the system's anchors. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpsIT {

    private static final ThrowawayCa OTHER = ThrowawayCa.root("Other");

    @TempDir
    Path directory;

    private final String before = System.getProperty("javax.net.ssl.trustStore", "");

    /** The system's anchors, as Java lets an operator name them. */
    private void systemAnchors(X509Certificate anchor) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", anchor);
        Path file = directory.resolve("anchors.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            anchors.store(out, "changeit".toCharArray());
        }
        System.setProperty("javax.net.ssl.trustStore", file.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
    }

    @BeforeEach
    void ours() throws Exception {
        systemAnchors(Front.CA.certificate());
    }

    @AfterEach
    void theSystemsOwn() {
        System.clearProperty("javax.net.ssl.trustStorePassword");
        if (before.isEmpty()) {
            System.clearProperty("javax.net.ssl.trustStore");
        } else {
            System.setProperty("javax.net.ssl.trustStore", before);
        }
    }

    private static TlsProfile profile(Issued issued, X509Certificate anchor) {
        return profile(CredentialSource.fixed(credential(issued)), anchor);
    }

    private static TlsProfile profile(CredentialSource credentials, X509Certificate anchor) {
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(anchor))), InstantSource.system());
        return TlsProfile.builder(credentials, verifier).build();
    }

    private static Credential credential(Issued issued) {
        return Credential.of("crm", issued.privateKey(), new Chain(issued.chain()));
    }

    private static Front front(Recorder upstream, Optional<TlsProfile> profile) {
        return Front.of(gateway ->
                gateway.url("crm", upstream.url(), Map::of, profile, Duration.ofMinutes(5), Duration.ofSeconds(30)));
    }

    private static Answer called(Recorder upstream, Optional<TlsProfile> profile) throws Exception {
        try (Front front = front(upstream, profile)) {
            Agent alice = front.agent("alice");
            Answer hello = alice.initialize();
            return hello.session().isEmpty() ? hello : alice.call("say");
        }
    }

    private static Issued certificate(String kind) {
        return switch (kind) {
            case "good" -> Front.CA.server("upstream");
            case "of another name" ->
                Front.CA.server("upstream", spec -> spec.withoutNames().dns("elsewhere.example"));
            case "expired" ->
                Front.CA.server(
                        "upstream",
                        spec -> spec.valid(
                                Instant.now().minus(Duration.ofDays(9)),
                                Instant.now().minus(Duration.ofDays(2))));
            default -> OTHER.server("upstream");
        };
    }

    @ParameterizedTest
    @CsvSource({"LEGACY, false", "MODERN, false", "LEGACY, true", "MODERN, true"})
    void aServerWithAGoodCertificateIsReached(Era era, boolean presents) throws Exception {
        try (Recorder upstream = Recorder.secure(era, Front.context(certificate("good")), presents)) {
            Optional<TlsProfile> profile = presents
                    ? Optional.of(profile(Front.CA.client("gateway"), Front.CA.certificate()))
                    : Optional.empty();
            assertThat(called(upstream, profile).said()).contains("tools/call");
            assertThat(upstream.client).contains(presents ? "gateway" : "");
            assertThat(upstream.client.isEmpty()).isEqualTo(!presents);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"of another name", "expired", "of another authority"})
    void aServerWithAnyOtherIsNot(String kind) throws Exception {
        for (boolean presents : new boolean[] {false, true}) {
            try (Recorder upstream = Recorder.secure(Era.LEGACY, Front.context(certificate(kind)), false)) {
                Optional<TlsProfile> profile = presents
                        ? Optional.of(profile(Front.CA.client("gateway"), Front.CA.certificate()))
                        : Optional.empty();
                Answer refused = called(upstream, profile);
                assertThat(refused.text()).as(kind).contains("503", "the server crm cannot be reached");
                assertThat(upstream.received).isEmpty();
            }
        }
    }

    @Test
    void theSystemsAnchorsCountForNothingWhereACredentialIsPresented() throws Exception {
        try (Recorder upstream = Recorder.secure(Era.LEGACY, Front.context(certificate("good")), false)) {
            TlsProfile trustsOthers = profile(Front.CA.client("gateway"), OTHER.certificate());
            assertThat(called(upstream, Optional.of(trustsOthers)).text()).contains("cannot be reached");
        }
    }

    @Test
    void aServerThatWantsACertificateRefusesUsWithoutOne() throws Exception {
        try (Recorder upstream = Recorder.secure(Era.LEGACY, Front.context(certificate("good")), true)) {
            assertThat(called(upstream, Optional.empty()).text()).contains("\"error\"");
            assertThat(upstream.received).isEmpty();
        }
    }

    @Test
    void aReplacedCredentialIsPresentedByTheNextCallThoughTheConnectionIsKept() throws Exception {
        ReplaceableCredential ours = new ReplaceableCredential(credential(Front.CA.client("gateway-1")));
        try (Recorder upstream = Recorder.secure(Era.LEGACY, Front.context(certificate("good")), true);
                Front front = front(upstream, Optional.of(profile(ours, Front.CA.certificate())))) {
            Agent alice = front.agent("alice");
            alice.initialize();
            assertThat(alice.call("say").said()).contains("tools/call");
            assertThat(upstream.client).contains("gateway-1");

            ours.replace(credential(Front.CA.client("gateway-2")));

            assertThat(alice.call("say").said()).contains("tools/call");
            assertThat(upstream.client).contains("gateway-2");
        }
    }

    @Test
    void plainHttpLeavesThisMachineOnlyForOtherHosts() {
        assertThat(HttpUpstream.leavesThisMachineInPlain(URI.create("http://192.0.2.1/mcp")))
                .isTrue();
        assertThat(HttpUpstream.leavesThisMachineInPlain(URI.create("http://no-such-host.invalid/mcp")))
                .isTrue();
        for (String here :
                List.of("http://127.0.0.1:1/mcp", "http://[::1]/mcp", "http://localhost/", "https://192.0.2.1/")) {
            assertThat(HttpUpstream.leavesThisMachineInPlain(URI.create(here)))
                    .as(here)
                    .isFalse();
        }
    }
}
