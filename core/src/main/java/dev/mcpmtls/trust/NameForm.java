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
import java.util.OptionalInt;
import java.util.Set;

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

    private static final Map<Integer, String> KINDS = Map.of(
            UTF8, "UTF8String",
            NUMERIC, "NumericString",
            PRINTABLE, "PrintableString",
            TELETEX, "TeletexString",
            IA5, "IA5String",
            UNIVERSAL, "UniversalString",
            BMP, "BMPString");

    private static final Set<Integer> DIRECTORY_STRING = Set.of(UTF8, PRINTABLE, TELETEX, UNIVERSAL, BMP);
    /** Country, serial number and DN qualifier are PrintableString; some tools write UTF8String. */
    private static final Set<Integer> PRINTABLE_STRING = Set.of(PRINTABLE, UTF8);

    static final String EMAIL_ATTRIBUTE = "1.2.840.113549.1.9.1";

    /** X.121 address and ISDN number are NumericString; some tools write the others. */
    private static final Set<Integer> NUMERIC_STRING = Set.of(NUMERIC, PRINTABLE, UTF8);
    /** Mailbox and domain component are IA5String; some tools write the others. */
    private static final Set<Integer> IA5_STRING = Set.of(IA5, PRINTABLE, UTF8);

    private static final Map<String, Set<Integer>> KINDS_BY_ATTRIBUTE = Map.of(
            "2.5.4.5",
            PRINTABLE_STRING,
            "2.5.4.6",
            PRINTABLE_STRING,
            "2.5.4.46",
            PRINTABLE_STRING,
            "2.5.4.24",
            NUMERIC_STRING,
            "2.5.4.25",
            NUMERIC_STRING,
            EMAIL_ATTRIBUTE,
            IA5_STRING,
            "0.9.2342.19200300.100.1.25",
            IA5_STRING);

    /** A BIT STRING in X.520; some tools write text. */
    private static final String UNIQUE_IDENTIFIER = "2.5.4.45";

    /** A SEQUENCE of up to six lines in X.520; some tools write one line as text. */
    private static final String POSTAL_ADDRESS = "2.5.4.16";

    private static final int MAX_LINES = 6;
    private static final String X520 = "2.5.4.";

    /** The alphabet, and four characters that authorities have always written besides and all parsers read alike. */
    private static final String PRINTABLES = " '()+,-./:=?" + "@&*_";

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
        String where = "a name with the attribute " + type;
        if (type.equals(UNIQUE_IDENTIFIER) && value.tag() == Der.BIT_STRING) {
            int octets = value.strict().content().length - 1;
            require(octets > 0 && octets <= MAX_CHARACTERS, where + " in a BIT STRING of " + octets + " octets");
        } else if (type.equals(POSTAL_ADDRESS) && value.tag() == Der.SEQUENCE) {
            List<Der> lines = value.children();
            require(!lines.isEmpty() && lines.size() <= MAX_LINES, where + " of " + lines.size() + " lines");
            for (Der line : lines) {
                checkText(where, DIRECTORY_STRING, line);
            }
        } else {
            checkText(
                    where,
                    KINDS_BY_ATTRIBUTE.getOrDefault(type, type.startsWith(X520) ? DIRECTORY_STRING : CHARSETS.keySet()),
                    value);
        }
    }

    private static void checkText(String attribute, Set<Integer> kinds, Der value) throws MalformedDerException {
        require(kinds.contains(value.tag()), attribute + " in a value of tag 0x%02x".formatted(value.tag()));
        String where = attribute + " in a " + KINDS.get(value.tag());
        String text = decode(where, value);
        int length = text.codePointCount(0, text.length());
        require(length > 0, where + " without characters");
        require(length <= MAX_CHARACTERS, where + " of more than " + MAX_CHARACTERS + " characters");
        boolean isPlane0 = text.length() == length;
        require(value.tag() != BMP || isPlane0, where + " with surrogates");
        require(value.tag() != UNIVERSAL || value.content().length == 4 * length, where + " with surrogates");
        OptionalInt strange = text.codePoints()
                .filter(character -> isUnreadable(character)
                        || (kinds.equals(IA5_STRING) && character >= 0x80)
                        || (value.tag() == PRINTABLE && !isPrintable(character))
                        || (value.tag() == NUMERIC && !isNumeric(character)))
                .findFirst();
        require(strange.isEmpty(), where + " with the character U+%04X".formatted(strange.orElse(0)));
    }

    private static boolean isPrintable(int character) {
        return isNumeric(character)
                || (character >= 'A' && character <= 'Z')
                || (character >= 'a' && character <= 'z')
                || PRINTABLES.indexOf(character) >= 0;
    }

    private static boolean isNumeric(int character) {
        return character == ' ' || (character >= '0' && character <= '9');
    }

    private static String decode(String where, Der value) throws MalformedDerException {
        try {
            Charset charset = CHARSETS.getOrDefault(value.tag(), StandardCharsets.US_ASCII);
            return charset.newDecoder().decode(ByteBuffer.wrap(value.content())).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedDerException(where + " with octets that are no characters");
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
