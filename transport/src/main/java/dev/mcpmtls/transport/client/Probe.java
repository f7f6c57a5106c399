// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The era of a server, as its answer to {@code server/discover} shows it.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning">Versioning and Compatibility</a>
 */
sealed interface Probe {

    /**
     * The server speaks the modern revision.
     *
     * @param discovered the {@code DiscoverResult}
     */
    record Modern(Map<String, Object> discovered) implements Probe {}

    /** The server speaks the legacy era only: anything that is not a recognised modern answer means this. */
    record Legacy() implements Probe {}

    /** Errors that only modern servers know: HeaderMismatch, MissingRequiredClientCapability. */
    Set<Integer> MODERN_ERRORS = Set.of(ErrorCode.HEADER_MISMATCH, ErrorCode.MISSING_CAPABILITY);

    /**
     * Reads an answer.
     *
     * @throws UnusableAnswer when the server is modern and no version is shared, or it finds fault with our probe
     */
    static Probe read(URI server, Codec codec, List<JSONRPCMessage> answer) {
        for (JSONRPCMessage message : answer) {
            if (message instanceof JSONRPCResponse response) {
                return read(server, codec, response);
            }
        }
        return new Legacy();
    }

    private static Probe read(URI server, Codec codec, JSONRPCResponse response) {
        if (response.error() == null) {
            Map<String, Object> result = codec.object(response.result());
            return result.containsKey("supportedVersions")
                    ? choose(server, Codec.texts(result, "supportedVersions"), result)
                    : new Legacy();
        }
        int code = response.error().code();
        if (code == ErrorCode.UNSUPPORTED_VERSION) {
            return choose(server, supported(codec, response), Map.of());
        }
        if (MODERN_ERRORS.contains(code)) {
            throw new UnusableAnswer(
                    server,
                    "it finds fault with server/discover: " + response.error().message(),
                    null);
        }
        return new Legacy();
    }

    /** Whether the modern revision is refused by a server that names it among those it supports. */
    static boolean contradictsItself(Codec codec, List<JSONRPCMessage> answer) {
        return answer.stream()
                .anyMatch(message -> message instanceof JSONRPCResponse response
                        && response.error() != null
                        && response.error().code() == ErrorCode.UNSUPPORTED_VERSION
                        && supported(codec, response).contains(Revision.MODERN.text()));
    }

    private static List<String> supported(Codec codec, JSONRPCResponse unsupportedVersion) {
        return Codec.texts(codec.object(unsupportedVersion.error().data()), "supported");
    }

    private static Probe choose(URI server, List<String> versions, Map<String, Object> discovered) {
        if (versions.contains(Revision.MODERN.text()) && !discovered.isEmpty()) {
            return new Modern(discovered);
        }
        if (versions.stream().anyMatch(Revision.legacy()::contains)) {
            return new Legacy();
        }
        throw new UnusableAnswer(
                server,
                "it speaks the MCP versions " + versions + ", and we speak " + Revision.legacy() + " and "
                        + Revision.MODERN.text(),
                null);
    }
}
