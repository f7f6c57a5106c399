// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.ISSUER;
import static dev.mcpmtls.testkit.Crafted.SUBJECT;
import static dev.mcpmtls.testkit.Crafted.tlv;
import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names in every place of a certificate, in the kinds of strings that RFC 5280 allows and in others. */
class NameFormTest {

    private static final ThrowawayCa CA = ThrowawayCa.root("Test CA", NOW);
    private static final Issued GOOD = CA.client("a");

    private static final String CN = "55 04 03";
    private static final String COUNTRY = "55 04 06";
    private static final String EMAIL = "2a 86 48 86 f7 0d 01 09 01";
    private static final String DC = "09 92 26 89 93 f2 2c 64 01 19";
    private static final String UNIQUE = "55 04 2d";
    private static final String POSTAL = "55 04 10";
    private static final String X121 = "55 04 18";
    private static final String UNKNOWN = "2a 03 04";

    @ParameterizedTest
    @CsvSource({
        CN + ", 0c, 61 c3 a9 f0 9f 98 80, UTF8String",
        CN + ", 13, 61 20 27 28 29 2b 2c 2d 2e 2f 3a 3d 3f, PrintableString",
        CN + ", 14, 61 40 26, TeletexString of ASCII",
        CN + ", 1e, 00 61 00 e9 20 ac, BMPString",
        CN + ", 1c, 00 00 00 61 00 01 f6 00, UniversalString",
        COUNTRY + ", 13, 44 45, a country in PrintableString",
        COUNTRY + ", 0c, 44 45, a country in UTF8String",
        EMAIL + ", 16, 61 40 62, a mailbox in IA5String",
        EMAIL + ", 0c, 61 40 62, a mailbox in UTF8String",
        DC + ", 16, 64 65, a domain component",
        CN + ", 13, 61 40 26 2a 5f, what authorities have always written into PrintableString",
        EMAIL + ", 13, 61 40 62, a mailbox in PrintableString",
        UNIQUE + ", 03, 00 a1 b2, a unique identifier of bits",
        UNIQUE + ", 03, 04 a0, a unique identifier of four bits",
        UNIQUE + ", 0c, 61, a unique identifier in UTF8String",
        POSTAL + ", 30, 0c 01 61 13 01 62, a postal address of two lines",
        POSTAL + ", 30, 0c 01 61 0c 01 62 0c 01 63 0c 01 64 0c 01 65 1e 02 00 66, a postal address of six",
        POSTAL + ", 0c, 61, a postal address in UTF8String",
        X121 + ", 12, 30 31, a data network's address",
        UNKNOWN + ", 12, 30 31 20, an attribute of somebody's own in NumericString",
        UNKNOWN + ", 16, 61 40, an attribute of somebody's own in IA5String",
    })
    void acceptsText(String type, String tag, String value, String what) {
        for (byte[] certificate : everywhere(name(type, tag, value))) {
            assertThat(refusal(certificate)).as(what).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        CN + ", 0c, 61 ff, no UTF-8",
        CN + ", 0c, c0 80, an overlong NUL",
        CN + ", 0c, c1 a1, an overlong letter",
        CN + ", 0c, ed a0 80, a surrogate in UTF-8",
        CN + ", 0c, f4 90 80 80, beyond Unicode",
        CN + ", 0c, e2 82, cut off",
        CN + ", 0c, 61 00 62, a NUL",
        CN + ", 0c, 61 0a 62, a line break",
        CN + ", 0c, 61 1b 62, an escape",
        CN + ", 0c, 61 7f, DEL",
        CN + ", 0c, c2 85, C1",
        CN + ", 0c, ef bf bd, the replacement character",
        CN + ", 0c, ef bf bf, a noncharacter",
        CN + ", 0c, ee 80 80, of private use",
        CN + ", 13, 61 22, a quote in PrintableString",
        CN + ", 13, 61 3b, ; in PrintableString",
        CN + ", 13, 61 24, $ in PrintableString",
        UNIQUE + ", 03, '', a unique identifier without its count",
        UNIQUE + ", 03, 00, of no bits",
        UNIQUE + ", 03, 04 a1, with bits that do not count",
        UNIQUE + ", 03, 08 a0, with eight bits that do not count",
        UNIQUE + ", 04, a1, a unique identifier of octets",
        UNIQUE + ", 23, 03 02 00 a1, a unique identifier in pieces",
        CN + ", 03, 00 a1, a common name of bits",
        POSTAL + ", 30, '', a postal address without lines",
        POSTAL
                + ", 30, 0c 01 61 0c 01 61 0c 01 61 0c 01 61 0c 01 61 0c 01 61 0c 01 61, a postal address of seven lines",
        POSTAL + ", 30, 0c 01 61 1a 01 62, a line in VisibleString",
        POSTAL + ", 30, 0c 01 61 16 01 62, a line in IA5String",
        POSTAL + ", 30, 0c 01 61 0c 00, an empty line",
        POSTAL + ", 30, 0c 02 61 00, NUL in a line",
        POSTAL + ", 30, 30 03 0c 01 61, lines within lines",
        POSTAL + ", 31, 0c 01 61, a set of lines",
        POSTAL + ", 03, 00 61, an address of bits",
        X121 + ", 12, 61, letters in a data network's address",
        CN + ", 13, 61 00, NUL in PrintableString",
        CN + ", 13, 61 e9, Latin-1 in PrintableString",
        CN + ", 14, 61 e9, Latin-1 or T.61 in TeletexString",
        CN + ", 14, 61 00, NUL in TeletexString",
        CN + ", 1e, 00 61 00, an odd length",
        CN + ", 1e, d8 3d de 00, a pair of surrogates",
        CN + ", 1e, d8 00 00 61, half a pair",
        CN + ", 1e, 00 61 00 00, NUL in BMPString",
        CN + ", 1c, 00 00 61, three octets",
        CN + ", 1c, 00 11 00 00, beyond Unicode",
        CN + ", 1c, 00 00 d8 00, a surrogate",
        CN + ", 1c, 00 00 d8 3d 00 00 de 00, a pair of surrogates",
        CN + ", 1c, ff ff ff ff, negative",
        CN + ", 12, 30 31, NumericString",
        CN + ", 16, 61, IA5String",
        CN + ", 1a, 61, VisibleString",
        CN + ", 1b, 61, GeneralString",
        CN + ", 19, 61, GraphicString",
        CN + ", 15, 61, VideotexString",
        CN + ", 04, 61, OCTET STRING",
        CN + ", 03, 00 61, BIT STRING",
        CN + ", 02, 61, INTEGER",
        CN + ", 05, '', NULL",
        CN + ", 30, 0c 01 61, a sequence",
        CN + ", 80, 61, a context tag",
        CN + ", 8c, 61, a context tag that looks like UTF8String",
        CN + ", a0, 0c 01 61, an explicit tag",
        CN + ", 4c, 61, an application tag",
        CN + ", 0c, '', empty",
        COUNTRY + ", 16, 44 45, a country in IA5String",
        COUNTRY + ", 14, 44 45, a country in TeletexString",
        EMAIL + ", 16, 61 40 e9, a mailbox that is not ASCII",
        EMAIL + ", 0c, 61 40 c3 a9, a mailbox that is not ASCII in UTF8String",
        EMAIL + ", 1e, 00 61 00 40 00 62, a mailbox in BMPString",
        DC + ", 16, e9, a domain component that is not ASCII",
        DC + ", 04, 64 65, a domain component of octets",
        UNKNOWN + ", 04, 61, an attribute of somebody's own of octets",
        UNKNOWN + ", 12, 61, letters in NumericString",
        UNKNOWN + ", 1a, 61, an attribute of somebody's own in VisibleString",
    })
    void refusesEverythingElse(String type, String tag, String value, String what) {
        for (byte[] certificate : everywhere(name(type, tag, value))) {
            assertMalformed(certificate, what);
        }
    }

