// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values of JSON as values of {@code Mcp-Name} and {@code Mcp-Param-*} headers, and back.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding">Value
 *     Encoding, 2026-07-28</a>
 */
public final class HeaderValue {

    private static final String PREFIX = "=?base64?";
    private static final String SUFFIX = "?=";

    private HeaderValue() {}

    /** The text itself where a header can carry it as it is, else its UTF-8 in base64 between the sentinels. */
    public static String encode(String text) {
        boolean plain =
                isPlain(text) && text.equals(text.strip()) && !(text.startsWith(PREFIX) && text.endsWith(SUFFIX));
        return plain
                ? text
                : PREFIX + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + SUFFIX;
    }

    /** The header of a tool's argument; empty for what has none ({@code null}, and types that may not be annotated). */
    public static Optional<String> encodeArgument(@Nullable Object value) {
        boolean annotated = value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long;
        return annotated ? Optional.of(encode(String.valueOf(value))) : Optional.empty();
    }

    /** The text that a header carries; empty when it holds other characters, or base64 that is not canonical or not of UTF-8. */
    public static Optional<String> decode(String header) {
        if (!isPlain(header)) {
            return Optional.empty();
        }
        if (!isEncoded(header)) {
            return Optional.of(header);
        }
        String text = header.substring(PREFIX.length(), header.length() - SUFFIX.length());
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return Base64.getEncoder().encodeToString(bytes).equals(text)
                    ? Optional.of(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString())
                    : Optional.empty();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean isPlain(String text) {
        return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'));
    }

    private static boolean isEncoded(String text) {
        return text.length() >= PREFIX.length() + SUFFIX.length() && text.startsWith(PREFIX) && text.endsWith(SUFFIX);
    }
}
