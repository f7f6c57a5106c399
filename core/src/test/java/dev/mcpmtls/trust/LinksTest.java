// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;

class LinksTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final ParsedCertificate issuer = new ParsedCertificate(ca.certificate());
    private final ParsedCertificate child = new ParsedCertificate(ca.client("a").leaf());
    private final ParsedCertificate stranger =
            new ParsedCertificate(ThrowawayCa.root("Test CA", NOW).client("a").leaf());
    private final Links links = new Links();

    @Test
    void tellsWhoseSignatureACertificateCarries() {
        assertThat(links.isSigned(child, issuer)).isTrue();
        assertThat(links.isSigned(stranger, issuer)).isFalse();
    }

    @Test
    void answersSixtyFourQuestionsAndThoseAgain() throws Exception {
        links.isSigned(stranger, issuer);
        spend(62);
        assertThat(links.isSigned(child, issuer)).as("the last one").isTrue();
        assertThat(links.isSigned(child, issuer)).as("the last one again").isTrue();
        assertThat(links.isSigned(stranger, issuer)).as("the first one again").isFalse();
    }

    @Test
    void answersNoMore() throws Exception {
        spend(64);
        assertThat(links.isSigned(child, issuer)).isFalse();
    }

    @Test
    void aCertificateIsItsEncoding() {
        assertThat(new ParsedCertificate(ca.certificate()))
                .isEqualTo(issuer)
                .hasSameHashCodeAs(issuer)
                .isNotEqualTo(child);
        assertThat(issuer.equals((Object) ca.certificate())).isFalse();
    }

    private void spend(int questions) throws Exception {
        // Answered without verifying anything: the key is too costly. The children differ in the last bits of the
        // signature.
        ThrowawayCa costly = ThrowawayCa.root("DSA CA", NOW, spec -> spec.keys(Keys.dsa()));
        ParsedCertificate dsa = new ParsedCertificate(costly.certificate());
        Issued other = ca.client("other");
        int bits = other.leaf().getEncoded().length * 8;
        for (int i = 1; i <= questions; i++) {
            X509Certificate one = other.withFlippedBit(bits - i).leaf();
            assertThat(links.isSigned(new ParsedCertificate(one), dsa)).isFalse();
        }
    }
}
