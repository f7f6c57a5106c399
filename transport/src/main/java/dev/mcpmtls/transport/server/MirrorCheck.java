// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.transport.server.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.ToolHeaders.Mirrored;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Do the headers say what the body says? Whoever routes or filters by the headers must not be told another story than the
 * handler (2026-07-28, Streamable HTTP, "Server Validation").
 */
final class MirrorCheck {

    private static final Set<String> NAMED = Set.of("tools/call", "prompts/get", "resources/read");
    private static final String OPENING = "=?base64?";
    private static final String CLOSING = "?=";

    private final IncomingRequest incoming;
    private final Request request;

    MirrorCheck(IncomingRequest incoming, Request request) {
        this.incoming = incoming;
        this.request = request;
    }

    /** Checks {@code MCP-Protocol-Version}. */
    void version(@Nullable String header, String body) {
        requireEqual("MCP-Protocol-Version", header, body);
    }

    /** Checks {@code Mcp-Method}, and {@code Mcp-Name} where the method has one. */
    void methodAndName() {
        requireEqual("Mcp-Method", incoming.header("mcp-method"), request.method());
        String target = request.target();
        if (NAMED.contains(request.method())) {
            String header = incoming.header("mcp-name");
            requireEqual("Mcp-Name", header == null ? null : decoded("Mcp-Name", header), target);
        }
    }

    /** Checks the headers that mirror a tool's arguments. */
    void arguments(List<Mirrored> mirrored) {
        for (Mirrored parameter : mirrored) {
            Object value = valueAt(parameter.path());
            String header = incoming.header(parameter.header());
            if (value == null && header == null) {
                continue;
            }
            if (value == null || header == null || !says(decoded(parameter.header(), header), value)) {
                throw mismatch(parameter.header());
            }
        }
    }

    private @Nullable Object valueAt(List<String> path) {
        Object value = request.params().get("arguments");
        for (String step : path) {
            value = value instanceof Map<?, ?> object ? object.get(step) : null;
        }
        return value;
    }

    private static boolean says(String text, Object value) {
        if (!(value instanceof Number)) {
            return text.equals(value.toString());
        }
        try {
            return text.length() <= 64 && new BigDecimal(text).compareTo(new BigDecimal(value.toString())) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static String decoded(String name, String header) {
        if (!header.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'))) {
            throw mismatch(name);
        }
        boolean encoded = header.startsWith(OPENING)
                && header.endsWith(CLOSING)
                && header.length() >= OPENING.length() + CLOSING.length();
        if (!encoded) {
            return header;
        }
        String text = header.substring(OPENING.length(), header.length() - CLOSING.length());
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
                throw mismatch(name);
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw mismatch(name);
        }
    }

    private static void requireEqual(String name, @Nullable String header, String body) {
        if (!body.equals(header)) {
            throw mismatch(name);
        }
    }

    private static RefusedException mismatch(String name) {
        return new RefusedException(
                400,
                RefusedException.HEADER_MISMATCH,
                "Header mismatch: the header " + name + " is missing, malformed, or not what the body says");
    }
}
