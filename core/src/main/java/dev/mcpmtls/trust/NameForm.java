// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks that a distinguished name has the one form that all parsers read alike. A name that one parser cuts at a NUL, or does
 * not read as text, evades the constraints that another parser applies.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4">RFC 5280, section 4.1.2.4</a>
 */
final class NameForm {

    /** RFC 5280 allows 64 characters for most attributes; many authorities write longer ones. */
    private static final int MAX_CHARACTERS = 256;

    private static final int CONSTRUCTED = 0x20;
    private static final int DIRECTORY_NAME = 0xa4;
    private static final int UTF8 = 0x0c;
    private static final int NUMERIC = 0x12;
    private static final int PRINTABLE = 0x13;
    private static final int TELETEX = 0x14;
    private static final int IA5 = 0x16;
    private static final int UNIVERSAL = 0x1c;
    private static final int BMP = 0x1e;

    /** TeletexString holds ASCII only: above that, some parsers read T.61 and others Latin-1. */
    private static final Map<Integer, Charset> CHARSETS = Map.of(
            UTF8, StandardCharsets.UTF_8,
            NUMERIC, StandardCharsets.US_ASCII,
            PRINTABLE, StandardCharsets.US_ASCII,
            TELETEX, StandardCharsets.US_ASCII,
            IA5, StandardCharsets.US_ASCII,
            UNIVERSAL, Charset.forName("UTF-32BE"),
            BMP, StandardCharsets.UTF_16BE);

    private static final Set<Integer> DIRECTORY_STRING = Set.of(UTF8, PRINTABLE, TELETEX, UNIVERSAL, BMP);
    /** Country, serial number and DN qualifier are PrintableString; some tools write UTF8String. */
    private static final Set<Integer> PRINTABLE_STRING = Set.of(PRINTABLE, UTF8);
    /** Mailbox and domain component are IA5String; some tools write the others. */
    private static final Set<Integer> IA5_STRING = Set.of(IA5, PRINTABLE, UTF8);

    private static final Map<String, Set<Integer>> KINDS_BY_ATTRIBUTE = Map.of(
            "2.5.4.5",
            PRINTABLE_STRING,
            "2.5.4.6",
            PRINTABLE_STRING,
            "2.5.4.46",
            PRINTABLE_STRING,
            NameConstraints.EMAIL_ATTRIBUTE,
            IA5_STRING,
            "0.9.2342.19200300.100.1.25",
            IA5_STRING);
    private static final String X520 = "2.5.4.";

    private static final Pattern PRINTABLES = Pattern.compile("[A-Za-z0-9 '()+,./:=?-]*");
    private static final Pattern NUMERICS = Pattern.compile("[0-9 ]*");

    private NameForm() {}

    /**
     * Checks a name.
     *
     * @throws MalformedDerException with the defect, as the end of a sentence
     */
    static void check(Der name) throws MalformedDerException {
        for (Der relativeName : name.children(Der.SEQUENCE)) {
            checkRelative(relativeName);
        }
    }

    /** Checks every directory name in an extension, however deep it lies. */
    static void checkWithin(Der extension) throws MalformedDerException {
        if ((extension.tag() & CONSTRUCTED) == 0) {
            return;
        }
        for (Der child : extension.children()) {
            if (child.tag() == DIRECTORY_NAME) {
                check(Der.parse(child.content()));
            } else {
                checkWithin(child);
            }
        }
    }

    /** The text of an attribute's value, well-formed or not; empty when it is no string that a name may hold. */
    static Optional<String> text(Der value) {
        return Optional.ofNullable(CHARSETS.get(value.tag())).map(charset -> new String(value.content(), charset));
    }

    private static void checkRelative(Der relativeName) throws MalformedDerException {
        List<Der> attributes = relativeName.children(Der.SET);
        require(!attributes.isEmpty(), "a name with an empty part");
        byte[] last = new byte[0];
        for (Der attribute : attributes) {
            require(
                    Arrays.compareUnsigned(last, attribute.encoding()) < 0,
                    "a name whose parts are not in DER's order");
            last = attribute.encoding();
            List<Der> typeAndValue = attribute.children(Der.SEQUENCE);
            require(typeAndValue.size() == 2, "a name with a misshapen attribute");
            String type = typeAndValue.get(0).asOid();
            checkValue(type, typeAndValue.get(1));
        }
    }

    private static void checkValue(String type, Der value) throws MalformedDerException {
        Set<Integer> kinds =
                KINDS_BY_ATTRIBUTE.getOrDefault(type, type.startsWith(X520) ? DIRECTORY_STRING : CHARSETS.keySet());
        require(kinds.contains(value.tag()), "a name with the attribute " + type + " in a value of tag " + value.tag());
        String text = decode(value);
        int length = text.codePointCount(0, text.length());
        require(length > 0, "a name with the attribute " + type + " empty");
        require(length <= MAX_CHARACTERS, "a name with an attribute of more than " + MAX_CHARACTERS + " characters");
        require(
                !kinds.equals(IA5_STRING) || text.chars().allMatch(c -> c < 0x80),
                "a name with a mailbox that is not ASCII");
        boolean isPlane0 = text.length() == length;
        require(value.tag() != BMP || isPlane0, "a BMPString with surrogates");
        require(value.tag() != UNIVERSAL || value.content().length == 4 * length, "a UniversalString with surrogates");
        require(
                value.tag() != PRINTABLE || PRINTABLES.matcher(text).matches(),
                "a PrintableString with other characters");
        require(value.tag() != NUMERIC || NUMERICS.matcher(text).matches(), "a NumericString with other characters");
        require(text.codePoints().noneMatch(NameForm::isUnreadable), "a name with characters that are not text");
    }

    private static String decode(Der value) throws MalformedDerException {
        try {
            Charset charset = CHARSETS.getOrDefault(value.tag(), StandardCharsets.US_ASCII);
            return charset.newDecoder().decode(ByteBuffer.wrap(value.content())).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedDerException("a name with octets that are no characters of their kind of string");
        }
    }

    /** RFC 4518, section 2.4, and control characters, at which some parsers cut a name. */
    private static boolean isUnreadable(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.CONTROL
                || type == Character.PRIVATE_USE
                || type == Character.SURROGATE
                || codePoint == 0xfffd
                || (codePoint & 0xfffe) == 0xfffe
                || (codePoint >= 0xfdd0 && codePoint <= 0xfdef);
    }

    private static void require(boolean holds, String otherwise) throws MalformedDerException {
        if (!holds) {
            throw new MalformedDerException(otherwise);
        }
    }
}
