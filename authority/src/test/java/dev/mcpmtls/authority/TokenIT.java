// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
        assertThat(hsm.store().token()).map(Pkcs11Key::slot).contains(hsm.slot);
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
                Surroundings.system(AuditSink.none()));
        assertThat(store.token()).isEmpty();
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

    /** With OpenSC's tool: Java's provider cannot make such tokens. */
    @Test
    void severalOfOneLabelAndWeakKeysAreRefused() throws Exception {
        assumeTrue(
                Files.exists(Path.of("/usr/bin/pkcs11-tool")),
                "pkcs11-tool is not installed (Debian's package opensc)");
        write("rsa:1024", "weak", "0a", rsa());
        assertThat(hsm.act("label weak")).isEqualTo("done");
        assertThat(hsm.act("init"))
                .startsWith("Refused: the key weak in slot")
                .contains("cannot sign certificates here: RSA", "at least 2048 bits");

        write("EC:prime256v1", "twice", "0b", ec());
        assertThat(hsm.act("label twice")).isEqualTo("done");
        assertThat(hsm.act("init")).as("the certificate names another key").startsWith("Refused: ");
        write("EC:prime256v1", "twice", "0c", ec());
        assertThat(hsm.act("init"))
                .startsWith("Refused: several certificates in slot " + hsm.slot + " are labelled 'twice'");

        done("label other", "init");
    }

    /** A key with a certificate of the same id, for another key of its type. */
    private void write(String type, String label, String id, KeyPair other) throws Exception {
        Path certificate = directory.resolve("other.der");
        IssuerKeys.New key =
                new IssuerKeys(Optional.empty()).create(KeyType.EC_P256, Optional.empty(), new SecureRandom());
        Issuer.Subject subject = new Issuer.Subject("demo.local", "other", Duration.ofDays(1), 0);
        Issuer issuer = Issuer.root(subject, key, Instant.now(), new SecureRandom());
        Files.write(
                certificate,
                issuer.issue(
                                Grant.agent("demo.local", label),
                                other.getPublic(),
                                Issuer.randomSerial(new SecureRandom()),
                                Instant.now(),
                                new SecureRandom())
                        .getEncoded());
        tool("--keypairgen", "--key-type", type, "--label", label, "--id", id);
        tool("--write-object", certificate.toString(), "--type", "cert", "--label", label, "--id", id);
    }

    private static KeyPair ec() {
        return KeyType.EC_P256.generate(new SecureRandom());
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        return generator.generateKeyPair();
    }

    private void tool(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "pkcs11-tool", "--module", SoftHsm.library().orElseThrow().toString(), "--slot", "" + hsm.slot));
        all.addAll(List.of("--login", "--pin", SoftHsm.PIN));
        all.addAll(List.of(words));
        assertThat(hsm.run(all.toArray(String[]::new))).doesNotContain("error");
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

    private X509Certificate anchor(String store) throws Exception {
        return Pem.parseCertificates(
                        Files.readAllBytes(directory.resolve(store).resolve("authority/issuers/current/ca.crt")))
                .get(0);
    }

    private X509CRL crl() throws Exception {
        try (var in = Files.newInputStream(hsm.store().revocationList())) {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
        }
    }
}
