// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import io.netty.buffer.ByteBuf;

/**
 * The grammar of HTTP/1.1 requests, byte by byte, without the leniences that RFC 9112 leaves to recipients. A proxy that reads one of them
 * differently would see another header, or another end of the message, than this server. Lines end in CR LF. Exactly one space separates
 * the parts of the request line. Header lines are neither folded nor padded before the colon. Call its methods in the order of the bytes;
 * not thread-safe.
 */
final class RequestLines {

    private static final int MOST_SIZE_DIGITS = 7;
    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

    private enum Part {
        BEFORE_REQUEST,
        REQUEST_LINE,
        FIELD_NAME,
        FIELD_VALUE,
        END_OF_FIELDS,
        CONTENT,
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_DATA,
        CHUNK_END
    }

    private Part part = Part.BEFORE_REQUEST;
    private boolean broken;
    private boolean afterCr;
    private boolean quoted;
    private boolean escaped;
    private int inLine;
    private int inWord;
    private int words;
    private int chunk;

    /** Whether some byte was not allowed where it stood. */
    boolean isBroken() {
        return broken;
    }

    /** Reads the bytes from {@code from} to before {@code to}. */
    void read(ByteBuf bytes, int from, int to) {
        for (int at = from; at < to && !broken && part != Part.CONTENT; ) {
            if (part == Part.CHUNK_DATA) {
                int length = Math.min(chunk, to - at);
                at += length;
                chunk -= length;
                part = chunk == 0 ? Part.CHUNK_END : part;
            } else {
                int last = bytes.forEachByte(at, to - at, this::readInLine);
                at = last < 0 ? to : last + 1;
            }
        }
    }

    /** Whether the next byte may be read in the same way. */
    private boolean readInLine(byte next) {
        read(next);
        return !broken && part != Part.CHUNK_DATA;
    }

    /** The decoder has read a head. */
    void headEnded(boolean chunked) {
        broken |= part != Part.END_OF_FIELDS;
        part = chunked ? Part.CHUNK_SIZE : Part.CONTENT;
    }

    /** The decoder has read a whole message. */
    void messageEnded() {
        broken |= part != Part.CONTENT && part != Part.END_OF_FIELDS;
        part = Part.BEFORE_REQUEST;
    }

    private void read(byte next) {
        if (afterCr) {
            afterCr = false;
            broken |= next != '\n';
            endLine();
        } else if (next == '\r') {
            afterCr = true;
        } else {
            broken |= !isAllowed(next);
            inLine++;
        }
    }

    private boolean isAllowed(byte next) {
        return switch (part) {
            case BEFORE_REQUEST -> {
                part = Part.REQUEST_LINE;
                words = 0;
                yield isAllowed(next);
            }
            case REQUEST_LINE -> next == ' ' ? endWord() : isVisible(next) && ++inWord > 0;
            case FIELD_NAME -> {
                if (next == ':') {
                    part = Part.FIELD_VALUE;
                    yield inLine > 0;
                }
                yield isToken(next);
            }
            case FIELD_VALUE -> next < 0 || isText(next);
            case CHUNK_SIZE -> isSize(next);
            case CHUNK_EXTENSION -> isExtension(next);
            default -> false;
        };
    }

    private boolean endWord() {
        boolean any = inWord > 0;
        inWord = 0;
        words++;
        return any;
    }

    private boolean isSize(byte next) {
        if (next == ';') {
            part = Part.CHUNK_EXTENSION;
            quoted = false;
            return inLine > 0;
        }
        int digit = Character.digit(next, 16);
        chunk = chunk * 16 + digit;
        return digit >= 0 && inLine < MOST_SIZE_DIGITS;
    }

    private boolean isExtension(byte next) {
        if (quoted && escaped) {
            escaped = false;
            return isText(next);
        }
        if (next == '"') {
            quoted = !quoted;
            return true;
        }
        escaped = quoted && next == '\\';
        return quoted ? isText(next) : isToken(next) || next == ';' || next == '=';
    }

    private void endLine() {
        switch (part) {
            case REQUEST_LINE -> {
                broken |= !endWord() || words != 3;
                part = Part.FIELD_NAME;
            }
            case FIELD_NAME -> {
                broken |= inLine > 0;
                part = Part.END_OF_FIELDS;
            }
            case FIELD_VALUE -> part = Part.FIELD_NAME;
            case CHUNK_SIZE, CHUNK_EXTENSION -> {
                broken |= inLine == 0 || quoted;
                part = chunk == 0 ? Part.FIELD_NAME : Part.CHUNK_DATA;
            }
            case CHUNK_END -> part = Part.CHUNK_SIZE;
            default -> {}
        }
        inLine = 0;
    }

    private static boolean isVisible(byte next) {
        return next > ' ' && next <= '~';
    }

    private static boolean isText(byte next) {
        return isVisible(next) || next == ' ' || next == '\t';
    }

    private static boolean isToken(byte next) {
        return (next >= 'a' && next <= 'z')
                || (next >= 'A' && next <= 'Z')
                || (next >= '0' && next <= '9')
                || TOKEN_PUNCTUATION.indexOf(next) >= 0;
    }
}
