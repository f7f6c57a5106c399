// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.LogLevel;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.Lists;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        Method method = implemented(request.method());
        check.methodAndName();
        switch (method) {
            case DISCOVER -> call(incoming, request, method, check);
            case SUBSCRIPTIONS_LISTEN ->
                dispatcher.authorize(incoming, VERSION, request, () -> subscriptions.open(incoming, request));
            default -> call(incoming, request, method, check);
        }
    }

    private Method implemented(String name) {
        return Method.of(name)
                .filter(Method::isModern)
                .filter(method -> method.capability() == Method.Capability.NONE
                        || backend.describe().offers(method.capability().text()))
                .orElseThrow(() -> new RefusedException(404, ErrorCode.METHOD_NOT_FOUND, "Method not found"));
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Discovered(
            List<String> supportedVersions,
            Map<String, Object> capabilities,
            @Nullable String instructions) {}

    private void call(IncomingRequest incoming, Request request, Method method, MirrorCheck check) {
        Map<String, Object> meta = request.meta();
        BackendSession session = backend.open(hello(
                JsonRpcMessage.object(meta.get(META + "clientCapabilities")),
                JsonRpcMessage.object(meta.get(META + "clientInfo"))));
        Object level = meta.get(META + "logLevel");
        if (level != null) {
            session.minLogLevel(LogLevel.of(level));
        }
        InputRounds rounds = method.isCall() ? InputRounds.of(states, json, incoming.owner(), request) : null;
        ModernCall call = new ModernCall(backend, answers, json, incoming, request, session, level != null, rounds);
        incoming.reply().whenGone(call::cancel);
        dispatcher.serve(
                incoming, VERSION, request, () -> handle(incoming, request, method, session, call, check), call);
    }

    private Mono<Void> handle(
            IncomingRequest incoming,
            Request request,
            Method method,
            BackendSession session,
            ModernCall call,
            MirrorCheck check) {
        if (method == Method.TOOLS_CALL) {
            check.arguments(backend.mirrored(incoming.caller(), request.text("name")));
        }
        Request asked = request;
        if (request.params().containsKey("inputResponses") || request.params().containsKey("requestState")) {
            Map<String, Object> params = new LinkedHashMap<>(request.params());
            params.remove("inputResponses");
            params.remove("requestState");
            asked = new Request(request.id(), request.method(), params);
        }
        return method == Method.DISCOVER
                ? discover(incoming, session, call)
                : lists.request(session, incoming.caller(), VERSION, asked, call);
    }

    private Mono<Void> discover(IncomingRequest incoming, BackendSession session, ModernCall call) {
        Description server = backend.describe();
        return announcer
                .capabilities(incoming.caller(), VERSION, session)
                .doOnNext(capabilities -> call.result(
                        new Discovered(Revision.supported(), capabilities, server.instructions()), Map.of()))
                .then();
    }

    /** The parameters of an {@code initialize} that says the same. */
    static Map<String, Object> hello(Map<String, Object> capabilities, Map<String, Object> client) {
        return Map.of(
                "protocolVersion",
                Revision.MODERN.text(),
                "capabilities",
                capabilities,
                "clientInfo",
                client.isEmpty() ? UNNAMED : client);
    }
}