    @Test
    void aValueMayBeFourTimesAsLongAsTheStandardSays() {
        byte[] longest = "a".repeat(256).getBytes(StandardCharsets.US_ASCII);
        byte[] longer = "a".repeat(257).getBytes(StandardCharsets.US_ASCII);
        byte[] emoji = "\ud83d\ude00".repeat(256).getBytes(Charset.forName("UTF-32BE"));
        assertThat(refusal(withSubject(named(tlv(0x0c, longest))))).isEmpty();
        assertThat(refusal(withSubject(named(tlv(0x1c, emoji))))).isEmpty();
        assertMalformed(withSubject(named(tlv(0x0c, longer))), "257 characters");
        assertMalformed(withSubject(named(tlv(0x0c, "a".repeat(20_000).getBytes(StandardCharsets.US_ASCII)))), "20 KB");
    }

    @Test
    void aPartOfANameIsASetInItsOneOrder() {
        byte[] a = attribute(CN, tlv(0x0c, hex("61")));
        byte[] b = attribute(CN, tlv(0x0c, hex("62")));
        assertThat(refusal(withSubject(tlv(0x30, tlv(0x31, a, b))))).isEmpty();
        assertMalformed(withSubject(tlv(0x30, tlv(0x31, b, a))), "the other order");
        assertMalformed(withSubject(tlv(0x30, tlv(0x31, a, a))), "twice the same");
        assertMalformed(withSubject(tlv(0x30, tlv(0x31))), "empty");
        assertMalformed(withSubject(tlv(0x30, tlv(0x30, a))), "no set");
        assertMalformed(withSubject(tlv(0x30, tlv(0x31, tlv(0x30, hex("06 03 55 04 03"))))), "without a value");
        assertMalformed(
                withSubject(tlv(0x30, tlv(0x31, tlv(0x30, hex("06 03 55 04 03 0c 01 61 0c 01 62"))))), "two values");
    }

