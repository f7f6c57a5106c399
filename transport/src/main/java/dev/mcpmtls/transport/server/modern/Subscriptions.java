// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.Audience;
import dev.mcpmtls.transport.server.call.Authorizer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.call.Seen;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The open {@code subscriptions/listen} streams of modern clients. Thread-safe. */
public final class Subscriptions {

    private static final String VERSION = Revision.MODERN.text();
    private static final int MAX_URIS = 1_000;

    private final Map<String, Subscription> open = new ConcurrentHashMap<>();
    private final Backend backend;
    private final Authorizer authorizer;
    private final Announcer announcer;
    private final Quota streams;
    private final Json json;

    public Subscriptions(Backend backend, Authorizer authorizer, Announcer announcer, Quota streams, Json json) {
        this.backend = backend;
        this.authorizer = authorizer;
        this.announcer = announcer;
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
        List<String> uris = uris(wanted.get("resourceSubscriptions"));
        granted(wanted, uris); // refuses what is not of the right form
        List<Call> subscribing =
                uris.stream().map(uri -> announcer.subscription(uri, VERSION)).toList();
        authorizer.select(incoming, subscribing, (permitted, refused) -> {
            try {
                if (refused != null) {
                    throw refused;
                }
                open(
                        incoming,
                        request,
                        wanted,
                        permitted.stream().map(Call::target).toList());
            } catch (RuntimeException e) {
                RequestDispatcher.refuse(incoming, request.id(), e);
            }
        });
    }

    private void open(IncomingRequest incoming, Request request, Map<String, Object> wanted, List<String> uris) {
        streams.require(incoming.owner(), "event streams");
        BackendSession session = backend.open(new Opening(incoming.caller(), ModernEra.hello(request), null));
        Subscription subscription = new Subscription(
                request.id(), granted(wanted, uris), incoming.reply(), incoming.caller(), session, new Seen(), json);
        subscription.acknowledge();
        open.put(session.id(), subscription);
        incoming.reply().whenDone(() -> {
            streams.give(incoming.owner());
            open.remove(session.id());
            session.close();
        });
        announcer.begin(subscription);
        session.listen(new SubscriptionOutlet(announcer, subscription));
        Flux.fromIterable(uris)
                .concatMap(uri -> subscribe(session, incoming.caller(), uri))
                .subscribe();
    }

    private static Mono<Void> subscribe(BackendSession session, Caller caller, String uri) {
        Request request = new Request("subscribe", Method.RESOURCES_SUBSCRIBE.text(), Map.of("uri", uri));
        return session.request(caller, request, new ResultCollector()).onErrorComplete();
    }

    private static List<String> uris(@Nullable Object wanted) {
        if (wanted == null) {
            return List.of();
        }
        if (!(wanted instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
            throw RefusedException.invalidParams("'resourceSubscriptions' must be an array of strings");
        }
        if (list.size() > MAX_URIS) {
            throw RefusedException.invalidParams("at most " + MAX_URIS + " resources can be subscribed to at once");
        }
        return list.stream().map(String.class::cast).distinct().toList();
    }

    private Map<String, Object> granted(Map<String, Object> wanted, List<String> uris) {
        Description server = backend.describe();
        Map<String, Object> granted = new LinkedHashMap<>();
        grant(granted, wanted, "toolsListChanged", announcer.announces("tools"));
        grant(granted, wanted, "promptsListChanged", announcer.announces("prompts"));
        grant(granted, wanted, "resourcesListChanged", announcer.announces("resources"));
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
        return Mono.fromRunnable(() -> open.values().forEach(one -> pass(one, method, params)));
    }

    private void pass(Subscription one, String method, @Nullable Object params) {
        announcer.pass(one, method, params, () -> one.tell(method, params));
    }

    /** The open streams. */
    public Collection<? extends Audience> audience() {
        return List.copyOf(open.values());
    }

    /** Says something to the subscription behind a backend session; nothing happens when there is none. */
    public Mono<Void> tell(String sessionId, String method, Object params) {
        return Mono.fromRunnable(() -> {
            Subscription one = open.get(sessionId);
            if (one != null) {
                pass(one, method, params);
            }
        });
    }

    /** Ends every stream. */
    public void close() {
        open.values().forEach(Subscription::close);
    }
}
