// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.parts;
import static dev.mcpmtls.testkit.Crafted.tlv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.testkit.ThrowawayOcsp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OcspResponseTest {

    @TempDir
    private Path directory;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Instant end = now.plus(Duration.ofHours(1));
    private final ThrowawayCa root = ThrowawayCa.root("Test CA", now.minus(Duration.ofDays(1)));
    private final ThrowawayCa ca = root.intermediate("Test Intermediate");
    private final TrustAnchors anchors = new TrustAnchors(List.of(root.certificate()));
    private final Issued weather = ca.server("weather");

    @Test
    void takesWhatTheIssuerSigned() throws IOException {
        OcspResponse response = load(current());
        assertThat(response.encoded()).isEqualTo(Files.readAllBytes(file()));
        assertThat(response.nextUpdate()).isEqualTo(end);
        assertThat(response.isAbout(weather.leaf())).isTrue();
        assertThat(response.isAbout(ca.server("weather").leaf())).isFalse();
    }

    @Test
    void holdsFromThisUpdateUntilNextUpdate() {
        OcspResponse response = load(current());
        assertThat(response.holds(now.minusSeconds(1))).isFalse();
        assertThat(response.holds(now)).isTrue();
        assertThat(response.holds(end.minusMillis(1))).isTrue();
        assertThat(response.holds(end)).isFalse();
    }

    @Test
    void findsTheIssuerAmongTheAnchors() {
        Issued direct = root.server("direct");
        assertThat(load(root.ocsp(direct.leaf()).current(now, Optional.of(end)), direct)
                        .isAbout(direct.leaf()))
                .isTrue();
    }

    @Test
    void findsTheIssuerAmongItsNamesakesAndOthers() {
        X509Certificate namesake = ThrowawayCa.root("Test Intermediate", now.minus(Duration.ofDays(1)))
                .certificate();
        Issued crowded = weather.withChain(weather.leaf(), root.certificate(), namesake, ca.certificate());
        assertThat(load(current(), crowded).isAbout(weather.leaf())).isTrue();
        refuses(current(), weather.withChain(weather.leaf(), root.certificate(), namesake), "without the certificate");
    }

    @Test
    void needsTheIssuer() {
        refuses(current(), weather.withChain(weather.leaf()), "without the certificate of the issuer, CN=Test Inter");
    }

    @Test
    void takesWhatADelegatedResponderSigned() {
        Issued responder = ca.client("responder", spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning));
        assertThatCode(() -> load(current().signedBy(responder))).doesNotThrowAnyException();
    }

    @Test
    void refusesASignerThatIsNoResponder() {
        refuses(current().signedBy(ca.client("client")), "is not a valid response");
    }

    @Test
    void refusesAResponderOfAnotherAuthority() {
        Issued stranger = ThrowawayCa.root("Test Intermediate")
                .client("responder", spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning));
        refuses(current().signedBy(stranger), "is not a valid response");
        assertThatThrownBy(() -> load(current().signedBy(stranger)))
                .hasMessageNotContaining("network")
                .hasMessageNotContaining("null");
    }

    @Test
    void refusesAnotherCertificates() {
        refuses(
                ca.ocsp(ca.server("other").leaf()),
                "not " + weather.leaf().getSerialNumber().toString(16) + "; ask the responder about the certificate");
    }

    @Test
    void refusesTheSameSerialNumberOfAnotherIssuer() {
        refuses(root.ocsp(weather.leaf()).current(now, Optional.of(end)), "is not a valid response");
    }

    @Test
    void refusesARevokedCertificate() {
        refuses(current().revoked(now.minusSeconds(1)), "says that the certificate is revoked");
    }

    @Test
    void refusesACertificateThatIsYetToBeRevoked() {
        refuses(current().revoked(now.plusSeconds(60)), "says that the certificate is revoked");
    }

    @Test
    void refusesAnUnknownCertificate() {
        refuses(current().unknown(), "unknown");
    }

    @Test
    void refusesOneThatHasEnded() {
        refuses(current().current(now.minusSeconds(60), Optional.of(now)), "until " + now + ", not now");
    }

    @Test
    void refusesOneThatHasNotBegun() {
        refuses(current().current(now.plusSeconds(1), Optional.of(end)), "not now");
    }

    @Test
    void refusesOneWithoutAnEnd() {
        refuses(current().current(now, Optional.empty()), "has no nextUpdate");
    }

    @Test
    void refusesOneAboutSeveralCertificates() {
        refuses(ca.ocsp(weather.leaf(), ca.server("other").leaf()), "about 2 certificates");
    }

    @Test
    void refusesARespondersError() throws IOException {
        Files.write(file(), new byte[] {0x30, 3, 0x0a, 1, 6});
        refuses(weather, "the responder answered with error 6");
    }

    @Test
    void refusesAMissingFile() {
        refuses(weather, "does not exist; have it written");
    }

    @Test
    void refusesWhatIsCutShort() throws IOException {
        byte[] whole = current().encoded();
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file(), Arrays.copyOf(whole, length));
            refuses(weather, "holds no usable OCSP response");
        }
    }

    /** The signer's certificate follows the signature, and may change, because our issuer need not enclose it. */
    @Test
    void refusesWhateverIsAlteredUpToTheSignature() throws Exception {
        byte[] whole = current().encoded();
        for (int at = 0; at < signatureEnd(whole); at++) {
            byte[] altered = whole.clone();
            altered[at] ^= 4;
            Files.write(file(), altered);
            refuses(weather, "");
        }
    }

    /** The platform reads unused bits as zero, which breaks only a signature in which they are set. */
    @Test
    void refusesASignatureThatIsNotWholeOctets() throws Exception {
        byte[] altered;
        do {
            altered = withUnusedBit(current().encoded());
        } while ((altered[signatureEnd(altered) - 1] & 1) != 0);
        Files.write(file(), altered);
        refuses(weather, "not whole octets");
    }

    private static byte[] withUnusedBit(byte[] response) {
        List<byte[]> outer = parts(response);
        List<byte[]> typed = parts(parts(outer.get(1)).get(0));
        List<byte[]> basic = parts(parts(typed.get(1)).get(0));
        basic.get(2)[2] = 1;
        byte[] octets = tlv(0x04, tlv(0x30, basic.toArray(byte[][]::new)));
        return tlv(0x30, outer.get(0), tlv(0xa0, tlv(0x30, typed.get(0), octets)));
    }

    private int signatureEnd(byte[] response) throws CertificateEncodingException {
        return response.length - ca.certificate().getEncoded().length - 8;
    }

    private ThrowawayOcsp current() {
        return ca.ocsp(weather.leaf()).current(now, Optional.of(end));
    }

    private OcspResponse load(ThrowawayOcsp response) {
        return load(response, weather);
    }

    private OcspResponse load(ThrowawayOcsp response, Issued credential) {
        response.writeTo(file());
        return load(credential);
    }

    private OcspResponse load(Issued credential) {
        return OcspResponse.load(file(), new Chain(credential.chain()), anchors, now);
    }

    private void refuses(ThrowawayOcsp response, String why) {
        refuses(response, weather, why);
    }

    private void refuses(ThrowawayOcsp response, Issued credential, String why) {
        response.writeTo(file());
        refuses(credential, why);
    }

    private void refuses(Issued credential, String why) {
        assertThatThrownBy(() -> load(credential))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageStartingWith(file().toString())
                .hasMessageContaining(why);
    }

    private Path file() {
        return directory.resolve("ocsp.der");
    }
}
