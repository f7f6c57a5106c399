// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks that a certificate has the one encoding that X.690 and RFC 5280, section 4.1 allow. Parsers disagree about all others,
 * and the platform's accepts many. A certificate that two parsers read differently is two certificates.
 */
final class Encoding {

    private static final String RSA_KEY = "1.2.840.113549.1.1.1";
    private static final String PKCS1_SIGNATURE = "1.2.840.113549.1.1.";
    private static final String RSA_PSS = PKCS1_SIGNATURE + "10";
    private static final String ECDSA = "1.2.840.10045.4.";
    private static final String EDDSA = "1.3.101.";
    private static final int EXTENSIONS = 0xa3;
    /** The two unique identifiers, obsolete but harmless, then the extensions. */
    private static final List<Integer> OPTIONAL_FIELDS = List.of(0x81, 0x82, EXTENSIONS);

    /** Below 2.5.29: alternative names of subject and issuer, name constraints, distribution points, authority key. */
    private static final Set<Byte> WITH_NAMES = Set.of((byte) 17, (byte) 18, (byte) 30, (byte) 31, (byte) 35);

    private static final int FIELDS_OF_VERSION_1 = 6;
    private static final byte[] VERSION_3 = {(byte) 0xa0, 3, Der.INTEGER, 1, 2};
    private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");
    private static final DateTimeFormatter GENERALIZED_TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'");

    private Encoding() {}

    /**
     * The defect of a certificate, as the end of a sentence.
     *
     * @param notBefore its validity as the platform reads it, as {@code notAfter} is
     */
    static Optional<String> defect(byte[] certificate, Instant notBefore, Instant notAfter) {
        try {
            List<Der> parts = Der.parse(certificate).strict().children(Der.SEQUENCE);
            require(parts.size() == 3, "not three parts");
            List<Der> fields = parts.get(0).children(Der.SEQUENCE);
            boolean isVersion1 = fields.get(0).tag() == Der.INTEGER;
            List<Der> body = isVersion1 ? fields : fields.subList(1, fields.size());
            require(
                    isVersion1 || Arrays.equals(fields.get(0).encoding(), VERSION_3),
                    "neither version 1 nor version 3");
            require(body.size() >= FIELDS_OF_VERSION_1, "missing fields");
            signature(parts, body.get(1));
            NameForm.check(body.get(2));
            NameForm.check(body.get(4));
            validity(body.get(3), notBefore, notAfter);
            key(body.get(5).children(Der.SEQUENCE));
            extensions(body.subList(FIELDS_OF_VERSION_1, body.size()), isVersion1);
            return Optional.empty();
        } catch (MalformedDerException e) {
            return Optional.of("its encoding is not what RFC 5280 asks: " + e.getMessage());
        }
    }

    private static void signature(List<Der> parts, Der signedAlgorithm) throws MalformedDerException {
        require(
                Arrays.equals(signedAlgorithm.encoding(), parts.get(1).encoding()),
                "two different signature algorithms");
        List<Der> algorithm = signedAlgorithm.children(Der.SEQUENCE);
        require(!algorithm.isEmpty() && algorithm.size() <= 2, "not a signature algorithm");
        String oid = algorithm.get(0).asOid();
        boolean isParameterless = oid.startsWith(ECDSA) || oid.startsWith(EDDSA); // RFC 5758, 8410
        boolean isPkcs1 =
                oid.startsWith(PKCS1_SIGNATURE) && !oid.equals(RSA_PSS); // RFC 4055: NULL, and absence is accepted
        if (algorithm.size() == 2) {
            require(!isParameterless, "a signature algorithm with parameters");
            require(!isPkcs1 || algorithm.get(1).tag() == Der.NULL, "a signature algorithm with parameters");
        }
        byte[] bits = parts.get(2).expect(Der.BIT_STRING).content();
        require(bits[0] == 0, "a signature that is not whole octets");
        if (oid.startsWith(ECDSA)) {
            ecdsaSignature(Der.parse(Arrays.copyOfRange(bits, 1, bits.length)).strict());
        }
    }

