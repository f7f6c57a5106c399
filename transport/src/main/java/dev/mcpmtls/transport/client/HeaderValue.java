// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values of JSON as values of headers.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding">Value
 *     Encoding, 2026-07-28</a>
 */
final class HeaderValue {

    private static final String PREFIX = "=?base64?";
    private static final String SUFFIX = "?=";

    private HeaderValue() {}

    /** The text itself where a header can carry it as it is, else its UTF-8 in base64 between the sentinels. */
    static String of(String text) {
        boolean plain = text.chars().allMatch(c -> (c >= 0x20 && c <= 0x7e) || c == '\t')
                && text.equals(text.strip())
                && !(text.startsWith(PREFIX) && text.endsWith(SUFFIX));
        return plain
                ? text
                : PREFIX + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + SUFFIX;
    }

    /** The header of a tool's argument; empty for what has none ({@code null}, and types that may not be annotated). */
    static Optional<String> ofArgument(@Nullable Object value) {
        if (value instanceof String || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            return Optional.of(of(value.toString()));
        }
        return Optional.empty();
    }
}
