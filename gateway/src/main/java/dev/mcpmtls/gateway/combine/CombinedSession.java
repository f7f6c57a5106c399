// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.PassingOutlet;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.combine.Routes.Target;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** One client's session with each of several servers. Thread-safe. */
final class CombinedSession implements BackendSession {

    // A member that takes longer is left out, and announced when it is there.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LATE_TRIES = 12;
    private static final Set<Integer> NOT_MINE =
            Set.of(ErrorCode.RESOURCE_NOT_FOUND, ErrorCode.INVALID_PARAMS, ErrorCode.METHOD_NOT_FOUND);

    private final String id;
    private final Caller opener;
    private final Routes routes;
    private final Map<String, BackendSession> sessions;
    private final Function<Map<String, Response>, Response> introduction;
    private final Questions questions = new Questions();
    private final Set<Outlet> listening = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * A session.
     *
     * @param opener for whom it is opened
     * @param sessions by the names of the members, all of them and in their order
     * @param introduction makes one answer to {@code initialize} of those of some members
     */
    CombinedSession(
            String id,
            Caller opener,
            Routes routes,
            Map<String, BackendSession> sessions,
            Function<Map<String, Response>, Response> introduction) {
        this.id = id;
        this.opener = opener;
        this.routes = routes;
        this.sessions = sessions;
        this.introduction = introduction;
    }

    @Override
    public String id() {
        return id;
    }

    private BackendSession session(String member) {
        return java.util.Objects.requireNonNull(sessions.get(member));
    }

    @Override
    public Mono<Welcome> welcome() {
        Map<String, Welcome> known = new ConcurrentHashMap<>();
        Map<String, Throwable> failed = new ConcurrentHashMap<>();
        return Flux.fromIterable(routes.members())
                .flatMap(member -> {
                    Mono<Welcome> welcome = session(member).welcome().cache();
                    return welcome.timeout(PATIENCE)
                            .doOnNext(answer -> known.put(member, answer))
                            .onErrorResume(failure -> {
                                failed.put(member, failure);
                                CombinedBackend.isDown(member, failure);
                                whenItIsThere(member, welcome);
                                return Mono.empty();
                            });
                })
                .then(Mono.defer(() -> {
                    Map<String, Response> answers = new LinkedHashMap<>();
                    for (String member : routes.members()) {
                        Welcome welcome = known.get(member);
                        if (welcome != null && welcome.result() instanceof Response answer) {
                            answers.put(member, answer);
                        }
                    }
                    if (answers.isEmpty()) {
                        return Mono.error(failed.getOrDefault(
                                routes.members().get(0),
                                RefusedException.unavailable("no server behind this answers")));
                    }
                    String revision = known.values().stream()
                            .map(Welcome::revision)
                            .min(String::compareTo)
                            .orElseThrow();
                    Response merged = introduction.apply(answers);
                    return Mono.just(
                            new Welcome(revision, merged.with(JsonText.quote(revision), "result", "protocolVersion")));
                }));
    }

    /** Asks a member that is still starting, or down, for a while, and tells the client when it is there. */
    private void whenItIsThere(String member, Mono<Welcome> first) {
        Mono<Welcome> again = Mono.defer(() -> session(member).welcome());
        var unused = first.onErrorResume(failed ->
                        again.retryWhen(Retry.fixedDelay(LATE_TRIES, PATIENCE).filter(failure -> !closed)))
                .subscribe(late -> announce(), never -> {});
    }

