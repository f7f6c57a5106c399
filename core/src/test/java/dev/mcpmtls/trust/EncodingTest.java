// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.ALGORITHM;
import static dev.mcpmtls.testkit.Crafted.EXTENSIONS;
import static dev.mcpmtls.testkit.Crafted.KEY;
import static dev.mcpmtls.testkit.Crafted.SERIAL_NUMBER;
import static dev.mcpmtls.testkit.Crafted.SUBJECT;
import static dev.mcpmtls.testkit.Crafted.VALIDITY;
import static dev.mcpmtls.testkit.Crafted.VERSION;
import static dev.mcpmtls.testkit.Crafted.parts;
import static dev.mcpmtls.testkit.Crafted.tlv;
import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates with a genuine signature whose encoding breaks X.690 or RFC 5280. */
class EncodingTest {

    private static final ThrowawayCa CA = ThrowawayCa.root("Test CA", NOW);
    private static final Issued GOOD = CA.client("a");

    @Test
    void acceptsACraftedCertificateWithNothingChanged() {
        assertThat(refusal(crafted(fields -> {}))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "02 01 00, zero",
        "02 01 ff, negative",
        "02 02 00 01, not minimal",
        "02 00, empty",
        "02 15 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00, 21 octets",
        "02 15 00 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00, 21 octets with the sign",
        "0a 01 01, enumerated"
    })
    void refusesSerialNumbers(String encoding, String what) {
        assertRefused(crafted(fields -> fields.set(SERIAL_NUMBER, hex(encoding))), what);
    }

