// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.caller.Caller;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Passes a backend's notifications to the clients that may receive them. When access rules change, it notifies the clients whose lists
 * changed with them. A changed list is announced to the clients that now see another list; without access rules, to all. Thread-safe.
 */
public final class Announcer {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int AT_ONCE = 8;

    private final Backend backend;
    private final Authorizer authorizer;
    private final Calls calls;
    private final Lists lists;
    private final Scheduler workers;

    public Announcer(Backend backend, Authorizer authorizer, Calls calls, Lists lists, ExecutorService workers) {
        this.backend = backend;
        this.authorizer = authorizer;
        this.calls = calls;
        this.lists = lists;
        this.workers = Schedulers.fromExecutor(workers);
    }

    /** Notes what a client that begins to listen sees, so that later changes can be compared with it. */
    public void begin(Audience client) {
        if (!authorizer.isOpen()) {
            var unused = Flux.fromIterable(changing(kind -> true))
                    .concatMap(kind -> {
                        long noted = client.seen().changes(kind);
                        return all(client, kind)
                                .doOnNext(whole -> client.seen().note(kind, noted, whole.shown()))
                                .onErrorComplete();
                    })
                    .subscribeOn(workers)
                    .onErrorComplete()
                    .subscribe();
        }
    }

    /** Passes a notification of the backend on to a client, if it may hear that; perhaps later and on another thread. */
    public void pass(Audience client, String method, @Nullable Object params, Runnable tell) {
        if (authorizer.isOpen()) {
            tell.run();
            return;
        }
        List<ListKind> changed = changing(kind -> kind.changed().equals(method));
        if (!changed.isEmpty()) {
            passChange(client, changed, tell);
        } else if (mayHear(client, method, params)) {
            tell.run();
        }
    }

    private void passChange(Audience client, List<ListKind> kinds, Runnable tell) {
        if (client.seen().isBeingCompared(kinds)) {
            return;
        }
        var unused = Flux.fromIterable(kinds)
                .concatMap(kind -> {
                    client.seen().comparing(kind);
                    return all(client, kind)
                            .map(whole -> client.seen().differs(kind, whole.shown(), whole.isWithheld()));
                })
                .collectList()
                .map(differences -> differences.contains(true))
                .subscribeOn(workers)
                .onErrorReturn(true)
                .filter(differs -> differs)
                .subscribe(differs -> tell.run());
    }

    private boolean mayHear(Audience client, String method, @Nullable Object params) {
        return !method.equals("notifications/resources/updated")
                || params == null
                || updated(params)
                        .filter(uri -> authorizer.mayKnowOf(client.caller(), subscription(uri, client.version())))
                        .isPresent();
    }

    /** The subscription to a resource, as it is decided. */
    public Call subscription(String uri, String version) {
        return calls.to(Method.RESOURCES_SUBSCRIBE.text(), uri, version);
    }

    private Optional<String> updated(Object params) {
        return lists.object(params).get("uri") instanceof String uri ? Optional.of(uri) : Optional.empty();
    }

    /**
     * Tells the clients whose lists the access rules have changed. Returns at once.
     *
     * @param before the rules as they were
     */
    public void rulesChanged(AccessPolicy before, Collection<? extends Audience> clients) {
        var unused = Flux.fromIterable(clients)
                .flatMap(client -> rulesChanged(before, client).subscribeOn(workers), AT_ONCE)
                .onErrorComplete()
                .subscribe();
    }

    private Mono<Void> rulesChanged(AccessPolicy before, Audience client) {
        Map<String, Boolean> changed = new HashMap<>();
        return Flux.fromIterable(changing(kind -> true))
                .concatMap(kind -> all(client, kind)
                        .map(whole -> {
                            List<Map<String, Object>> shown = whole.shown();
                            client.seen().note(kind, shown);
                            return !shown.equals(whole.shownBy(before));
                        })
                        .onErrorReturn(true)
                        .doOnNext(differs -> changed.merge(kind.changed(), differs, Boolean::logicalOr)))
                .then(Mono.fromRunnable(() -> changed.forEach((method, differs) -> {
                    if (differs) {
                        client.tell(method);
                    }
                })));
    }

    private Mono<Lists.Whole> all(Audience client, ListKind kind) {
        return all(client.backend(), client.caller(), client.version(), kind);
    }

    private Mono<Lists.Whole> all(BackendSession session, Caller caller, String version, ListKind kind) {
        return lists.whole(session, caller, version, kind).timeout(PATIENCE);
    }

    /** The lists that the backend has. */
    private List<ListKind> changing(Predicate<ListKind> which) {
        return Arrays.stream(ListKind.values())
                .filter(which)
                .filter(kind -> backend.describe().offers(kind.capability()))
                .toList();
    }

    /** Whether a list of the backend's may change, by itself or with the access rules. */
    public boolean announces(String capability) {
        return authorizer.isOpen()
                ? backend.describe().offers(capability, "listChanged")
                : backend.describe().offers(capability);
    }

    /** The capabilities of a server whose access rules may change: then each of its lists may. */
    public Map<String, Object> announcing(Map<String, Object> capabilities) {
        if (authorizer.isOpen()) {
            return capabilities;
        }
        Map<String, Object> announcing = new HashMap<>(capabilities);
        for (ListKind kind : ListKind.values()) {
            announcing.computeIfPresent(kind.capability(), (name, declared) -> {
                Map<String, Object> more = new HashMap<>(JsonRpcMessage.object(declared));
                more.put("listChanged", true);
                return more;
            });
        }
        return announcing;
    }

    /** The capabilities of the backend as a caller may know of them: one of which everything is withheld is left out. */
    public Mono<Map<String, Object>> capabilities(Caller caller, String version, BackendSession session) {
        Map<String, Object> shown = announcing(backend.describe().capabilities());
        if (authorizer.isOpen()) {
            return Mono.just(shown);
        }
        Map<String, Boolean> withheld = new HashMap<>();
        return Flux.fromIterable(changing(kind -> true))
                .concatMap(kind -> all(session, caller, version, kind)
                        .map(whole -> whole.isEmpty() ? Optional.<Boolean>empty() : Optional.of(whole.isWithheld()))
                        .onErrorReturn(Optional.empty())
                        .doOnNext(
                                is -> is.ifPresent(all -> withheld.merge(kind.capability(), all, Boolean::logicalAnd))))
                .then(Mono.fromSupplier(() -> {
                    withheld.forEach((capability, all) -> {
                        if (all) {
                            shown.remove(capability);
                        }
                    });
                    if (!shown.containsKey("prompts") && !shown.containsKey("resources")) {
                        shown.remove("completions");
                    }
                    return shown;
                }));
    }
}
