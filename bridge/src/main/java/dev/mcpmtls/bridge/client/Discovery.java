// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Revision;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the era of a server from its answer to {@code server/discover}: anything that is not a recognised modern answer means legacy.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning">Versioning and Compatibility</a>
 */
record Discovery(URI server, Map<String, Object> answer) {

    /** Errors that only modern servers know. */
    private static final Set<Integer> MODERN_ERRORS = Set.of(ErrorCode.HEADER_MISMATCH, ErrorCode.MISSING_CAPABILITY);

    /** Whether the server refuses our revision and names it among those that it supports. */
    boolean contradictsItself() {
        return code() == ErrorCode.UNSUPPORTED_VERSION && supported().contains(Revision.MODERN.text());
    }

    /**
     * The {@code DiscoverResult}; empty when the server speaks the legacy era only.
     *
     * @throws Outage when the server is modern and no version is shared, or it finds fault with the question
     */
    Optional<Map<String, Object>> modern() {
        Map<String, Object> result = JsonRpcMessage.object(answer.get("result"));
        if (result.containsKey("supportedVersions")) {
            return chosen(texts(result.get("supportedVersions")), Optional.of(result));
        }
        if (code() == ErrorCode.UNSUPPORTED_VERSION) {
            return chosen(supported(), Optional.empty());
        }
        if (MODERN_ERRORS.contains(code())) {
            throw Outage.unusable(server, "it finds fault with server/discover: " + error().get("message"));
        }
        return Optional.empty();
    }

    private Optional<Map<String, Object>> chosen(List<String> versions, Optional<Map<String, Object>> result) {
        if (versions.contains(Revision.MODERN.text()) && result.isPresent()) {
            return result;
        }
        if (versions.stream().anyMatch(Revision.legacy()::contains)) {
            return Optional.empty();
        }
        throw Outage.unusable(
                server,
                "it speaks the MCP versions " + versions + ", and we speak " + Revision.legacy() + " and "
                        + Revision.MODERN.text());
    }

    private Map<String, Object> error() {
        return JsonRpcMessage.object(answer.get("error"));
    }

    private int code() {
        return error().get("code") instanceof Number code ? code.intValue() : 0;
    }

    private List<String> supported() {
        return texts(JsonRpcMessage.object(error().get("data")).get("supported"));
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> members
                ? members.stream().map(String::valueOf).toList()
                : List.of();
    }
}
