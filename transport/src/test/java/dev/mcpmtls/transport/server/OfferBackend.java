// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;

/** A backend without the SDK that offers tools, prompts, resources and templates, page by page; a cursor is the name of the next item. */
final class OfferBackend implements Backend {

    final List<String> tools =
            new CopyOnWriteArrayList<>(List.of("a_read", "b_delete", "c_delete", "d_echo", "e_order"));
    final List<String> prompts = new CopyOnWriteArrayList<>(List.of("report", "secret-report"));
    final List<String> resources = new CopyOnWriteArrayList<>(List.of("file:///srv/docs/a", "file:///srv/docs/secret"));
    final List<String> templates = new CopyOnWriteArrayList<>(List.of("file:///srv/{path}", "mem://{key}"));

    /** The methods of requests that reached this backend, with what they were about. */
    final Queue<String> reached = new ConcurrentLinkedQueue<>();

    private final Map<String, Object> capabilities = Map.of(
            "tools", Map.of(),
            "prompts", Map.of(),
            "resources", Map.of("subscribe", true),
            "completions", Map.of());
    private final Map<String, Object> info = Map.of("name", "offer-mcp", "version", "1");

    @Override
    public Description describe() {
        return new Description("offer-mcp", info, capabilities, null);
    }

    @Override
    public BackendSession open(Opening opening) {
        return new OfferSession(UUID.randomUUID().toString());
    }

    @Override
    public Mono<List<Mirrored>> mirrored(Caller caller, String tool) {
        return Mono.just(List.of());
    }

    @Override
    public RefusedException refusal(Request request, Throwable failure) {
        return RefusedException.of(failure);
    }

    private Map<String, Object> listOrDone(Request request) {
        return switch (request.method()) {
            case "tools/list" -> page(request, "tools", "name", tools);
            case "prompts/list" -> page(request, "prompts", "name", prompts);
            case "resources/list" -> page(request, "resources", "uri", resources);
            case "resources/templates/list" -> page(request, "resourceTemplates", "uriTemplate", templates);
            default -> {
                reached.add(request.method() + " " + request.target());
                yield Map.of("content", List.of(Map.of("type", "text", "text", "done")));
            }
        };
    }

    private static Map<String, Object> page(Request request, String member, String key, List<String> all) {
        int from = request.params().get("cursor") instanceof String next ? all.indexOf(next) : 0;
        Map<String, Object> page = new LinkedHashMap<>();
        page.put(member, List.of(Map.of(key, all.get(from), "title", all.get(from))));
        if (from + 1 < all.size()) {
            page.put("nextCursor", all.get(from + 1));
        }
        return page;
    }

    private final class OfferSession implements BackendSession {

        private final String id;

        OfferSession(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Mono<Welcome> welcome() {
            return Mono.just(new Welcome(
                    "2025-11-25",
                    Map.of("protocolVersion", "2025-11-25", "capabilities", capabilities, "serverInfo", info)));
        }

        @Override
        public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
            return Mono.fromRunnable(() -> outlet.result(listOrDone(request), Map.of()));
        }

        @Override
        public Mono<Void> notification(Caller caller, Notification notification) {
            return Mono.empty();
        }

        @Override
        public Mono<Void> answer(Caller caller, Response response) {
            return Mono.empty();
        }

        @Override
        public void listen(Outlet outlet) {}

        @Override
        public void minLogLevel(String level) {}

        @Override
        public void close() {}
    }
}
