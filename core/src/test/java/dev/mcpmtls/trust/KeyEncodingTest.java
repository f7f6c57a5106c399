// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.ALGORITHM;
import static dev.mcpmtls.testkit.Crafted.KEY;
import static dev.mcpmtls.testkit.Crafted.parts;
import static dev.mcpmtls.testkit.Crafted.tlv;
import static dev.mcpmtls.trust.CraftedCertificates.GOOD;
import static dev.mcpmtls.trust.CraftedCertificates.assertRefused;
import static dev.mcpmtls.trust.CraftedCertificates.crafted;
import static dev.mcpmtls.trust.CraftedCertificates.defect;
import static dev.mcpmtls.trust.CraftedCertificates.filled;
import static dev.mcpmtls.trust.CraftedCertificates.hex;
import static dev.mcpmtls.trust.CraftedCertificates.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys, signatures and their algorithms in certificates whose encoding breaks X.690 or RFC 5280. */
class KeyEncodingTest {

    @Test
    void refusesOtherAlgorithmsInsideThanOutside() {
        assertRefused(
                crafted(fields -> fields.set(ALGORITHM, hex("30 0a 06 08 2a 86 48 ce 3d 04 03 03"))), "SHA-384 inside");
        assertRefused(
                crafted(fields -> fields.set(ALGORITHM, hex("30 0c 06 08 2a 86 48 ce 3d 04 03 02 05 00"))),
                "NULL inside");
    }

    @Test
    void refusesEcdsaWithParameters() {
        byte[] algorithm = hex("30 0c 06 08 2a 86 48 ce 3d 04 03 02 05 00");
        byte[] inside = crafted(fields -> fields.set(ALGORITHM, algorithm));
        List<byte[]> three = parts(inside);
        assertRefused(tlv(0x30, three.get(0), algorithm, three.get(2)), "NULL inside and outside");
    }

    @Test
    void refusesKeysOfAnotherForm() {
        byte[] key = GOOD.leaf().getPublicKey().getEncoded();
        byte[] point = parts(key).get(1);
        byte[] algorithm = parts(key).get(0);
        assertRefused(
                withKey(tlv(0x30, algorithm, tlv(3, new byte[] {7}, Arrays.copyOfRange(point, 3, point.length)))),
                "unused bits");
        byte[] compressed = Arrays.copyOfRange(point, 2, 2 + 34);
        compressed[1] = (byte) (2 + (point[point.length - 1] & 1));
        assertRefused(withKey(tlv(0x30, algorithm, tlv(3, compressed))), "a compressed point");
        assertRefused(withKey(tlv(0x30, tlv(0x30, hex("06 07 2a 86 48 ce 3d 02 01")), point)), "no curve");
        assertRefused(
                withKey(tlv(
                        0x30,
                        tlv(0x30, hex("06 07 2a 86 48 ce 3d 02 01 06 08 2a 86 48 ce 3d 03 01 01")),
                        tlv(3, new byte[] {0, 4}, filled(48, 1)))),
                "P-192");
        assertRefused(
                withKey(tlv(0x30, tlv(0x30, hex("06 07 2a 86 48 ce 3d 02 01 30 03 02 01 01")), point)),
                "a curve spelt out");
        assertRefused(withKey(tlv(0x30, algorithm, point, point)), "one part too many");
    }

    @Test
    void refusesRsaKeysWithoutTheirNull() {
        byte[] numbers = tlv(3, new byte[1], tlv(0x30, tlv(2, new byte[1], filled(256, 0xc1)), hex("02 03 01 00 01")));
        byte[] oid = hex("06 09 2a 86 48 86 f7 0d 01 01 01");
        assertThat(refusal(withKey(tlv(0x30, tlv(0x30, oid, tlv(5)), numbers)))).isEmpty();
        assertRefused(withKey(tlv(0x30, tlv(0x30, oid), numbers)), "absent");
        assertRefused(withKey(tlv(0x30, tlv(0x30, oid, tlv(0x30)), numbers)), "a sequence");
    }

    @Test
    void refusesRsaKeysWithASecondEncoding() {
        byte[] algorithm = tlv(0x30, hex("06 09 2a 86 48 86 f7 0d 01 01 01"), tlv(5));
        byte[] modulus = tlv(2, new byte[1], filled(256, 0xc1));
        byte[] exponent = hex("02 03 01 00 01");
        assertThat(refusal(withKey(tlv(0x30, algorithm, tlv(3, new byte[1], tlv(0x30, modulus, exponent))))))
                .isEmpty();
        byte[] padded = tlv(2, new byte[2], filled(256, 0xc1));
        assertRsaDefect(tlv(0x30, padded, exponent), "not a minimal integer");
        assertRsaDefect(tlv(0x30, modulus, hex("02 04 00 01 00 01")), "not a minimal integer");
        assertRsaDefect(tlv(0x30, modulus, exponent, tlv(5)), "an RSA key that is not a pair of numbers");
        assertRsaDefect(tlv(0x30, modulus, hex("0a 01 03")), "an RSA key that is not a pair of numbers");
    }

