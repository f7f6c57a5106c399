// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.auditlog.Wording.Worded;
import dev.mcpmtls.identity.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/** Records as lines, each chained to the one before it, until they are written. Used by one thread, again and again. */
final class Lines {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final int USUAL_BYTES = 64 * 1024;

    private final MessageDigest sha256 = Sha256.fresh();
    private Bytes bytes = new Bytes();
    private long second = Long.MIN_VALUE;
    private String secondText = "";

    private static final class Bytes extends ByteArrayOutputStream {

        Bytes() {
            super(USUAL_BYTES);
        }

        void digest(int from, MessageDigest digest) {
            digest.update(buf, from, count - from);
        }

        ByteBuffer view() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }

    /** Removes all lines. */
    void clear() {
        if (bytes.size() > USUAL_BYTES) {
            bytes = new Bytes();
        }
        bytes.reset();
    }

    /** Adds a record's line and returns the end after it. */
    ChainEnd add(Worded record, ChainEnd before) {
        int from = bytes.size();
        ascii("{\"@timestamp\":\"");
        ascii(text(record.at()));
        ascii("\"");
        bytes.writeBytes(record.words());
        bytes.writeBytes(record.counterpart());
        ascii(",\"event.sequence\":");
        ascii(Long.toString(before.sequence() + 1));
        ascii(",\"mcp_mtls.chain\":\"");
        ascii(before.hash());
        ascii("\"}");
        bytes.digest(from, sha256);
        bytes.write('\n');
        return new ChainEnd(before.sequence() + 1, HexFormat.of().formatHex(sha256.digest()));
    }

    private void ascii(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** RFC 3339 in UTC, to the millisecond. */
    private String text(Instant at) {
        if (at.getEpochSecond() != second) {
            second = at.getEpochSecond();
            secondText = SECONDS.format(at);
        }
        String millis = Integer.toString(1000 + at.getNano() / 1_000_000);
        return secondText + '.' + millis.substring(1) + 'Z';
    }

    /** All lines, newlines included; valid until the next {@link #clear} or {@link #add}. */
    ByteBuffer view() {
        return bytes.view();
    }
}
