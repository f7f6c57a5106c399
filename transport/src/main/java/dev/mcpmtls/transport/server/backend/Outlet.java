// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Takes what a backend says on a request, or of its own accord. Callable from any thread. */
public interface Outlet {

    /**
     * The request's result.
     *
     * @param members anything that becomes a JSON object
     * @param meta its {@code _meta}, which {@code members} holds as well; empty when there is none
     */
    void result(Object members, Map<String, Object> meta);

    /** The request failed. */
    void error(Failure failure);

    /**
     * A notification.
     *
     * @param params anything that becomes a JSON object; null when there are none
     */
    void notification(String method, @Nullable Object params);

    /**
     * A question to the client: elicitation, sampling or roots. Its answer comes to {@link BackendSession#answer}.
     *
     * @return runs when it is subscribed to; fails when this client cannot be asked
     */
    Mono<Void> question(Object id, String method, @Nullable Object params);

    /**
     * An error in the words of JSON-RPC.
     *
     * @param undeclared the capability that the client should have declared; null when that is not the reason
     */
    record Failure(
            int code,
            String message,
            @Nullable Object data,
            @Nullable String undeclared) {}
}
