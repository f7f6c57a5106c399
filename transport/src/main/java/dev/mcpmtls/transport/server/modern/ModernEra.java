// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.LogLevel;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.Lists;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.caller.RefusedException;
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
    private final Json json;

    public ModernEra(
            Backend backend,
            RequestDispatcher dispatcher,
            ModernAnswers answers,
            RequestState states,
            Subscriptions subscriptions,
            Lists lists,
            Announcer announcer,
            Json json) {
        this.backend = backend;
        this.dispatcher = dispatcher;
        this.answers = answers;
        this.states = states;
        this.subscriptions = subscriptions;
        this.lists = lists;
        this.announcer = announcer;
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
        Map<String, Object> meta = request.meta();
        BackendSession session = backend.open(new Opening(incoming.caller(), hello(request), null));
        Object level = meta.get(META + "logLevel");
        if (level != null) {
            session.minLogLevel(LogLevel.of(level));
        }
        boolean mayAsk = !backend.conductsRounds()
                && Method.of(request.method()).filter(Method::isCall).isPresent();
        InputRounds rounds = mayAsk ? InputRounds.of(states, json, incoming.owner(), request) : null;
        ModernCall call = new ModernCall(backend, answers, json, incoming, request, session, level != null, rounds);
        incoming.reply().whenGone(call::cancel);
        dispatcher.serve(incoming, VERSION, request, () -> handle(incoming, request, session, call, check), call);
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
                                capabilities,
                                backend.describe().instructions()),
                        Map.of()))
                .then();
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

    /** The parameters of an {@code initialize} that says the same as the request's {@code _meta}. */
    static Map<String, Object> hello(Request request) {
        Map<String, Object> client = JsonRpcMessage.object(request.meta().get(META + "clientInfo"));
        return Map.of(
                "protocolVersion",
                Revision.MODERN.text(),
                "capabilities",
                JsonRpcMessage.object(request.meta().get(META + "clientCapabilities")),
                "clientInfo",
                client.isEmpty() ? UNNAMED : client);
    }
}
