// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** The SDK's objects as JSON, like in the suites' requirements. */
final class Sample {

    /** A picture of one red pixel. */
    static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

    /** A sound of no samples. */
    static final String WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

    private Sample() {}

    static <T> T of(Class<T> type, String json) {
        try {
            return McpJsonDefaults.getMapper().readValue(json, type);
        } catch (IOException e) {
            throw new UncheckedIOException("a fixture is not a " + type.getSimpleName() + ": " + json, e);
        }
    }

    @SuppressWarnings("unchecked") // JSON objects have strings for keys
    static Map<String, Object> object(String json) {
        return of(Map.class, json);
    }

    static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }
}
