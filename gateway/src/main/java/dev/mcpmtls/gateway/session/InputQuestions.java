// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The questions that one legacy client has been asked, by our ids. Thread-safe. */
final class InputQuestions {

    private final Map<Object, CompletableFuture<Response>> open = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /** The id of another question. */
    String next() {
        return "input/" + last.incrementAndGet();
    }

    /** Completes with the client's answer. */
    CompletableFuture<Response> await(String id) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        open.put(id, answer);
        return answer;
    }

    void forget(String id) {
        open.remove(id);
    }

    /** Whether it answers a question. */
    boolean answer(Response response) {
        CompletableFuture<Response> waiting = open.remove(response.id());
        return waiting != null && waiting.complete(response);
    }

    void close() {
        List.copyOf(open.values()).forEach(waiting -> waiting.cancel(false));
        open.clear();
    }
}