    private static void ecdsaSignature(Der signature) throws MalformedDerException {
        List<Der> numbers = signature.children(Der.SEQUENCE);
        require(numbers.size() == 2, "an ECDSA signature that is not a pair");
        for (Der number : numbers) {
            // With zeros, some releases of the platform verified anything (CVE-2022-21449).
            require(
                    new BigInteger(number.expect(Der.INTEGER).content()).signum() > 0,
                    "a number in an ECDSA signature that is not positive");
        }
    }

    /** Section 4.1.2.5: UTCTime through 2049, GeneralizedTime afterwards, both with seconds and Z. */
    private static void validity(Der validity, Instant notBefore, Instant notAfter) throws MalformedDerException {
        byte[] profiled = Der.encode(Der.SEQUENCE, time(notBefore), time(notAfter));
        require(Arrays.equals(validity.encoding(), profiled), "a validity written in another way");
    }

    private static byte[] time(Instant instant) {
        ZonedDateTime at = instant.atZone(ZoneOffset.UTC);
        boolean isShort = at.getYear() >= 1950 && at.getYear() < 2050;
        return Der.encode(
                isShort ? Der.UTC_TIME : Der.GENERALIZED_TIME,
                at.format(isShort ? UTC_TIME : GENERALIZED_TIME).getBytes(StandardCharsets.US_ASCII));
    }

    /** RFC 3279, section 2.3.1: the parameters of an RSA key are NULL. */
    private static void key(List<Der> key) throws MalformedDerException {
        require(key.size() == 2 && key.get(1).expect(Der.BIT_STRING).content()[0] == 0, "not a key");
        List<Der> algorithm = key.get(0).children(Der.SEQUENCE);
        require(!algorithm.isEmpty() && algorithm.size() <= 2, "not a key algorithm");
        boolean isRsa = algorithm.get(0).asOid().equals(RSA_KEY);
        require(!isRsa || (algorithm.size() == 2 && algorithm.get(1).tag() == Der.NULL), "an RSA key with parameters");
        if (isRsa) {
            rsaKey(key.get(1).content());
        }
    }

    /** One key, one encoding, one pin. */
    private static void rsaKey(byte[] bits) throws MalformedDerException {
        List<Der> numbers =
                Der.parse(Arrays.copyOfRange(bits, 1, bits.length)).strict().children(Der.SEQUENCE);
        require(
                numbers.stream().map(Der::tag).toList().equals(List.of(Der.INTEGER, Der.INTEGER)),
                "an RSA key that is not a pair of numbers");
    }

    private static void extensions(List<Der> optional, boolean isVersion1) throws MalformedDerException {
        int last = 0;
        for (Der field : optional) {
            int number = OPTIONAL_FIELDS.indexOf(field.tag()) + 1;
            require(!isVersion1 && number > last, "unexpected fields");
            last = number;
            if (field.tag() == EXTENSIONS) {
                distinctExtensions(Der.parse(field.content()));
            }
        }
    }

    private static void distinctExtensions(Der list) throws MalformedDerException {
        Set<ByteBuffer> seen = new HashSet<>();
        for (Der extension : list.children(Der.SEQUENCE)) {
            List<Der> fields = extension.children(Der.SEQUENCE);
            require(fields.size() == 2 || (fields.size() == 3 && fields.get(1).asBoolean()), "a misshapen extension");
            byte[] oid = fields.get(0).expect(Der.OID).content();
            require(seen.add(ByteBuffer.wrap(oid)), "an extension twice");
            byte[] value =
                    fields.get(fields.size() - 1).expect(Der.OCTET_STRING).content();
            if (oid.length > 2
                    && oid[0] == 0x55
                    && oid[1] == 0x1d) { // 2.5.29: those of X.509 itself; others are said to hold plain text
                Der strict = Der.parse(value).strict();
                if (WITH_NAMES.contains(oid[2])) {
                    NameForm.checkWithin(strict);
                }
            }
        }
        require(!seen.isEmpty(), "an empty list of extensions");
    }

    private static void require(boolean holds, String otherwise) throws MalformedDerException {
        if (!holds) {
            throw new MalformedDerException(otherwise);
        }
    }
}
