// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The open {@code subscriptions/listen} streams of modern clients. Thread-safe. */
final class Subscriptions {

    private static final int MAX_URIS = 1_000;

    private final Map<String, Subscription> open = new ConcurrentHashMap<>();
    private final SdkServer server;
    private final Authorizer authorizer;
    private final Quota streams;
    private final Json json;

    Subscriptions(SdkServer server, Authorizer authorizer, Quota streams, Json json) {
        this.server = server;
        this.authorizer = authorizer;
        this.streams = streams;
        this.json = json;
    }

    /**
     * Opens a stream: acknowledges what it will carry and keeps it until the client closes it.
     *
     * @throws RefusedException when there is no place for it or its filter is not of the right form
     */
    void open(IncomingRequest incoming, Request request) {
        if (!(request.params().get("notifications") instanceof Map)) {
            throw RefusedException.invalidParams("subscriptions/listen needs the object parameter 'notifications'");
        }
        Map<String, Object> wanted = JsonRpcMessage.object(request.params().get("notifications"));
        List<String> uris = uris(incoming.caller(), wanted.get("resourceSubscriptions"));
        McpStreamableServerSession sdk = server.open(server.initialize(Revision.MODERN.text(), Map.of(), Map.of()))
                .session();
        Map<String, Object> granted = granted(wanted, uris);
        Subscription subscription = new Subscription(request.id(), granted, incoming.reply(), json);
        streams.require(incoming.owner(), "event streams");
        subscription.acknowledge();
        open.put(sdk.getId(), subscription);
        incoming.reply().whenDone(() -> {
            streams.give(incoming.owner());
            open.remove(sdk.getId());
            sdk.closeGracefully().onErrorComplete().subscribe();
        });
        Flux.fromIterable(uris).concatMap(uri -> subscribe(sdk, uri)).subscribe();
    }

    private static Mono<Void> subscribe(McpStreamableServerSession sdk, String uri) {
        McpSchema.JSONRPCRequest request =
                new McpSchema.JSONRPCRequest(Method.RESOURCES_SUBSCRIBE.text(), "subscribe", Map.of("uri", uri));
        return sdk.responseStream(new ResultCollector()).handle(request).onErrorComplete();
    }

    private List<String> uris(Caller caller, @Nullable Object wanted) {
        if (wanted == null) {
            return List.of();
        }
        if (!(wanted instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
            throw RefusedException.invalidParams("'resourceSubscriptions' must be an array of strings");
        }
        if (list.size() > MAX_URIS) {
            throw RefusedException.invalidParams("at most " + MAX_URIS + " resources can be subscribed to at once");
        }
        return list.stream()
                .map(String.class::cast)
                .filter(uri -> authorizer.mayKnowOf(caller, new Call(server.name(), Method.RESOURCES_READ.text(), uri)))
                .distinct()
                .toList();
    }

    private Map<String, Object> granted(Map<String, Object> wanted, List<String> uris) {
        McpSchema.ServerCapabilities has = server.describe().capabilities();
        Map<String, Object> granted = new LinkedHashMap<>();
        grant(
                granted,
                wanted,
                "toolsListChanged",
                has.tools() != null && isTrue(has.tools().listChanged()));
        grant(
                granted,
                wanted,
                "promptsListChanged",
                has.prompts() != null && isTrue(has.prompts().listChanged()));
        grant(
                granted,
                wanted,
                "resourcesListChanged",
                has.resources() != null && isTrue(has.resources().listChanged()));
        if (!uris.isEmpty() && has.resources() != null && isTrue(has.resources().subscribe())) {
            granted.put("resourceSubscriptions", uris);
        }
        return granted;
    }

    private static void grant(Map<String, Object> granted, Map<String, Object> wanted, String type, boolean supported) {
        if (wanted.containsKey(type) && !(wanted.get(type) instanceof Boolean)) {
            throw RefusedException.invalidParams("'" + type + "' must be a boolean");
        }
        if (supported && Boolean.TRUE.equals(wanted.get(type))) {
            granted.put(type, true);
        }
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    /** Says something to everybody who wants to hear of it. */
    Mono<Void> tellAll(String method, @Nullable Object params) {
        return Mono.fromRunnable(() -> open.values().forEach(one -> one.tell(method, params)));
    }

    /** Says something to the subscription behind an SDK session; nothing happens when there is none. */
    Mono<Void> tell(String sessionId, String method, Object params) {
        return Mono.fromRunnable(() -> {
            Subscription one = open.get(sessionId);
            if (one != null) {
                one.tell(method, params);
            }
        });
    }

    /** Ends every stream. */
    void close() {
        open.values().forEach(Subscription::close);
    }
}
