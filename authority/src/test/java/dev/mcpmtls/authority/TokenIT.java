// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509CRL;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An authority whose key is in a token of SoftHSM2. */
@Timeout(60)
class TokenIT {

    @TempDir
    private Path directory;

    private SoftHsm hsm;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(SoftHsm.library().isPresent(), "SoftHSM2 is not installed (Debian's package softhsm2)");
        hsm = new SoftHsm(directory);
    }

    @AfterEach
    void stop() {
        if (hsm != null) {
            hsm.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC-P256", "EC-P384", "RSA-3072"})
    void issuesAndRevokesWithoutAKeyInTheStore(String type) throws Exception {
        done("type " + type, "init", "issue planner", "renew planner", "issue lost", "revoke lost");

        Path credential = hsm.store().credential("planner");
        TrustAnchors anchors = TrustAnchors.load(credential.resolve("ca.crt"));
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors), InstantSource.system());
        assertThat(verifier.examine(Credential.load(credential).chain(), Purpose.CLIENT))
                .isEmpty();
        X509CRL list = crl();
        list.verify(anchors.certificates().get(0).getPublicKey());
        assertThat(list.getRevokedCertificates()).hasSize(1);
        Path key = directory.resolve("store/authority/issuers/current/ca.key");
        assertThat(Files.readString(key)).contains("label: authority").doesNotContain("PRIVATE KEY");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        try (Authority authority = open()) {
            assertThat(authority.token()).map(Pkcs11Key::slot).contains(hsm.slot);
        }
    }

    @Test
    void aKeyInAFileIsInNoToken(@TempDir Path plain) {
        Store store = Store.at(plain);
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(),
                Optional.empty(),
                Surroundings.system(dev.mcpmtls.audit.AuditSink.none()));
        try (Authority authority =
                Authority.open(store, Optional.empty(), Surroundings.system(dev.mcpmtls.audit.AuditSink.none()))) {
            assertThat(authority.token()).isEmpty();
        }
    }

    @Test
    void rollsOverToANewKeyInTheSameToken() throws Exception {
        done("init", "issue planner", "prepare", "switch-over", "renew planner", "finish", "issue other", "prepare");
        assertThat(Files.readString(directory.resolve("store/authority/issuers/current/ca.key")))
                .contains("label: authority-2\n");
        assertThat(Files.readString(directory.resolve("store/authority/issuers/next/ca.key")))
                .contains("label: authority-3\n");
    }

    @Test
    void usesAKeyThatTheTokenHas() throws Exception {
        done("init");
        Files.move(directory.resolve("store"), directory.resolve("lost"));
        done("init", "issue planner");
        assertThat(anchor("lost").getPublicKey()).isEqualTo(anchor("store").getPublicKey());
    }

    @Test
    void aWrongPinIsSaidAndNotTriedAgain() throws Exception {
        done("init");
        hsm.close();
        try (SoftHsm another = new SoftHsm(Files.createDirectories(directory.resolve("b")))) {
            assertThat(another.act("pin 87654321")).isEqualTo("done");
            assertThat(another.act("init"))
                    .startsWith("Unavailable: cannot use the key authority in slot " + another.slot)
                    .contains("the token does not take the PIN (CKR_PIN_INCORRECT)", "check it");
            assertThat(another.act("pin " + SoftHsm.PIN)).isEqualTo("done");
            assertThat(another.act("init")).isEqualTo("done");
        }
    }

    @Test
    void aPinThatWasRefusedOnceIsNotTriedUntilTheTokenLocks() throws Exception {
        done("init");
        try (SoftHsm later = hsm.again()) {
            assertThat(later.act("pin 87654321")).isEqualTo("done");
            assertThat(later.act("issue a")).contains("CKR_PIN_INCORRECT");
            assertThat(later.act("issue a")).contains("which is not tried again");
        }
        done("issue a");
    }

    @Test
    void thePinMayBeInAFileOfItsOwner() throws Exception {
        Path pin = Files.writeString(directory.resolve("pin"), SoftHsm.PIN + "\n");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-r--r--"));
        done("pin-file " + pin);
        assertThat(hsm.act("init")).contains("can be read by users other than its owner");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
        done("init", "issue planner");
    }

    @Test
    void aTokenThatIsGoneRefusesAndIsUsedAgainWhenItIsBack() throws Exception {
        done("init", "issue planner");
        hsm.move(true);
        assertThat(hsm.act("check")).startsWith("Unavailable: ");
        assertThat(hsm.act("issue other")).startsWith("Unavailable: ");
        assertThat(hsm.store().holds("other")).isFalse();
        assertThat(hsm.act("revoke planner")).startsWith("Unavailable: ");
        hsm.move(false);
        done("check", "issue other", "revoke planner");
    }

    @Test
    void whatIsWrongIsSaid() throws Exception {
        assertThat(hsm.act("init /nowhere/lib.so"))
                .startsWith("Unavailable: there is no PKCS#11 library /nowhere/lib.so");
        Path copy = Files.copy(SoftHsm.library().orElseThrow(), directory.resolve("lib.so"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(hsm.act("init " + copy)).contains("is not loaded, because other users can replace it");
        assertThatThrownBy(() -> new Pkcs11Key(Path.of("relative.so"), 1, "a", Optional.empty()))
                .hasMessageContaining("absolute path");
        assertThatThrownBy(() -> new Pkcs11Key(Path.of("/a\"b"), 1, "a", Optional.empty()))
                .hasMessageContaining("absolute path");
        assertThatThrownBy(() -> new Pkcs11Key(copy, 1, "a b", Optional.empty()))
                .hasMessageContaining("no label");
        done("init");
    }

    private void done(String... acts) throws Exception {
        for (String act : acts) {
            assertThat(hsm.act(act)).as(act).isEqualTo("done");
        }
    }

    private java.security.cert.X509Certificate anchor(String store) throws Exception {
        return Pem.parseCertificates(
                        Files.readAllBytes(directory.resolve(store).resolve("authority/issuers/current/ca.crt")))
                .get(0);
    }

    private X509CRL crl() throws Exception {
        try (var in = Files.newInputStream(hsm.store().revocationList())) {
            return (X509CRL) java.security.cert.CertificateFactory.getInstance("X.509")
                    .generateCRL(in);
        }
    }

    private Authority open() {
        return Authority.open(
                hsm.store(), Optional.empty(), Surroundings.system(dev.mcpmtls.audit.AuditSink.none()));
    }
}
