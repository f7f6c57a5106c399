// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent.CredentialReloadFailed;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The keys that each engine presents; others are refused before a handshake needs them. */
class KeyKindsIT {

    private final Pki pki = new Pki("Test Root");
    private final ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system());
    private final TestServer.Events events = new TestServer.Events();

    @TempDir
    Path directory;

    static Stream<Arguments> presented() {
        return Stream.of(
                Arguments.of(TlsEngine.BORINGSSL, Keys.ec("secp256r1")),
                Arguments.of(TlsEngine.BORINGSSL, Keys.ec("secp384r1")),
                Arguments.of(TlsEngine.BORINGSSL, Keys.rsa(2048)),
                Arguments.of(TlsEngine.JDK, Keys.ec("secp384r1")),
                Arguments.of(TlsEngine.JDK, Keys.ec("secp521r1")),
                Arguments.of(TlsEngine.JDK, Keys.rsa(2048)),
                Arguments.of(TlsEngine.JDK, Keys.ed25519()));
    }

    @ParameterizedTest
    @MethodSource("presented")
    void presentsAndAcceptsWhatItTakes(TlsEngine engine, KeyPair keys) throws Exception {
        Credential client = pki.issue("coordinator", keys);
        Pki.write(directory, client);
        try (TestServer server = new TestServer(profile(engine, CredentialSource.fixed(pki.issue("weather", keys))))) {
            String said =
                    Shell.sClient(directory, server.port(), "-cert", "coordinator.crt", "-key", "coordinator.key");
            assertThat(said).contains("subject=CN = weather").contains("CN=coordinator over");
        }
    }

    @Test
    void refusesToStartWithAP521KeyUnderBoringSsl() {
        CredentialSource source = CredentialSource.fixed(pki.issue("weather", Keys.ec("secp521r1")));
        assertThatThrownBy(() -> profile(TlsEngine.BORINGSSL, source))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessage("the key of weather is EC P-521, which the TLS engine boringssl does not present; issue a"
                        + " credential with an EC P-256 or P-384 key, or use the engine 'jdk' (tls.engine: jdk)");
    }

    @Test
    void refusesToStartWithAnEd25519KeyUnderBoringSsl() {
        CredentialSource source = CredentialSource.fixed(pki.issue("weather", Keys.ed25519()));
        assertThatThrownBy(() -> profile(TlsEngine.BORINGSSL, source))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("the key of weather is EdDSA");
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesToStartWithACertificateWhoseKeyMayNotSign(TlsEngine engine) {
        CredentialSource source = CredentialSource.fixed(pki.issueForEnciphering("coordinator"));
        assertThatThrownBy(() -> profile(engine, source))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContainingAll("credential coordinator", "digitalSignature");
        assertThat(profile(engine, CredentialSource.fixed(pki.issue("coordinator")))
                        .objections(Purpose.CLIENT))
                .isEmpty();
    }

    @Test
    void objectsToAServersCertificateBeforeAClientDials() {
        TlsProfile servers = profile(
                TlsEngine.BORINGSSL,
                CredentialSource.fixed(pki.issue("weather", Duration.ofHours(1), KeyPurposeId.id_kp_serverAuth)));
        assertThat(servers.objections(Purpose.CLIENT))
                .extracting(Rejection::reason)
                .containsExactly(Reason.WRONG_PURPOSE);
        assertThat(servers.objections(Purpose.SERVER)).isEmpty();
    }

    @Test
    void keepsTheLastCredentialWhenTheNextHasAP521KeyUnderBoringSsl() throws Exception {
        Pki.write(directory, pki.issue("coordinator"));
        ReplaceableCredential source = new ReplaceableCredential(pki.issue("weather"));
        try (TestServer server = new TestServer(profile(TlsEngine.BORINGSSL, source))) {
            source.replace(pki.issue("next", Keys.ec("secp521r1")));
            assertThat(events.await(CredentialReloadFailed.class).credential()).isEqualTo("next");
            assertThat(Shell.sClient(directory, server.port(), "-cert", "coordinator.crt", "-key", "coordinator.key"))
                    .contains("subject=CN = weather");
        }
    }

    private TlsProfile profile(TlsEngine engine, CredentialSource source) {
        return TlsProfile.builder(source, verifier).engine(engine).audit(events).build();
    }
}