    @Test
    void acceptsTheLongestSerialNumber() {
        assertThat(refusal(crafted(fields -> fields.set(SERIAL_NUMBER, tlv(2, filled(20, 0x7f))))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a0 03 02 01 00",
                "a0 03 02 01 01",
                "a0 03 02 01 03",
                "a0 04 02 02 00 02",
                "a0 06 02 01 02 02 01 02",
                "80 01 02"
            })
    void refusesVersions(String encoding) {
        assertRefused(crafted(fields -> fields.set(VERSION, hex(encoding))), encoding);
    }

    @Test
    void refusesExtensionsInVersion1() {
        assertRefused(crafted(fields -> fields.remove(VERSION)), "version left out");
    }

    @Test
    void refusesFieldsThatDoNotBelong() {
        byte[] nothing = tlv(0x05);
        assertRefused(crafted(fields -> fields.add(nothing)), "after the extensions");
        assertRefused(crafted(fields -> fields.add(EXTENSIONS, nothing)), "before the extensions");
        assertRefused(crafted(fields -> fields.add(fields.get(EXTENSIONS))), "extensions twice");
        assertRefused(crafted(fields -> fields.add(hex("81 02 00 01"))), "an identifier after the extensions");
        assertRefused(
                crafted(fields -> fields.addAll(EXTENSIONS, List.of(hex("82 02 00 01"), hex("81 02 00 01")))),
                "identifiers swapped");
        assertRefused(crafted(fields -> fields.set(EXTENSIONS, hex("a3 02 30 00"))), "no extension at all");
        assertThat(refusal(
                        crafted(fields -> fields.addAll(EXTENSIONS, List.of(hex("81 02 00 01"), hex("82 02 00 01"))))))
                .as("unique identifiers")
                .isEmpty();
    }

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

    @ParameterizedTest
    @CsvSource({
        "17, 261122115900Z, 18, 20261123120000Z, GeneralizedTime before 2050",
        "17, 2611221159Z, 17, 261123120000Z, no seconds",
        "17, 261122115900+0000, 17, 261123120000Z, an offset",
        "17, 260229115900Z, 17, 261123120000Z, a day that does not exist",
        "17, 261122115900Z, 18, 20501122115900.5Z, a fraction",
        "17, 261122115900Z, 18, 20501122115900, no zone",
        "17, 261123120000Z, 17, 261122110000Z, the end before the start"
    })
    void refusesValidities(String startTag, String start, String endTag, String end, String what) {
        assertRefused(
                crafted(fields -> fields.set(VALIDITY, tlv(0x30, time(startTag, start), time(endTag, end)))), what);
    }

    @ParameterizedTest
    @CsvSource({
        "17, 261122120000Z, 17, 261122120000Z",
        "17, 500101000000Z, 17, 491231235959Z",
        "17, 261122115900Z, 18, 20500101000000Z",
        "18, 19491231235959Z, 18, 99991231235959Z"
    })
    void acceptsValiditiesThatHoldNow(String startTag, String start, String endTag, String end) {
        assertThat(refusal(crafted(
                        fields -> fields.set(VALIDITY, tlv(0x30, time(startTag, start), time(endTag, end))))))
                .isEmpty();
    }

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
        "30 0f 31 0d 30 0b 06 03 55 04 03 2c 04 0c 02 61 62, a constructed string",
        "30 0c 31 0a 30 08 06 03 55 04 03 1f 01 61, a tag that goes on",
        "30 0d 31 0b 30 09 06 03 55 04 03 0c 81 01 61, a length in the long form",
        "30 0d 31 0b 30 09 06 03 55 04 03 05 02 61 62, a NULL with contents",
        "30 0c 31 0a 30 08 06 03 55 04 03 10 01 61, a primitive sequence"
    })
    void refusesSubjects(String encoding, String what) {
        assertRefused(crafted(fields -> fields.set(SUBJECT, hex(encoding))), what);
    }

    @Test
    void refusesDeepNesting() {
        byte[] nested = tlv(0x05);
        for (int i = 0; i < 8000; i++) {
            nested = tlv(0x30, nested);
        }
        byte[] name = tlv(0x30, tlv(0x31, tlv(0x30, hex("06 03 55 04 03"), nested)));
        assertRefused(crafted(fields -> fields.set(SUBJECT, name)), "8000 levels");
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

    /** The platform's parser refuses most of these as well, but our rules do not depend on it. */
    @Test
    void tellsWhatIsNotAsItShouldBeWithoutThePlatform() {
        byte[] whole = crafted(fields -> {});
        List<byte[]> three = parts(whole);
        assertThat(defect(whole)).isEmpty();
        assertThat(defect(tlv(0x30, three.get(0), three.get(1)))).contains("not three parts");
        assertThat(defect(tlv(0x30, three.get(0), three.get(1), three.get(2), tlv(5))))
                .contains("not three parts");
        assertThat(defect(crafted(fields -> fields.subList(KEY, EXTENSIONS + 1).clear())))
                .contains("missing fields");
        assertThat(defect(crafted(fields -> fields.remove(EXTENSIONS)))).isEmpty();
        assertThat(defect(crafted(fields -> fields.set(EXTENSIONS, hex("a3 02 30 00")))))
                .contains("an empty list of extensions");
        assertThat(defect(crafted(fields -> fields.set(VALIDITY, tlv(0x30)))))
                .contains("a validity written in another way");
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

    @Test
    void refusesWhatStandsAroundTheCertificate() {
        byte[] whole = crafted(fields -> {});
        List<byte[]> three = parts(whole);
        assertRefused(tlv(0x30, three.get(0), three.get(1), three.get(2), tlv(5)), "a fourth part");
        assertRefused(Arrays.copyOf(whole, whole.length + 1), "an octet after the end");
        byte[] longer = new byte[whole.length + 1];
        System.arraycopy(whole, 4, longer, 5, whole.length - 4);
        System.arraycopy(new byte[] {0x30, (byte) 0x83, 0, whole[2], whole[3]}, 0, longer, 0, 5);
        assertRefused(longer, "a length of three octets where two do");
        byte[] indefinite = new byte[whole.length];
        System.arraycopy(whole, 4, indefinite, 2, whole.length - 4);
        indefinite[0] = 0x30;
        indefinite[1] = (byte) 0x80;
        assertRefused(indefinite, "an indefinite length");
    }

    private static byte[] crafted(Consumer<List<byte[]>> change) {
        return Crafted.like(GOOD.leaf(), CA, change);
    }

    private static byte[] withKey(byte[] key) {
        return crafted(fields -> fields.set(KEY, key));
    }

    private static byte[] withSignature(List<byte[]> three, byte[]... bits) {
        return tlv(0x30, three.get(0), three.get(1), tlv(3, bits));
    }

    private static byte[] time(String tag, String text) {
        return tlv(Integer.parseInt(tag, 16), text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The defect without the words that all defects share; empty for none. */
    private static String defect(byte[] certificate) {
        String prefix = "its encoding is not what RFC 5280 asks: ";
        return Encoding.defect(
                        certificate,
                        GOOD.leaf().getNotBefore().toInstant(),
                        GOOD.leaf().getNotAfter().toInstant())
                .map(text -> text.substring(prefix.length()))
                .orElse("");
    }

    private static void assertRefused(byte[] certificate, String what) {
        assertThat(refusal(certificate)).as(what).isPresent();
    }

    /** The reason of the refusal; empty when the chain is accepted. */
    private static Optional<String> refusal(byte[] certificate) {
        try {
            Verdict verdict = strict(CA).verifyClient(Chain.parse(List.of(certificate)));
            return verdict instanceof Verdict.Accepted
                    ? Optional.empty()
                    : Optional.of(refused(verdict).rejection().explain());
        } catch (CertificateException e) {
            return Optional.of("does not parse");
        }
    }

    private static byte[] filled(int length, int octet) {
        byte[] all = new byte[length];
        Arrays.fill(all, (byte) octet);
        return all;
    }

    private static byte[] hex(String spaced) {
        return HexFormat.of().parseHex(spaced.replace(" ", ""));
    }
}