    @ParameterizedTest
    @CsvSource({"0c, 61, true", "0c, 61 00, false", "1a, 61, false", "1e, 00, false"})
    void theRootsOfSubtreesAreNamesToo(String tag, String value, boolean isGood) {
        byte[] base = tlv(0xa4, name(CN, tag, value));
        ThrowawayCa team = CA.intermediate(
                "Team CA", spec -> spec.extension("2.5.29.30", true, tlv(0x30, tlv(0xa1, tlv(0x30, base)))));
        Verdict verdict = strict(CA).verifyClient(Verifying.chain(team.client("b")));
        if (isGood) {
            assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        } else {
            assertThat(refused(verdict).rejection().reason()).isEqualTo(Reason.MALFORMED_CERTIFICATE);
        }
    }

    @Test
    void noKindOfStringEvadesAnExcludedName() throws Exception {
        ThrowawayCa team = CA.intermediate(
                "Team CA",
                spec -> spec.extension(
                        "2.5.29.30",
                        true,
                        new org.bouncycastle.asn1.x509.NameConstraints(
                                null, new org.bouncycastle.asn1.x509.GeneralSubtree[] {
                                    new org.bouncycastle.asn1.x509.GeneralSubtree(
                                            new GeneralName(new X500Name("CN=Secret")))
                                })));
        Issued like = team.client("a");
        for (int tag = 0; tag < 256; tag++) {
            for (String charset : List.of("US-ASCII", "UTF-16BE", "UTF-32BE")) {
                if (tag == 0x1e && charset.equals("US-ASCII")) {
                    continue; // three other letters
                }
                byte[] value = tlv(tag, "secret".getBytes(Charset.forName(charset)));
                byte[] name = tlv(0x30, tlv(0x31, attribute(CN, value)));
                byte[] leaf = Crafted.like(like.leaf(), team, fields -> fields.set(SUBJECT, name));
                assertThat(refusal(leaf, team.certificate().getEncoded()))
                        .as("tag %x, %s", tag, charset)
                        .isPresent();
            }
        }
        acceptedBy(strict(CA), like);
    }

    @ParameterizedTest
    @CsvSource({
        POSTAL + ", 30, 0c 01 61 13 01 62, 30, 13 01 41 1e 02 00 62, true",
        POSTAL + ", 30, 0c 01 61 13 01 62, 30, 0c 04 61 20 20 20 0c 02 20 42, true",
        POSTAL + ", 30, 0c 01 61, 0c, 41, true",
        POSTAL + ", 0c, 61, 30, 13 01 41, true",
        POSTAL + ", 30, 0c 01 61 0c 01 62, 30, 0c 01 62 0c 01 61, false",
        POSTAL + ", 30, 0c 01 61 0c 01 62, 30, 0c 03 61 20 62, false",
        POSTAL + ", 30, 0c 01 61 0c 01 62, 30, 0c 01 61, false",
        UNIQUE + ", 03, 00 a1, 03, 00 a1, true",
        UNIQUE + ", 03, 00 a1, 03, 00 a2, false",
        UNIQUE + ", 03, 00 a0, 03, 04 a0, false",
        UNIQUE + ", 03, 00 a1, 0c, 23 30 33 30 32 30 30 61 31, false",
        CN + ", 13, 61 40 2a, 0c, 41 40 2a, true",
        CN + ", 13, 61 40, 0c, 61 26, false",
    })
    void otherSpellingsOfAValueLieInItsSubtree(
            String type, String tag, String value, String otherTag, String other, boolean isWithin) throws Exception {
        byte[] base = tlv(0xa4, name(type, tag, value));
        for (int subtrees : new int[] {0xa0, 0xa1}) { // permitted, then excluded
            ThrowawayCa team = CA.intermediate(
                    "Team CA", spec -> spec.extension("2.5.29.30", true, tlv(0x30, tlv(subtrees, tlv(0x30, base)))));
            byte[] leaf = Crafted.like(
                    team.client("a").leaf(), team, fields -> fields.set(SUBJECT, name(type, otherTag, other)));
            Optional<Reason> refusal = refusal(leaf, team.certificate().getEncoded());
            assertThat(refusal.isEmpty()).as("subtrees %x", subtrees).isEqualTo((subtrees == 0xa0) == isWithin);
            refusal.ifPresent(reason -> assertThat(reason).isEqualTo(Reason.NAME_CONSTRAINT_VIOLATED));
        }
    }

