// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.Audience;
import dev.mcpmtls.transport.server.call.Authorizer;
import dev.mcpmtls.transport.server.call.Calls;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.call.Seen;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.task.RunningTask;
import dev.mcpmtls.transport.server.task.TaskStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
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
    private static final int MAX_NAMED = 1_000;

    private final Map<String, Subscription> open = new ConcurrentHashMap<>();
    private final Backend backend;
    private final Authorizer authorizer;
    private final Announcer announcer;
    private final Quota streams;
    private final TaskStore tasks;
    private final Calls calls;
    private final Json json;

    public Subscriptions(
            Backend backend,
            Authorizer authorizer,
            Announcer announcer,
            Quota streams,
            TaskStore tasks,
            Calls calls,
            Json json) {
        this.backend = backend;
        this.authorizer = authorizer;
        this.announcer = announcer;
        this.streams = streams;
        this.tasks = tasks;
        this.calls = calls;
        this.json = json;
        tasks.onChange(this::changed);
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
        List<String> uris = texts(wanted, "resourceSubscriptions");
        granted(wanted, uris, List.of()); // refuses what is not of the right form
        List<String> taskIds = texts(wanted, "taskIds");
        if (!taskIds.isEmpty() && !TaskRequests.areKnownTo(request)) {
            throw RefusedException.missingExtension(TaskStatus.EXTENSION);
        }
        IdentityHashMap<Call, String> about = new IdentityHashMap<>();
        uris.forEach(uri -> about.put(announcer.subscription(uri, VERSION), uri));
        List<RunningTask> known = taskIds.stream()
                .flatMap(id -> tasks.find(incoming.owner(), id).stream())
                .filter(RunningTask.class::isInstance)
                .map(RunningTask.class::cast)
                .toList();
        IdentityHashMap<Call, RunningTask> watched = new IdentityHashMap<>();
        known.forEach(task -> watched.put(watching(task), task));
        List<Call> subscribing = new ArrayList<>(about.keySet());
        subscribing.addAll(watched.keySet());
        authorizer.select(incoming, subscribing, (permitted, refused) -> {
            try {
                if (refused != null) {
                    throw refused;
                }
                open(
                        incoming,
                        request,
                        wanted,
                        permitted.stream()
                                .filter(about::containsKey)
                                .map(Call::target)
                                .toList(),
                        permitted.stream()
                                .filter(watched::containsKey)
                                .map(watched::get)
                                .toList());
            } catch (RuntimeException e) {
                RequestDispatcher.refuse(incoming, request.id(), e);
            }
        });
    }

    private Call watching(RunningTask task) {
        return calls.about(Method.TASKS_GET.text(), task.begun(), VERSION);
    }

    private void open(
            IncomingRequest incoming,
            Request request,
            Map<String, Object> wanted,
            List<String> uris,
            List<RunningTask> watched) {
        streams.require(incoming.owner(), "event streams");
        incoming.endsWithToken();
        BackendSession session = backend.open(ModernEra.opening(incoming, request));
        Subscription subscription = new Subscription(
                request.id(),
                granted(wanted, uris, watched),
                incoming.reply(),
                incoming.caller(),
                session,
                new Seen(),
                json);
        // Its client must miss nothing from the acknowledgement on, and hear nothing before it.
        incoming.reply().defer();
        subscription.acknowledge();
        open.put(session.id(), subscription);
        incoming.observation().end(); // answered by this; the stream may last for days
        incoming.reply().whenDone(() -> {
            streams.give(incoming.owner());
            open.remove(session.id());
            session.close();
        });
        watched.forEach(task -> subscription.tell(task)); // it may have changed since its client asked
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

    private static List<String> texts(Map<String, Object> filter, String member) {
        if (filter.get(member) == null) {
            return List.of();
        }
        if (!(filter.get(member) instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
            throw RefusedException.invalidParams("'" + member + "' must be an array of strings");
        }
        if (list.size() > MAX_NAMED) {
            throw RefusedException.invalidParams("'" + member + "' may have at most " + MAX_NAMED + " members");
        }
        return list.stream().map(String.class::cast).distinct().toList();
    }

    private Map<String, Object> granted(Map<String, Object> wanted, List<String> uris, List<RunningTask> watched) {
        Description server = backend.describe();
        Map<String, Object> granted = new LinkedHashMap<>();
        grant(granted, wanted, "toolsListChanged", announcer.announces("tools"));
        grant(granted, wanted, "promptsListChanged", announcer.announces("prompts"));
        grant(granted, wanted, "resourcesListChanged", announcer.announces("resources"));
        if (!uris.isEmpty() && server.offers("resources", "subscribe")) {
            granted.put("resourceSubscriptions", uris);
        }
        if (!watched.isEmpty()) {
            granted.put("taskIds", watched.stream().map(RunningTask::id).toList());
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

    /** Tells of a task's new state those that watch it, if their rules still permit that. */
    private void changed(RunningTask task) {
        open.values().stream()
                .filter(one -> one.watches(task) && authorizer.mayKnowOf(one.caller(), watching(task)))
                .forEach(one -> one.tell(task));
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
