// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Puts the input requests of an unfinished result to the SDK's session as requests of a server, for which it has handlers, and
 * gathers its answers.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr">Multi Round-Trip Requests</a>
 */
final class InputRequests {

    private static final Set<String> ALLOWED = Set.of(
            McpSchema.METHOD_ELICITATION_CREATE, McpSchema.METHOD_SAMPLING_CREATE_MESSAGE, McpSchema.METHOD_ROOTS_LIST);

    private final Codec codec;
    private final Inbox inbox;
    private final AtomicLong counter = new AtomicLong();
    private final Map<Object, CompletableFuture<JSONRPCResponse>> waiting = new ConcurrentHashMap<>();

    InputRequests(Codec codec, Inbox inbox) {
        this.codec = codec;
        this.inbox = inbox;
    }

    /** The session's results by the keys of {@code requests}; fails with the session's error when a handler fails. */
    Mono<Map<String, Object>> gather(Map<String, Object> requests) {
        return Flux.fromIterable(requests.entrySet())
                .concatMap(
                        entry -> ask(codec.object(entry.getValue())).map(result -> Map.entry(entry.getKey(), result)))
                .collect(LinkedHashMap::new, (all, one) -> all.put(one.getKey(), one.getValue()));
    }

    private Mono<Object> ask(Map<String, Object> request) {
        String method = String.valueOf(request.get("method"));
        if (!ALLOWED.contains(method)) {
            return Mono.error(McpError.builder(McpSchema.ErrorCodes.INVALID_REQUEST)
                    .message("a server may not ask a client for " + method)
                    .build());
        }
        String id = "input-" + counter.incrementAndGet();
        CompletableFuture<JSONRPCResponse> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        return inbox.deliver(new JSONRPCRequest(method, id, codec.object(request, "params")))
                .then(Mono.fromFuture(answer))
                .doFinally(ended -> waiting.remove(id))
                .map(response -> {
                    if (response.error() != null) {
                        throw new McpError(response.error());
                    }
                    return codec.object(response.result());
                });
    }

    /** The session's answer to one of our questions. */
    void answered(JSONRPCResponse response) {
        CompletableFuture<JSONRPCResponse> answer = waiting.get(response.id());
        if (answer != null) {
            answer.complete(response);
        }
    }
}
