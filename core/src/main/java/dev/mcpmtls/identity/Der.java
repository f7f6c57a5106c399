// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One DER element, read strictly: definite, minimal lengths and single-octet tags only, so that no two encodings mean the
 * same thing. It exists because the JDK hides the encoding of extensions, and its decoded view of a certificate can change
 * during validation.
 *
 * @param tag the identifier octet, class and constructed bit included
 * @param content the contents octets
 * @param encoding tag, length and contents as they were read
 * @see <a href="https://www.itu.int/rec/T-REC-X.690">X.690, section 10</a>
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the arrays are private copies
public record Der(int tag, byte[] content, byte[] encoding) {

    /** Universal tags as they appear on the wire. */
    public static final int BOOLEAN = 0x01;

    /** INTEGER. */
    public static final int INTEGER = 0x02;

    /** BIT STRING. */
    public static final int BIT_STRING = 0x03;

    /** OCTET STRING. */
    public static final int OCTET_STRING = 0x04;

    /** NULL. */
    public static final int NULL = 0x05;

    /** OBJECT IDENTIFIER. */
    public static final int OID = 0x06;

    /** UTCTime. */
    public static final int UTC_TIME = 0x17;

    /** GeneralizedTime. */
    public static final int GENERALIZED_TIME = 0x18;

    /** SEQUENCE, constructed. */
    public static final int SEQUENCE = 0x30;

    /** SET, constructed. */
    public static final int SET = 0x31;

    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;
    private static final int MAX_DEPTH = 32;

    /** Bytes that are not strict DER, or do not follow the caller's schema. */
    public static final class MalformedDerException extends Exception {
        private static final long serialVersionUID = 1L;

        /** A failure with its defect, for example {@code "length runs past the end"}. */
        public MalformedDerException(String message) {
            super(message);
        }
    }

    /** Reads exactly one element. */
    public static Der parse(byte[] bytes) throws MalformedDerException {
        List<Der> elements = parseAll(bytes);
        if (elements.size() != 1) {
            throw new MalformedDerException("expected one element, found " + elements.size());
        }
        return elements.get(0);
    }

    /**
     * This element, after everything inside it was read: universal types have the form that DER demands, at every depth. The
     * contents of octet strings and implicitly tagged values are not read.
     */
    public Der strict() throws MalformedDerException {
        return strict(MAX_DEPTH);
    }

    /** The elements inside this one. */
    public List<Der> children() throws MalformedDerException {
        if ((tag & CONSTRUCTED) == 0) {
            throw new MalformedDerException("expected a constructed element, found tag " + tag);
        }
        return parseAll(content);
    }

    /** The elements inside this one, which must have the tag. */
    public List<Der> children(int expectedTag) throws MalformedDerException {
        return expect(expectedTag).children();
    }

    /** This element, when it has the tag. */
    public Der expect(int expectedTag) throws MalformedDerException {
        if (tag != expectedTag) {
            throw new MalformedDerException("expected tag " + expectedTag + ", found " + tag);
        }
        return this;
    }

    /** Whether this is the context-specific element {@code [number]}, primitive or constructed. */
    public boolean isContext(int number) {
        return (tag & ~CONSTRUCTED) == (CONTEXT | number);
    }

    /** A BOOLEAN, encoded as DER demands: 00 or FF. */
    public boolean asBoolean() throws MalformedDerException {
        if (expect(BOOLEAN).content.length != 1 || (content[0] != 0 && content[0] != (byte) 0xff)) {
            throw new MalformedDerException("a boolean is one octet, 00 or FF");
        }
        return content[0] != 0;
    }

    /** A non-negative INTEGER that fits an int, minimally encoded; implicit tags are read as well. */
    public int asSmallInteger() throws MalformedDerException {
        boolean minimal = content.length == 1 || (content.length > 1 && (content[0] != 0 || content[1] < 0));
        if (!minimal || content.length > 4 || content[0] < 0) {
            throw new MalformedDerException("not a small non-negative integer");
        }
        int value = 0;
        for (byte octet : content) {
            value = (value << 8) | (octet & 0xff);
        }
        return value;
    }

    /** An OBJECT IDENTIFIER in dotted form. */
    public String asOid() throws MalformedDerException {
        expect(OID).checkOid();
        StringBuilder dotted = new StringBuilder();
        long arc = 0;
        for (byte octet : content) {
            if (arc > (Long.MAX_VALUE >> 8)) {
                throw new MalformedDerException("an object identifier with too large an arc");
            }
            arc = (arc << 7) | (octet & 0x7f);
            if (octet >= 0) {
                appendArc(dotted, arc);
                arc = 0;
            }
        }
        return dotted.toString();
    }

