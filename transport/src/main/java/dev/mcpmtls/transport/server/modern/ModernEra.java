// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.LogLevel;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.Lists;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.task.TaskStore;
import dev.mcpmtls.transport.server.task.UpstreamTask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** MCP 2026-07-28 over HTTP: every request stands for itself and gets a backend session of its own for as long as it lasts. */
public final class ModernEra {

    private static final String VERSION = Revision.MODERN.text();
    private static final String META = "io.modelcontextprotocol/";
    private static final Map<String, Object> UNNAMED = Map.of("name", "unnamed", "version", "0");

    private final Backend backend;
    private final RequestDispatcher dispatcher;
    private final ModernAnswers answers;
    private final RequestState states;
    private final Subscriptions subscriptions;
    private final Lists lists;
    private final Announcer announcer;
    private final TaskStore tasks;
    private final TaskRequests taskRequests;
    private final Json json;

    public ModernEra(
            Backend backend,
            RequestDispatcher dispatcher,
            ModernAnswers answers,
            RequestState states,
            Subscriptions subscriptions,
            Lists lists,
            Announcer announcer,
            TaskStore tasks,
            TaskRequests taskRequests,
            Json json) {
        this.backend = backend;
        this.dispatcher = dispatcher;
        this.answers = answers;
        this.states = states;
        this.subscriptions = subscriptions;
        this.lists = lists;
        this.announcer = announcer;
        this.tasks = tasks;
        this.taskRequests = taskRequests;
        this.json = json;
    }

    /** A POST. */
    public void handle(IncomingRequest incoming, @Nullable String version, Request request) {
        MirrorCheck check = new MirrorCheck(incoming, request);
        if (!(request.meta().get(Revision.META_KEY) instanceof String declared)) {
            throw RefusedException.invalidParams("_meta needs " + Revision.META_KEY);
        }
        check.version(version, declared);
        if (!declared.equals(VERSION)) {
            throw RefusedException.unsupported(declared);
        }
        incoming.observation().speaks(VERSION);
        if (!(request.meta().get(META + "clientCapabilities") instanceof Map)) {
            throw RefusedException.invalidParams("_meta needs " + META + "clientCapabilities");
        }
        if (request.meta().containsKey(META + "clientInfo")
                && !(request.meta().get(META + "clientInfo") instanceof Map)) {
            throw RefusedException.invalidParams(META + "clientInfo in _meta must be an object");
        }
        if (!backend.answers(request.method())) {
            throw new RefusedException(404, ErrorCode.METHOD_NOT_FOUND, "Method not found");
        }
        check.methodAndName();
        if (request.method().equals(Method.SUBSCRIPTIONS_LISTEN.text())) {
            dispatcher.authorize(
                    incoming,
                    VERSION,
                    request,
                    () -> prepared(incoming, request, () -> subscriptions.open(incoming, request)));
        } else if (Method.of(request.method()).filter(Method::isTask).isPresent()) {
            taskRequests.handle(incoming, request, (call, task) -> pass(incoming, request, call, task));
        } else {
            call(incoming, request, check);
        }
    }

