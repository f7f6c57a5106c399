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
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Records as lines, each chained to the one before it, until they are written. Used by one thread, again and again. */
final class Lines {

    // ASCII only: a peer's text cannot hold a raw line separator, terminal escape or direction override.
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
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

    /** The fields as they appear inside a line, a comma before each. */
    static byte[] encoded(Map<String, Object> fields) {
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), object)) {
            json.writeStartObject();
            encode(fields, json);
            json.writeEndObject();
        }
        byte[] inside = object.toByteArray();
        inside[0] = ',';
        return java.util.Arrays.copyOf(inside, inside.length - 1);
    }

    private static void encode(Map<String, Object> fields, JsonGenerator json) {
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            json.writeName(field.getKey());
            encode(field.getValue(), json);
        }
    }

    private static void encode(Object value, JsonGenerator json) {
        if (value instanceof Number number) {
            json.writeNumber(number.longValue());
        } else if (value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else if (value instanceof Iterable<?> list) {
            json.writeStartArray();
            list.forEach(element -> encode(element, json));
            json.writeEndArray();
        } else {
            json.writeString(value.toString());
        }
    }

    /** The SHA-256 of a line without its newline, 64 hexadecimal digits. */
    static String sha256(String line) {
        return Sha256.hex(line.getBytes(StandardCharsets.UTF_8));
    }
}
