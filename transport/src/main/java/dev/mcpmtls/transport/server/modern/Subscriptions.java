// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.call.Authorizer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The open {@code subscriptions/listen} streams of modern clients. Thread-safe. */
public final class Subscriptions {

    private static final int MAX_URIS = 1_000;

    private final Map<String, Subscription> open = new ConcurrentHashMap<>();
    private final Backend backend;
    private final Authorizer authorizer;
    private final Quota streams;
    private final Json json;

    public Subscriptions(Backend backend, Authorizer authorizer, Quota streams, Json json) {
        this.backend = backend;
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
        BackendSession session =
                backend.open(new Opening(incoming.caller(), ModernEra.hello(Map.of(), Map.of()), null));
        Map<String, Object> granted = granted(wanted, uris);
        Subscription subscription = new Subscription(request.id(), granted, incoming.reply(), json);
        streams.require(incoming.owner(), "event streams");
        subscription.acknowledge();
        open.put(session.id(), subscription);
        incoming.reply().whenDone(() -> {
            streams.give(incoming.owner());
            open.remove(session.id());
            session.close();
        });
        session.listen(subscription);
        Flux.fromIterable(uris)
                .concatMap(uri -> subscribe(session, incoming.caller(), uri))
                .subscribe();
    }

    private static Mono<Void> subscribe(BackendSession session, Caller caller, String uri) {
        Request request = new Request("subscribe", Method.RESOURCES_SUBSCRIBE.text(), Map.of("uri", uri));
        return session.request(caller, request, new ResultCollector()).onErrorComplete();
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
                .filter(uri -> authorizer.mayKnowOf(
                        caller, new Call(backend.describe().name(), Method.RESOURCES_READ.text(), uri)))
                .distinct()
                .toList();
    }

    private Map<String, Object> granted(Map<String, Object> wanted, List<String> uris) {
        Description server = backend.describe();
        Map<String, Object> granted = new LinkedHashMap<>();
        grant(granted, wanted, "toolsListChanged", server.offers("tools", "listChanged"));
        grant(granted, wanted, "promptsListChanged", server.offers("prompts", "listChanged"));
        grant(granted, wanted, "resourcesListChanged", server.offers("resources", "listChanged"));
        if (!uris.isEmpty() && server.offers("resources", "subscribe")) {
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

    /** Sends a notification to the subscriptions that ask for it. */
    public Mono<Void> tellAll(String method, @Nullable Object params) {
        return Mono.fromRunnable(() -> open.values().forEach(one -> one.tell(method, params)));
    }

    /** Says something to the subscription behind a backend session; nothing happens when there is none. */
    public Mono<Void> tell(String sessionId, String method, Object params) {
        return Mono.fromRunnable(() -> {
            Subscription one = open.get(sessionId);
            if (one != null) {
                one.tell(method, params);
            }
        });
    }

    /** Ends every stream. */
    public void close() {
        open.values().forEach(Subscription::close);
    }
}
