// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.tlv;
import static dev.mcpmtls.trust.CraftedCertificates.CA;
import static dev.mcpmtls.trust.CraftedCertificates.GOOD;
import static dev.mcpmtls.trust.CraftedCertificates.assertRefused;
import static dev.mcpmtls.trust.CraftedCertificates.defect;
import static dev.mcpmtls.trust.CraftedCertificates.hex;
import static dev.mcpmtls.trust.CraftedCertificates.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Issued;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Extensions of certificates with a genuine signature, in an encoding that breaks X.690 or RFC 5280. */
class ExtensionEncodingTest {

    @ParameterizedTest
    @CsvSource({
        "30 0b 06 03 2a 03 04 01 01 00 04 01 05, critical FALSE written out",
        "30 0b 06 03 2a 03 04 01 01 01 04 01 05, critical neither 00 nor FF",
        "30 06 06 03 2a 03 04 04, truncated",
        "30 05 06 03 2a 03 04, no value",
        "30 0b 06 03 2a 03 04 04 01 05 04 01 05, two values",
        "30 0a 06 04 2a 80 03 04 04 02 05 00, OID not minimal",
        "30 0b 06 03 55 1d 12 04 04 30 02 05 01, alternative names of the issuer that are not DER",
        "30 09 06 03 55 1d 12 04 02 30 80, an indefinite length",
        "30 0c 06 03 55 1d 0e 04 05 04 03 01 02 03, the key identifier again",
        "30 07 06 03 55 1d 11 04 00, the names again and unreadable"
    })
    void refusesExtensions(String encoding, String what) {
        assertRefused(Crafted.withExtension(GOOD.leaf(), CA, hex(encoding)), what);
    }

    @Test
    void acceptsAnotherExtensionOfWhateverText() {
        assertThat(refusal(Crafted.withExtension(GOOD.leaf(), CA, hex("30 0b 06 03 2a 03 04 04 04 66 72 65 65"))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2.5.29.15, 03 01 07",
        "2.5.29.15, 03 01 00",
        "2.5.29.15, 03 02 00 80",
        "2.5.29.15, 03 02 06 80",
        "2.5.29.15, 03 02 07 81",
        "2.5.29.15, 03 02 07 00",
        "2.5.29.15, 03 02 08 80",
        "2.5.29.15, 05 00",
        "2.5.29.35, 30 00",
        "2.5.29.35, 30 02 82 01",
        "2.5.29.35, 30 03 82 01 01",
        "2.5.29.35, 30 06 80 01 01 82 01 01",
        "2.5.29.35, 30 06 82 01 01 80 01 01",
        "2.5.29.35, 30 04 a1 00 82 00",
        "2.5.29.35, 30 08 80 01 01 a1 00 82 01 01",
        "2.5.29.35, 30 08 a1 02 05 00 82 02 00 01",
        "2.5.29.35, 30 09 a1 04 a4 02 05 00 82 01 01",
        "2.5.29.35, 04 01 01",
        "2.5.29.19, 30 03 01 01 00",
        "2.5.29.19, 30 03 01 01 01",
        "2.5.29.19, 30 03 02 01 00",
        "2.5.29.19, 30 06 01 01 ff 02 01 ff",
        "2.5.29.19, 30 07 01 01 ff 02 02 00 01",
        "2.5.29.19, 30 09 01 01 ff 02 01 00 02 01 00",
        "2.5.29.37, 30 00",
        "2.5.29.37, 30 02 06 00",
        "2.5.29.17, 30 00",
        "2.5.29.17, 30 03 82 01 80",
        "2.5.29.17, 30 03 a2 01 61",
        "2.5.29.17, 30 02 05 00",
        "2.5.29.14, 04 00"
    })
    void refusesValuesOfTheExtensionsItReads(String oid, String value) {
        byte[] number = {0x55, 0x1d, (byte) Integer.parseInt(oid.substring(7))};
        Issued without = CA.client("a", spec -> spec.without(oid));
        byte[] extension = tlv(0x30, tlv(6, number), tlv(4, hex(value)));
        assertRefused(Crafted.withExtension(without.leaf(), CA, extension), value);
    }

    @Test
    void acceptsAnAuthorityKeyIdentifierWithAllItsParts() throws Exception {
        Issued without = CA.client("a", spec -> spec.without("2.5.29.35"));
        byte[] key = new JcaX509ExtensionUtils()
                .createSubjectKeyIdentifier(CA.certificate().getPublicKey())
                .getKeyIdentifier();
        byte[] issuer =
                tlv(0xa1, tlv(0xa4, CA.certificate().getSubjectX500Principal().getEncoded()));
        byte[] serial = tlv(0x82, CA.certificate().getSerialNumber().toByteArray());
        byte[] value = tlv(0x30, tlv(0x80, key), issuer, serial);
        byte[] extension = tlv(0x30, hex("06 03 55 1d 23"), tlv(4, value));
        assertThat(refusal(Crafted.withExtension(without.leaf(), CA, extension)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "30 0a 06 01 2a 01 01 ff 04 00 05 00, a misshapen extension",
        "30 08 06 01 2a 01 01 00 04 00, a misshapen extension",
        "30 03 06 01 2a, a misshapen extension",
        "30 09 06 03 55 1d 0e 04 02 05 00, an extension twice",
        "30 0a 06 03 2a 03 04 01 01 ff 04 00, ''",
        "30 09 06 03 2a 03 04 04 02 05 01, ''",
        "30 06 06 02 55 1d 04 00, ''"
    })
    void tellsExtensions(String extension, String defect) {
        assertThat(defect(Crafted.withExtension(GOOD.leaf(), CA, hex(extension))))
                .isEqualTo(defect);
    }
}
