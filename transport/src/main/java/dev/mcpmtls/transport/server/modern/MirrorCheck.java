// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Do the headers say what the body says? A proxy that routes or filters by the headers must see the same request as the
 * handler (2026-07-28, Streamable HTTP, "Server Validation").
 */
final class MirrorCheck {

    private final IncomingRequest incoming;
    private final Request request;

    MirrorCheck(IncomingRequest incoming, Request request) {
        this.incoming = incoming;
        this.request = request;
    }

    /** Checks {@code MCP-Protocol-Version}. */
    void version(@Nullable String header, String body) {
        requireEqual(HeaderName.PROTOCOL_VERSION, header, body);
    }

    /** Checks {@code Mcp-Method}, and {@code Mcp-Name} where the method has one. */
    void methodAndName() {
        requireEqual(HeaderName.METHOD, incoming.header(HeaderName.METHOD), request.method());
        String target = request.target();
        if (Method.of(request.method()).flatMap(Method::named).isPresent()) {
            String header = incoming.header(HeaderName.NAME);
            requireEqual(HeaderName.NAME, header == null ? null : decoded(HeaderName.NAME, header), target);
        }
    }

    /** Checks the headers that mirror a tool's arguments. */
    void arguments(List<Mirrored> mirrored) {
        for (Mirrored parameter : mirrored) {
            Object value = parameter.in(request.params().get("arguments"));
            String header = incoming.header(parameter.header());
            if (value == null && header == null) {
                continue;
            }
            if (value == null || header == null || !says(decoded(parameter.header(), header), value)) {
                throw mismatch(parameter.header());
            }
        }
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
        return HeaderValue.decode(header).orElseThrow(() -> mismatch(name));
    }

    private static void requireEqual(String name, @Nullable String header, String body) {
        if (!body.equals(header)) {
            throw mismatch(name);
        }
    }

    private static RefusedException mismatch(String name) {
        return new RefusedException(
                400,
                ErrorCode.HEADER_MISMATCH,
                "Header mismatch: the header " + name + " is missing, malformed, or not what the body says");
    }
}