    /** A member is there that was not. */
    private void announce() {
        for (String kind : List.of("tools", "prompts", "resources")) {
            Notification changed = Messages.notification("notifications/" + kind + "/list_changed", null);
            listening.forEach(outlet -> outlet.pass(changed));
        }
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        Method method = Method.of(request.method()).orElse(null);
        if (method == null) {
            return unknown(request, outlet);
        }
        return switch (method) {
            case TOOLS_LIST, PROMPTS_LIST, RESOURCES_LIST, RESOURCE_TEMPLATES_LIST ->
                list(caller, new MergedList(routes, method), request, outlet);
            case TOOLS_CALL, PROMPTS_GET -> named(caller, request, outlet, request.text("name"), "name");
            case COMPLETE -> {
                Map<String, Object> reference =
                        JsonRpcMessage.object(request.params().get("ref"));
                yield "ref/prompt".equals(reference.get("type"))
                        ? named(caller, request, outlet, String.valueOf(reference.get("name")), "ref", "name")
                        : owned(caller, request, outlet, String.valueOf(reference.get("uri")));
            }
            case RESOURCES_READ, RESOURCES_SUBSCRIBE, RESOURCES_UNSUBSCRIBE ->
                owned(caller, request, outlet, request.text("uri"));
            case SET_LEVEL ->
                Flux.fromIterable(sessions.values())
                        .flatMap(session -> session.request(caller, request, new ResultCollector())
                                .timeout(PATIENCE)
                                .onErrorComplete())
                        .then(Mono.fromRunnable(() -> outlet.answer(Messages.result(request.id(), "{}"))));
            case PING -> Mono.fromRunnable(() -> outlet.answer(Messages.result(request.id(), "{}")));
            case TASKS_GET, TASKS_UPDATE, TASKS_CANCEL ->
                named(caller, request, outlet, request.text("taskId"), "taskId");
            case INITIALIZE, DISCOVER, SUBSCRIPTIONS_LISTEN -> unknown(request, outlet);
        };
    }

    private static Mono<Void> unknown(Request request, Outlet outlet) {
        return Mono.fromRunnable(
                () -> outlet.answer(Messages.error(request.id(), ErrorCode.METHOD_NOT_FOUND, "Method not found")));
    }

    private Mono<Void> list(Caller caller, MergedList list, Request request, Outlet outlet) {
        Map<String, String> cursors = list.cursors(request.text("cursor"));
        Map<String, Kept> kept = new LinkedHashMap<>();
        cursors.keySet().forEach(member -> kept.put(member, new Kept(member, outlet)));
        return Flux.fromIterable(cursors.entrySet())
                .flatMap(page -> {
                    String own = page.getValue();
                    Request asked = Edits.with(request, own.isEmpty() ? null : own, "cursor");
                    return session(page.getKey())
                            .request(caller, asked, java.util.Objects.requireNonNull(kept.get(page.getKey())))
                            .timeout(PATIENCE)
                            .onErrorResume(failure -> {
                                CombinedBackend.isDown(page.getKey(), failure);
                                java.util.Objects.requireNonNull(kept.get(page.getKey()))
                                        .fail(request, failure);
                                return Mono.empty();
                            });
                })
                .then(Mono.fromRunnable(() -> {
                    Map<String, Response> results = new LinkedHashMap<>();
                    kept.forEach((member, answer) -> answer.result().ifPresent(result -> results.put(member, result)));
                    outlet.answer(
                            results.isEmpty()
                                    ? kept.values().iterator().next().response(request)
                                    : list.merged(results));
                }));
    }

    private Mono<Void> named(Caller caller, Request request, Outlet outlet, String outer, String... path) {
        Optional<Target> target = routes.named(outer);
        if (target.isEmpty()) {
            return Mono.fromRunnable(() -> outlet.answer(Messages.error(
                    request.id(),
                    ErrorCode.INVALID_PARAMS,
                    "'" + outer + "' is not known; names begin with that of one of these servers and '__': "
                            + String.join(", ", routes.members()))));
        }
        String member = target.get().member();
        return session(member)
                .request(caller, Edits.with(request, target.get().name(), path), new MemberOutlet(member, outlet));
    }

    private Mono<Void> owned(Caller caller, Request request, Outlet outlet, String uri) {
        return routes.owner(uri)
                .map(member -> session(member).request(caller, request, new MemberOutlet(member, outlet)))
                .orElseGet(() -> search(caller, request, outlet, uri, 0));
    }

