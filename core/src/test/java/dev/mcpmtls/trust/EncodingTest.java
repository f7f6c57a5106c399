// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.EXTENSIONS;
import static dev.mcpmtls.testkit.Crafted.KEY;
import static dev.mcpmtls.testkit.Crafted.SERIAL_NUMBER;
import static dev.mcpmtls.testkit.Crafted.SUBJECT;
import static dev.mcpmtls.testkit.Crafted.VALIDITY;
import static dev.mcpmtls.testkit.Crafted.VERSION;
import static dev.mcpmtls.testkit.Crafted.parts;
import static dev.mcpmtls.testkit.Crafted.tlv;
import static dev.mcpmtls.trust.CraftedCertificates.assertRefused;
import static dev.mcpmtls.trust.CraftedCertificates.crafted;
import static dev.mcpmtls.trust.CraftedCertificates.defect;
import static dev.mcpmtls.trust.CraftedCertificates.filled;
import static dev.mcpmtls.trust.CraftedCertificates.hex;
import static dev.mcpmtls.trust.CraftedCertificates.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates with a genuine signature whose encoding breaks X.690 or RFC 5280. */
class EncodingTest {

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

    private static byte[] time(String tag, String text) {
        return tlv(Integer.parseInt(tag, 16), text.getBytes(StandardCharsets.US_ASCII));
    }
}