    /** Goes on when the backend can be described. */
    private void prepared(IncomingRequest incoming, Request request, Runnable next) {
        Consumer<Throwable> refuse = failure -> RequestDispatcher.refuse(incoming, request.id(), failure);
        backend.prepare(incoming.caller())
                .subscribe(
                        nothing -> {},
                        refuse,
                        () -> incoming.reply().onLoop(() -> {
                            try {
                                next.run();
                            } catch (RuntimeException e) {
                                refuse.accept(e);
                            }
                        }));
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Discovered(
            List<String> supportedVersions,
            Map<String, Object> capabilities,
            @Nullable String instructions) {}

    private void call(IncomingRequest incoming, Request request, MirrorCheck check) {
        BackendSession session = backend.open(opening(incoming, request));
        Object level = request.meta().get(META + "logLevel");
        if (level != null) {
            session.minLogLevel(LogLevel.of(level));
        }
        boolean mayAsk = !backend.conductsRounds()
                && Method.of(request.method()).filter(Method::isCall).isPresent();
        InputRounds rounds = mayAsk ? InputRounds.of(states, json, incoming.owner(), request) : null;
        ModernCall call = new ModernCall(
                backend,
                answers,
                json,
                incoming,
                request,
                session,
                level != null,
                rounds,
                stop -> tasks.begin(taskRequests.origin(incoming, request), stop),
                answer -> taskRequests.known(
                        incoming,
                        request,
                        answer,
                        cancel -> session.request(incoming.caller(), cancel, new ResultCollector())
                                .onErrorComplete()
                                .subscribe()));
        incoming.reply().whenGone(call::cancel);
        dispatcher.serve(incoming, VERSION, request, () -> handle(incoming, request, session, call, check), call);
    }

    /** A request about an upstream's task. */
    private void pass(IncomingRequest incoming, Request request, Call call, UpstreamTask task) {
        BackendSession session = backend.open(opening(incoming, request));
        ModernCall running = new ModernCall(
                backend,
                answers,
                json,
                incoming,
                request,
                session,
                false,
                null,
                stop -> {
                    throw new IllegalStateException("a request about a task is no task");
                },
                answer -> TaskRequests.named(answer, task));
        incoming.reply().whenGone(running::cancel);
        Request asked = TaskRequests.named(request, task.upstreamId());
        dispatcher.serve(
                incoming, request.id(), call, () -> session.request(incoming.caller(), asked, running), running);
    }

    /** How the client of a request opens a session: what its {@code _meta} says in place of an {@code initialize}. */
    static Opening opening(IncomingRequest incoming, Request request) {
        Map<String, Object> client = JsonRpcMessage.object(request.meta().get(META + "clientInfo"));
        Map<String, Object> hello = Map.of(
                "protocolVersion",
                VERSION,
                "capabilities",
                JsonRpcMessage.object(request.meta().get(META + "clientCapabilities")),
                "clientInfo",
                client.isEmpty() ? UNNAMED : client);
        return new Opening(incoming.caller(), hello, null);
    }

    private Mono<Void> handle(
            IncomingRequest incoming, Request request, BackendSession session, ModernCall call, MirrorCheck check) {
        if (request.method().equals(Method.TOOLS_CALL.text())) {
            return backend.mirrored(incoming.caller(), request.text("name")).flatMap(mirrored -> {
                check.arguments(mirrored);
                return answered(incoming, request, session, call);
            });
        }
        return answered(incoming, request, session, call);
    }

    private Mono<Void> answered(IncomingRequest incoming, Request request, BackendSession session, ModernCall call) {
        Request asked = request;
        if (!backend.conductsRounds()) {
            asked = without("inputResponses", without("requestState", request));
        }
        return request.method().equals(Method.DISCOVER.text())
                ? discover(incoming, session, call)
                : lists.request(session, incoming.caller(), VERSION, asked, call);
    }

    private Mono<Void> discover(IncomingRequest incoming, BackendSession session, ModernCall call) {
        return backend.prepare(incoming.caller())
                .then(Mono.defer(() -> announcer.capabilities(incoming.caller(), VERSION, session)))
                .doOnNext(capabilities -> call.result(
                        new Discovered(
                                Revision.supported(),
                                backend.runsTasks() ? withTasks(capabilities) : capabilities,
                                backend.describe().instructions()),
                        Map.of()))
                .then();
    }

    private static Map<String, Object> withTasks(Map<String, Object> capabilities) {
        Map<String, Object> extensions = new LinkedHashMap<>(JsonRpcMessage.object(capabilities.get("extensions")));
        extensions.put(TaskStatus.EXTENSION, Map.of());
        Map<String, Object> more = new LinkedHashMap<>(capabilities);
        more.put("extensions", extensions);
        return more;
    }

    private static Request without(String parameter, Request request) {
        if (!request.params().containsKey(parameter)) {
            return request;
        }
        Map<String, Object> params = new LinkedHashMap<>(request.params());
        params.remove(parameter);
        String text = request.text() == null ? null : JsonText.remove(request.text(), "params", parameter);
        return new Request(request.id(), request.method(), params, text);
    }
}