    /** No member has listed it: each is asked in turn, until one knows it. */
    private Mono<Void> search(Caller caller, Request request, Outlet outlet, String uri, int at) {
        String member = routes.members().get(at);
        boolean isLast = at == routes.members().size() - 1;
        Kept kept = new Kept(member, outlet);
        return session(member)
                .request(caller, request, kept)
                .timeout(isLast ? Duration.ofMinutes(15) : PATIENCE)
                .onErrorResume(failure -> {
                    kept.fail(request, failure);
                    return Mono.empty();
                })
                .then(Mono.defer(() -> {
                    Response answer = kept.response(request);
                    if (kept.isNotMine() && !isLast) {
                        return search(caller, request, outlet, uri, at + 1);
                    }
                    // Servers accept a subscription, or complete a word, of a resource that they do not have.
                    if (kept.result().isPresent() && request.method().equals(Method.RESOURCES_READ.text())) {
                        boolean unused = routes.claim(member, uri);
                    }
                    outlet.answer(answer);
                    return Mono.empty();
                }));
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        return Flux.fromIterable(sessions.values())
                .flatMap(session -> session.notification(caller, notification).onErrorComplete())
                .then();
    }

    @Override
    public void cancelled(Notification notification) {
        sessions.values().forEach(session -> session.cancelled(notification));
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        return questions
                .answered(response.id())
                .map(asked -> session(asked.member()).answer(caller, Messages.answering(asked.id(), response)))
                .orElseGet(() -> Mono.error(RefusedException.invalidRequest("no request of the server has that id")));
    }

    /** Answers a member's question in place of the client. */
    private void refuse(String member, Request question) {
        Response refusal = Messages.error(
                question.id(), ErrorCode.INTERNAL_ERROR, "the client has left too many questions without an answer");
        var unused = Mono.defer(() -> session(member).answer(opener, refusal)).subscribe(done -> {}, gone -> {});
    }

    @Override
    public void listen(Outlet outlet) {
        listening.clear();
        listening.add(outlet);
        sessions.forEach((member, session) -> session.listen(new MemberOutlet(member, outlet)));
    }

    @Override
    public void minLogLevel(String level) {
        sessions.values().forEach(session -> session.minLogLevel(level));
    }

    @Override
    public void close() {
        closed = true;
        sessions.values().forEach(BackendSession::close);
    }

    /** The messages of a member, its questions under ids that no other member uses. */
    private class MemberOutlet extends PassingOutlet {

        private final String member;

        MemberOutlet(String member, Outlet outlet) {
            super(outlet);
            this.member = member;
        }

        /** A task goes by its member's name, like a tool. */
        @Override
        public void answer(Response response) {
            Map<String, Object> result = JsonRpcMessage.object(response.whole().get("result"));
            boolean isTask = TaskStatus.RESULT_TYPE.equals(result.get("resultType"));
            super.answer(
                    isTask && result.get("taskId") instanceof String id
                            ? Edits.with(response, Routes.outer(member, id), "taskId")
                            : response);
        }

        @Override
        public void pass(JsonRpcMessage message) {
            if (message instanceof Request question) {
                questions.asked(member, question).ifPresentOrElse(super::pass, () -> refuse(member, question));
            } else if (message instanceof Notification told && told.method().equals("notifications/cancelled")) {
                super.pass(questions.withdrawn(member, told));
            } else {
                super.pass(message);
            }
        }
    }

    /** Keeps a member's answer. */
    private final class Kept extends MemberOutlet {

        private volatile @Nullable Response answer;

        Kept(String member, Outlet outlet) {
            super(member, outlet);
        }

        @Override
        public void answer(Response response) {
            answer = response;
        }

        void fail(Request request, Throwable failure) {
            RefusedException refused =
                    failure instanceof UpstreamFailure known ? known.refusal() : RefusedException.of(failure);
            answer = Messages.error(request.id(), refused.code(), refused.message());
        }

        Response response(Request request) {
            Response kept = answer;
            return kept == null
                    ? Messages.error(request.id(), ErrorCode.INTERNAL_ERROR, "the server gave no answer")
                    : kept;
        }

        Optional<Response> result() {
            return Optional.ofNullable(answer)
                    .filter(response -> response.whole().get("result") instanceof Map);
        }

        /** Whether another member may know what this one does not. */
        boolean isNotMine() {
            Response kept = answer;
            Object code = kept == null
                    ? null
                    : JsonRpcMessage.object(kept.whole().get("error")).get("code");
            return result().isEmpty()
                    && (!(code instanceof Number number)
                            || NOT_MINE.contains(number.intValue())
                            || number.intValue() > 0);
        }
    }
}