    @ParameterizedTest
    @CsvSource({
        CN + ", 13, 61 21, the attribute 2.5.4.3 in a PrintableString with the character U+0021",
        CN + ", 0c, f0 9f 98 80 1b, the attribute 2.5.4.3 in a UTF8String with the character U+001B",
        CN + ", 1a, 61, the attribute 2.5.4.3 in a value of tag 0x1a",
        POSTAL + ", 30, 0c 01 61 13 01 3b, the attribute 2.5.4.16 in a PrintableString with the character U+003B",
        EMAIL + ", 0c, 61 c3 a9, the attribute 1.2.840.113549.1.9.1 in a UTF8String with the character U+00E9",
    })
    void theSentenceNamesAttributeKindAndCharacter(String type, String tag, String value, String sentence)
            throws Exception {
        Verdict verdict = strict(CA).verifyClient(Chain.parse(List.of(withSubject(name(type, tag, value)))));
        assertThat(refused(verdict).rejection().explain()).contains(sentence);
    }

    @Test
    void namesOfAuthoritiesAreHeldToTheSame() throws Exception {
        assertThat(underAnchorNamed(named(tlv(0x0c, hex("61"))))).isInstanceOf(Verdict.Accepted.class);
        for (byte[] value : List.of(tlv(0x1a, hex("61")), tlv(0x0c, hex("61 00")), tlv(0x0c, hex("ff")))) {
            assertThat(refused(underAnchorNamed(named(value))).findings())
                    .extracting(Rejection::explain)
                    .anyMatch(text -> text.contains("is malformed"))
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }

    private static Verdict underAnchorNamed(byte[] name) throws CertificateException {
        byte[] root = Crafted.like(CA.certificate(), CA, fields -> {
            fields.set(ISSUER, name);
            fields.set(SUBJECT, name);
        });
        TrustAnchors anchors = new TrustAnchors(Chain.parse(List.of(root)).certificates());
        byte[] leaf = Crafted.like(GOOD.leaf(), CA, fields -> fields.set(ISSUER, name));
        return Verifying.verifier(TrustPolicy.strict(anchors)).verifyClient(Chain.parse(List.of(leaf)));
    }

    /** As subject, as alternative name of issuer, and of subject. */
    private static List<byte[]> everywhere(byte[] name) {
        byte[] general = tlv(0xa4, name);
        return List.of(withSubject(name), withExtension("55 1d 12", tlv(0x30, general)), withAlternativeName(general));
    }

    private static byte[] withSubject(byte[] name) {
        return Crafted.like(GOOD.leaf(), CA, fields -> fields.set(SUBJECT, name));
    }

    private static byte[] withAlternativeName(byte[] general) {
        Issued without = CA.client("a", spec -> spec.withoutNames());
        return Crafted.withExtension(
                without.leaf(), CA, tlv(0x30, hex("06 03 55 1d 11"), tlv(0x04, tlv(0x30, general))));
    }

    private static byte[] withExtension(String oid, byte[] value) {
        return Crafted.withExtension(GOOD.leaf(), CA, tlv(0x30, tlv(0x06, hex(oid)), tlv(0x04, value)));
    }

    private static byte[] name(String type, String tag, String value) {
        return tlv(0x30, tlv(0x31, attribute(type, tlv(Integer.parseInt(tag, 16), hex(value)))));
    }

    private static byte[] named(byte[] value) {
        return tlv(0x30, tlv(0x31, attribute(CN, value)));
    }

    private static byte[] attribute(String type, byte[] value) {
        return tlv(0x30, tlv(0x06, hex(type)), value);
    }

    private static void assertMalformed(byte[] certificate, String what) {
        assertThat(refusal(certificate)).as(what).contains(Reason.MALFORMED_CERTIFICATE);
    }

    /** The first reason; a certificate that the platform's parser refuses is malformed as well. */
    private static Optional<Reason> refusal(byte[]... chain) {
        try {
            Verdict verdict = strict(CA).verifyClient(Chain.parse(List.of(chain)));
            return verdict instanceof Verdict.Accepted
                    ? Optional.empty()
                    : Optional.of(refused(verdict).rejection().reason());
        } catch (CertificateException e) {
            return Optional.of(Reason.MALFORMED_CERTIFICATE);
        }
    }

    private static byte[] hex(String spaced) {
        return HexFormat.of().parseHex(spaced.replace(" ", ""));
    }
}
