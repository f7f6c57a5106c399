// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tool that a server offers. All texts are the server's own.
 *
 * @param members of its definition, as they came
 */
public record ListedTool(Map<String, @Nullable Object> members, String name) {

    /** A tool of which nothing but the name is known. */
    static ListedTool unlisted(String name) {
        return new ListedTool(Map.of("name", name), name);
    }

    Optional<String> description() {
        return members.get("description") instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** The schemas of its arguments. */
    Map<String, Object> properties() {
        return JsonRpcMessage.object(
                JsonRpcMessage.object(members.get("inputSchema")).get("properties"));
    }

    /** The names of its arguments. */
    List<String> arguments() {
        return List.copyOf(properties().keySet());
    }
}
