// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer.
 *
 * @param headers beside those that every answer has
 */
record Answer(int status, Map<String, String> headers, Buffer body) {

    /** A JSON object. */
    static Answer json(Map<String, ?> object) {
        return json(200, Map.of(), object);
    }

    /** A failure. */
    static Answer error(int status, String code, String message, String remedy) {
        return error(status, Map.of(), code, message, remedy, List.of());
    }

    /** As the other, to be tried again later. */
    static Answer busy(String code, String message, String remedy) {
        return error(503, Map.of("retry-after", "2"), code, message, remedy, List.of());
    }

    static Answer error(
            int status,
            Map<String, String> headers,
            String code,
            String message,
            String remedy,
            List<String> candidates) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (!remedy.isEmpty()) {
            error.put("remedy", remedy);
        }
        if (!candidates.isEmpty()) {
            error.put("candidates", candidates);
        }
        return json(status, headers, Map.of("error", error));
    }

    private static Answer json(int status, Map<String, String> more, Map<String, ?> object) {
        Map<String, String> headers = new LinkedHashMap<>(more);
        headers.put("content-type", "application/json");
        headers.put("cache-control", "no-store");
        return new Answer(status, headers, Buffer.buffer(Json.encode(object)));
    }
}
