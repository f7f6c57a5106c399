// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A backend without the SDK: its one tool reports progress, asks its client for a word, and answers with it and the caller's name. */
public final class InMemoryBackend implements Backend {

    final Queue<String> texts = new ConcurrentLinkedQueue<>();
    final AtomicInteger open = new AtomicInteger();

    /** The work that a notification takes. */
    volatile Mono<Void> noticing = Mono.empty();

    @Override
    public Description describe() {
        return new Description(
                "memory", Map.of("name", "memory", "version", "1"), Map.of("tools", Map.of("listChanged", true)), null);
    }

    @Override
    public BackendSession open(Opening opening) {
        open.incrementAndGet();
        return new InMemorySession(
                UUID.randomUUID().toString(), texts, new ConcurrentHashMap<>(), open, () -> noticing);
    }

    @Override
    public Mono<List<Mirrored>> mirrored(Caller caller, String tool) {
        return Mono.just(List.of());
    }

    @Override
    public RefusedException refusal(Request request, Throwable failure) {
        return RefusedException.of(failure);
    }

    private record InMemorySession(
            String id,
            Queue<String> texts,
            Map<Object, Sinks.One<Response>> asked,
            AtomicInteger open,
            Supplier<Mono<Void>> noticing)
            implements BackendSession {

        @Override
        public Mono<Welcome> welcome() {
            return Mono.just(new Welcome(
                    "2025-11-25",
                    Map.of(
                            "protocolVersion", "2025-11-25",
                            "capabilities", Map.of("tools", Map.of()),
                            "serverInfo", Map.of("name", "memory", "version", "1"))));
        }

        @Override
        public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
            texts.add(String.valueOf(request.text()));
            return request.method().equals(Method.TOOLS_LIST.text())
                    ? Mono.fromRunnable(() -> outlet.result(Map.of("tools", List.of(tool("b"), tool("a"))), Map.of()))
                    : call(caller, request, outlet);
        }

        private static Map<String, Object> tool(String name) {
            return Map.of("name", name, "inputSchema", Map.of("type", "object"));
        }

        private Mono<Void> call(Caller caller, Request request, Outlet outlet) {
            String question = UUID.randomUUID().toString();
            Sinks.One<Response> answer = Sinks.one();
            asked.put(question, answer);
            Map<String, Object> progress =
                    Map.of("progressToken", request.meta().getOrDefault("progressToken", "none"), "progress", 1);
            return Mono.fromRunnable(() -> outlet.notification("notifications/progress", progress))
                    .then(Mono.defer(() -> outlet.question(question, "elicitation/create", Map.of("message", "word?"))))
                    .then(answer.asMono())
                    .doOnNext(given -> outlet.result(said(caller, given), Map.of("seen", true)))
                    .then();
        }

        private static Map<String, Object> said(Caller caller, Response given) {
            Map<String, Object> result = JsonRpcMessage.object(given.whole().get("result"));
            Object word = JsonRpcMessage.object(result.get("content")).get("word");
            String text = word + " for " + caller.peer().identity().text();
            return Map.of("content", List.of(Map.of("type", "text", "text", text)), "_meta", Map.of("seen", true));
        }

        @Override
        public Mono<Void> notification(Caller caller, Notification notification) {
            return noticing.get();
        }

        @Override
        public Mono<Void> answer(Caller caller, Response response) {
            Sinks.One<Response> open = asked.remove(response.id());
            return open == null
                    ? Mono.error(RefusedException.invalidRequest("no request of the server has that id"))
                    : Mono.fromRunnable(() -> open.tryEmitValue(response).orThrow());
        }

        @Override
        public void listen(Outlet outlet) {}

        @Override
        public void minLogLevel(String level) {}

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }
}
