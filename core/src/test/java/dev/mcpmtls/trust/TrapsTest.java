// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;

/** The mistakes of the platform's validators on a private CA. */
class TrapsTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @Test
    void validationAddsNoCommonNameToTheNames() throws Exception {
        // With name constraints above it, the JDK adds the CN to the certificate's cached alternative names.
        ThrowawayCa constrained = ca.intermediate(
                "Constrained CA",
                spec -> spec.extension(
                        "2.5.29.30",
                        true,
                        new NameConstraints(
                                new GeneralSubtree[] {
                                    new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "192.0.2.0/24"))
                                },
                                null)));
        Issued server = constrained.server(
                "confused",
                spec -> spec.subject("CN=victim.example.com").withoutNames().ip("192.0.2.1"));
        Identity address = new IpAddress(InetAddress.getByName("192.0.2.1"));

        for (int i = 0; i < 2; i++) {
            Verdict verdict = strict(ca).verifyServer(chain(server), address);
            assertThat(((Verdict.Accepted) verdict).peer().identity()).isEqualTo(address);
            assertThat(AlternativeNames.of(server.leaf()).printable()).containsExactly("IP:192.0.2.1");
            assertThat(refused(strict(ca).verifyServer(chain(server), DnsName.parse("victim.example.com")))
                            .rejection())
                    .isInstanceOf(UseRejection.NameMismatch.class);
        }
    }

    @Test
    void theCommonNameIsNoHostName() {
        Issued server = ca.server("x", spec -> spec.subject("CN=localhost").withoutNames());
        assertThat(refused(strict(ca).verifyServer(chain(server), DnsName.parse("localhost")))
                        .rejection())
                .isInstanceOf(UseRejection.NameMismatch.class);
    }

    @Test
    void aLeafWithoutReadableNameIsToldByItsSerialNumber() {
        Issued nameless = ca.client(
                "x",
                spec -> spec.subject("")
                        .serialNumber(4711)
                        .withoutNames()
                        .name(new GeneralName(GeneralName.registeredID, "1.2.3"))
                        .alternativeNames(true)
                        .valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        assertThat(refusedBy(strict(ca), nameless).rejection().explain()).contains("serial number 4711");
    }

    @Test
    void aRefusalNamesTheIssuer() {
        assertThat(refusedBy(strict(ca), ThrowawayCa.root("Stranger CA", NOW).client("x"))
                        .rejection()
                        .explain())
                .contains("CN=Stranger CA");
        assertThat(refusedBy(strict(ca), ca.client("x").corrupted()).rejection().explain())
                .contains("CN=Test CA");
    }

    @Test
    void anAnchorNeedNotBeSelfSignedButWhatItClaimsMustHold() {
        ThrowawayCa team = ca.intermediate("Team CA");
        acceptedBy(strict(team), team.client("x"));
        ChainVerifier corrupted = new ChainVerifier(
                TrustPolicy.strict(
                        new TrustAnchors(List.of(ca.self().corrupted().leaf()))),
                () -> NOW);
        assertThat(refusedBy(corrupted, ca.client("x")).rejection().reason()).isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void anIssuerWithoutAnyNameIsNoCertificate() {
        byte[] nameless = Crafted.like(ca.client("x").leaf(), ca, fields -> fields.set(3, new byte[] {0x30, 0}));
        assertThatThrownBy(() -> Chain.parse(List.of(nameless))).isInstanceOf(CertificateException.class);
    }

    @Test
    void aWeakAnchorIsRefused() {
        ThrowawayCa small = ThrowawayCa.root("Small CA", NOW, spec -> spec.keys(Keys.rsa(1024)));
        assertThat(refusedBy(strict(small), small.client("a")).rejection().reason())
                .isEqualTo(Reason.WEAK_KEY);
        ThrowawayCa sha1 = ThrowawayCa.root("SHA-1 CA", NOW, spec -> spec.signedWith("SHA1withECDSA"));
        assertThat(refusedBy(strict(sha1), sha1.client("a")).rejection().reason())
                .isEqualTo(Reason.WEAK_SIGNATURE);
    }

    @Test
    void anExpiredAnchorIsRefused() {
        ThrowawayCa old =
                ThrowawayCa.root("Old CA", NOW, spec -> spec.valid(NOW.minus(Duration.ofDays(9)), NOW.minusSeconds(1)));
        assertThat(refusedBy(strict(old), old.client("a")).rejection().reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void limitsInTheAnchorBind() {
        ThrowawayCa flat = ThrowawayCa.root("Flat CA", NOW, spec -> spec.ca(0));
        acceptedBy(strict(flat), flat.client("a"));
        assertThat(refusedBy(strict(flat), flat.intermediate("Team CA").client("a"))
                        .rejection()
                        .reason())
                .isEqualTo(Reason.PATH_TOO_LONG);
        ThrowawayCa constrained = ThrowawayCa.root(
                "Constrained CA",
                NOW,
                spec -> spec.extension(
                        "2.5.29.30",
                        true,
                        new NameConstraints(
                                new GeneralSubtree[] {
                                    new GeneralSubtree(
                                            new GeneralName(GeneralName.uniformResourceIdentifier, "other.local"))
                                },
                                null)));
        assertThat(refusedBy(strict(constrained), constrained.client("a"))
                        .rejection()
                        .reason())
                .isEqualTo(Reason.NAME_CONSTRAINT_VIOLATED);
    }

    @Test
    void anAnchorThatMayNotIssueIsNone() {
        ThrowawayCa mute = ThrowawayCa.root("Mute CA", NOW, spec -> spec.keyUsage(KeyUsage.cRLSign));
        assertThat(refusedBy(strict(mute), mute.client("a")).rejection().reason())
                .isEqualTo(Reason.UNTRUSTED_ISSUER);
    }

    @Test
    void anEd25519SignatureWithAnOctetAppendedIsRefused() throws Exception {
        ThrowawayCa ed = ThrowawayCa.root("Ed CA", NOW, spec -> spec.keys(Keys.ed25519()));
        Issued client = ed.client("a");
        acceptedBy(strict(ed), client);
        assertThat(refusedBy(strict(ed), client.withChain(withOctetAppendedToSignature(client.leaf())))
                        .rejection()
                        .reason())
                .isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void aChainAboveTheBoundIsRefusedBeforeAnySignatureIsVerified() {
        X509Certificate[] many = new X509Certificate[200];
        Arrays.fill(many, ca.certificate());
        assertThat(refusedBy(strict(ca), ca.client("a").withMore(many)).rejection())
                .isInstanceOf(FormRejection.ChainTooLarge.class);
    }

    @Test
    void theSpareCertificatesOfAChainDoNoHarm() {
        Issued client =
                ca.client("a").withMore(ThrowawayCa.root("Unrelated CA", NOW).certificate(), ca.certificate());
        acceptedBy(strict(ca), client);
    }

    /** Rewrites outer length, and the BIT STRING at the end, of a certificate between 256 and 65535 bytes. */
    private static X509Certificate withOctetAppendedToSignature(X509Certificate certificate) throws Exception {
        byte[] longer = Arrays.copyOf(certificate.getEncoded(), certificate.getEncoded().length + 1);
        int length = longer.length - 4;
        longer[2] = (byte) (length >> 8);
        longer[3] = (byte) length;
        longer[longer.length - 1 - 64 - 2]++;
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(longer));
    }
}