    /** The contents as ASCII text; fails on any other octet. */
    public String asAscii() throws MalformedDerException {
        for (byte octet : content) {
            if (octet < 0) {
                throw new MalformedDerException("not ASCII");
            }
        }
        return new String(content, StandardCharsets.US_ASCII);
    }

    /** Encodes an element. */
    public static byte[] encode(int tag, byte[]... parts) {
        byte[] content = concat(parts);
        int length = content.length;
        byte[] header;
        if (length < 0x80) {
            header = new byte[] {(byte) tag, (byte) length};
        } else if (length < 0x100) {
            header = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        } else if (length < 0x10000) {
            header = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        } else {
            throw new IllegalArgumentException("element too long: " + length);
        }
        return concat(header, content);
    }

    private Der strict(int depth) throws MalformedDerException {
        if (depth == 0) {
            throw new MalformedDerException("nested too deeply");
        }
        if ((tag & CONSTRUCTED) != 0) {
            if (tag < CONTEXT && tag != SEQUENCE && tag != SET) {
                throw new MalformedDerException("a constructed string");
            }
            for (Der child : children()) {
                child.strict(depth - 1);
            }
            return this;
        }
        switch (tag) {
            case BOOLEAN -> asBoolean();
            case INTEGER -> checkInteger();
            case BIT_STRING -> checkBitString();
            case OID -> checkOid();
            case NULL, SEQUENCE & ~CONSTRUCTED, SET & ~CONSTRUCTED -> checkEmptyNull();
            default -> {} // strings and times: their readers check them
        }
        return this;
    }

    private void checkInteger() throws MalformedDerException {
        boolean padded =
                content.length > 1 && (content[0] == 0 || content[0] == -1) && (content[0] < 0) == (content[1] < 0);
        if (content.length == 0 || padded) {
            throw new MalformedDerException("not a minimal integer");
        }
    }

    private void checkBitString() throws MalformedDerException {
        int unused = content.length == 0 ? -1 : content[0];
        boolean isCount = unused == 0 || (unused > 0 && unused < 8 && content.length > 1);
        if (!isCount || (unused > 0 && (content[content.length - 1] & ((1 << unused) - 1)) != 0)) {
            throw new MalformedDerException("a bit string with bad unused bits");
        }
    }

    private void checkOid() throws MalformedDerException {
        boolean starts = true;
        for (byte octet : content) {
            if (starts && octet == (byte) 0x80) {
                throw new MalformedDerException("not a minimal object identifier");
            }
            starts = octet >= 0;
        }
        if (content.length == 0 || content.length > 64 || !starts) {
            throw new MalformedDerException("not an object identifier");
        }
    }

    private void checkEmptyNull() throws MalformedDerException {
        if (tag != NULL || content.length != 0) {
            throw new MalformedDerException("a null with contents, or a sequence without");
        }
    }

    private static void appendArc(StringBuilder dotted, long arc) {
        if (dotted.length() > 0) {
            dotted.append('.').append(arc);
            return;
        }
        long root = Math.min(arc / 40, 2);
        dotted.append(root).append('.').append(arc - root * 40);
    }

    private static List<Der> parseAll(byte[] bytes) throws MalformedDerException {
        List<Der> elements = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            Der next = parseAt(bytes, at);
            elements.add(next);
            at += next.encoding.length;
        }
        return elements;
    }

    private static Der parseAt(byte[] bytes, int start) throws MalformedDerException {
        int tag = bytes[start] & 0xff;
        if ((tag & 0x1f) == 0x1f || bytes.length - start < 2) {
            throw new MalformedDerException("unsupported tag or missing length");
        }
        int first = bytes[start + 1] & 0xff;
        int lengthOctets = first < 0x80 ? 0 : first & 0x7f;
        int header = 2 + lengthOctets;
        if (first == 0x80 || lengthOctets > 3 || bytes.length - start < header) {
            throw new MalformedDerException("unsupported length");
        }
        int length = lengthOctets == 0 ? first : 0;
        for (int i = 0; i < lengthOctets; i++) {
            length = (length << 8) | (bytes[start + 2 + i] & 0xff);
        }
        boolean minimal = lengthOctets == 0 || (length >= 0x80 && length >> (8 * (lengthOctets - 1)) != 0);
        if (!minimal || length > bytes.length - start - header) {
            throw new MalformedDerException("length not minimal or past the end");
        }
        int end = start + header + length;
        return new Der(tag, Arrays.copyOfRange(bytes, start + header, end), Arrays.copyOfRange(bytes, start, end));
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
