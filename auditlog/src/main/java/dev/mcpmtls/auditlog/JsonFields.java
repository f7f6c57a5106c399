// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** The fields of a record as JSON. */
final class JsonFields {

    // ASCII only: a peer's text cannot hold a raw line separator, terminal escape or direction override.
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private JsonFields() {}

    /** The fields as they appear inside a line, a comma before each. */
    static byte[] encode(Map<String, Object> fields) {
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), object)) {
            json.writeStartObject();
            encode(fields, json);
            json.writeEndObject();
        }
        byte[] inside = object.toByteArray();
        inside[0] = ',';
        return Arrays.copyOf(inside, inside.length - 1);
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
}