    private static void assertRsaDefect(byte[] numbers, String defect) {
        byte[] algorithm = tlv(0x30, hex("06 09 2a 86 48 86 f7 0d 01 01 01"), tlv(5));
        byte[] certificate = withKey(tlv(0x30, algorithm, tlv(3, new byte[1], numbers)));
        assertThat(defect(certificate)).isEqualTo(defect);
        assertRefused(certificate, defect);
    }

    @Test
    void refusesSignaturesOfAnotherForm() {
        List<byte[]> three = parts(crafted(fields -> {}));
        byte[] signature = Arrays.copyOfRange(three.get(2), 3, three.get(2).length);
        assertThat(refusal(tlv(0x30, three.get(0), three.get(1), tlv(3, new byte[1], signature))))
                .isEmpty();
        assertRefused(withSignature(three, new byte[1], signature, new byte[1]), "an octet more");
        assertRefused(withSignature(three, new byte[] {1}, signature), "an unused bit");
        List<byte[]> numbers = parts(signature);
        byte[] r = numbers.get(0);
        byte[] padded = tlv(2, new byte[1 + (r[2] < 0 ? 0 : 1)], Arrays.copyOfRange(r, 2, r.length));
        assertRefused(withSignature(three, new byte[1], tlv(0x30, padded, numbers.get(1))), "a padded number");
        assertRefused(withSignature(three, new byte[1], tlv(0x30, r, numbers.get(1), tlv(5))), "three parts");
        assertRefused(withSignature(three, new byte[1]), "none");
    }

    @ParameterizedTest
    @CsvSource({
        "30 00, not a signature algorithm",
        "30 07 06 01 2a 05 00 05 00, not a signature algorithm",
        "30 0c 06 08 2a 86 48 ce 3d 04 03 02 05 00, a signature algorithm with parameters",
        "30 07 06 03 2b 65 70 05 00, a signature algorithm with parameters",
        "30 0d 06 09 2a 86 48 86 f7 0d 01 01 0b 30 00, a signature algorithm with parameters",
        "30 0d 06 09 2a 86 48 86 f7 0d 01 01 0b 05 00, ''",
        "30 0b 06 09 2a 86 48 86 f7 0d 01 01 0b, ''",
        "30 0d 06 09 2a 86 48 86 f7 0d 01 01 0a 30 00, ''",
        "30 05 06 03 2b 65 70, ''"
    })
    void tellsSignatureAlgorithms(String algorithm, String defect) {
        List<byte[]> three = parts(crafted(fields -> fields.set(ALGORITHM, hex(algorithm))));
        byte[] both = tlv(0x30, three.get(0), hex(algorithm), three.get(2));
        assertThat(defect(both)).isEqualTo(defect);
        assertThat(defect(tlv(0x30, three.get(0), hex("30 03 06 01 2a"), three.get(2))))
                .isEqualTo("two different signature algorithms");
    }

    @ParameterizedTest
    @CsvSource({
        "01 30 06 02 01 01 02 01 02, a signature that is not whole octets",
        "00 30 03 02 01 01, an ECDSA signature that is not a pair",
        "00 30 09 02 01 01 02 01 01 02 01 01, an ECDSA signature that is not a pair",
        "00 30 06 02 01 00 02 01 01, a number in an ECDSA signature that is not positive",
        "00 30 06 02 01 01 02 01 00, a number in an ECDSA signature that is not positive",
        "00 30 06 02 01 ff 02 01 01, a number in an ECDSA signature that is not positive",
        "00 30 06 02 01 01 02 01 01, ''"
    })
    void tellsEcdsaSignatures(String bits, String defect) {
        List<byte[]> three = parts(crafted(fields -> {}));
        byte[] spoilt = tlv(0x30, three.get(0), three.get(1), tlv(3, hex(bits)));
        assertThat(defect(spoilt)).isEqualTo(defect);
    }

    @ParameterizedTest
    @CsvSource({
        "30 07 30 03 06 01 2a 03 00, a bit string with bad unused bits",
        "30 0b 30 03 06 01 2a 03 02 00 01 05 00, not a key",
        "30 09 30 03 06 01 2a 03 02 01 02, not a key",
        "30 06 30 00 03 02 00 01, not a key algorithm",
        "30 0d 30 07 06 01 2a 05 00 05 00 03 02 00 01, not a key algorithm",
        "30 0b 30 05 06 01 2a 05 00 03 02 00 01, ''"
    })
    void tellsKeys(String key, String defect) {
        assertThat(defect(withKey(hex(key)))).isEqualTo(defect);
    }

    private static byte[] withKey(byte[] key) {
        return crafted(fields -> fields.set(KEY, key));
    }

    private static byte[] withSignature(List<byte[]> three, byte[]... bits) {
        return tlv(0x30, three.get(0), three.get(1), tlv(3, bits));
    }
}
