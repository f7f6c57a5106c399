// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import java.util.Map;
import java.util.Optional;

/**
 * A server's words about itself. All texts are its own.
 *
 * @param host in its URL
 * @param server the members of {@code serverInfo}
 * @param revision that both speak
 */
public record Introduction(String host, Map<String, Object> server, Map<String, Object> capabilities, String revision) {

    /** The server's own name; the host's where it gives none. */
    public String name() {
        return text("name").orElse(host);
    }

    /** The text at a member of {@code serverInfo}, such as {@code version}; empty when there is none. */
    public Optional<String> text(String member) {
        return server.get(member) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** Whether the server declares to have what the method is about. */
    public boolean has(Method method) {
        return capabilities.get(method.capability().text()) != null;
    }

    /** Whether each request stands for itself, without a session. */
    public boolean isModern() {
        return revision.equals(Revision.MODERN.text());
    }
}
