// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Where a chain of records ends: what the next record refers to.
 *
 * @param sequence the last record's number, 0 before the first
 * @param hash the SHA-256 of the last record's line without its newline, 64 hexadecimal digits; zeros before the first
 */
public record ChainEnd(long sequence, String hash) {

    /** Before the first record. */
    static final ChainEnd GENESIS = new ChainEnd(0, "0".repeat(64));

    // ASCII only: no peer's text can hold a line separator, a terminal escape or a direction override in its raw form.
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    static ChainEnd after(AuditRecord record) {
        return new ChainEnd(record.sequence(), sha256(record.line().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /** Writes a record's line, newline included, and gives the end after it. */
    ChainEnd write(EventFields record, java.io.ByteArrayOutputStream out) {
        java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream(1024);
        encode(record.fields(), line);
        byte[] bytes = line.toByteArray();
        out.writeBytes(bytes);
        out.write('\n');
        return new ChainEnd(sequence + 1, sha256(bytes));
    }

    private void encode(Map<String, Object> fields, OutputStream line) {
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            json.writeStartObject();
            for (Map.Entry<String, Object> field : fields.entrySet()) {
                json.writeName(field.getKey());
                encode(field.getValue(), json);
            }
            json.writeName("event.sequence").writeNumber(sequence + 1);
            json.writeStringProperty("mcp_mtls.chain", hash);
            json.writeEndObject();
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

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
