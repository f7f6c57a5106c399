// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mcpmtls.protocol.ErrorCode;
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
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** MCP 2026-07-28 over HTTP: every request stands for itself and gets an SDK session of its own for as long as it lasts. */
final class ModernEra {

    private static final String META = "io.modelcontextprotocol/";
    private final SdkServer server;
    private final RequestDispatcher dispatcher;
    private final ModernAnswers answers;
    private final RequestState states;
    private final Subscriptions subscriptions;
    private final Json json;

    ModernEra(
            SdkServer server,
            RequestDispatcher dispatcher,
            ModernAnswers answers,
            RequestState states,
            Subscriptions subscriptions,
            Json json) {
        this.server = server;
        this.dispatcher = dispatcher;
        this.answers = answers;
        this.states = states;
        this.subscriptions = subscriptions;
        this.json = json;
    }

    /** A POST. */
    void handle(IncomingRequest incoming, @Nullable String version, Request request) {
        MirrorCheck check = new MirrorCheck(incoming, request);
        if (!(request.meta().get(Revision.META_KEY) instanceof String declared)) {
            throw RefusedException.invalidParams("_meta needs " + Revision.META_KEY);
        }
        check.version(version, declared);
        if (!declared.equals(Revision.MODERN.text())) {
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
            case DISCOVER -> discover(incoming, request);
            case SUBSCRIPTIONS_LISTEN ->
                dispatcher.authorize(incoming, request, () -> subscriptions.open(incoming, request));
            default -> call(incoming, request, method, check);
        }
    }

    private Method implemented(String name) {
        return Method.of(name)
                .filter(Method::isModern)
                .filter(method -> offers(server.describe().capabilities(), method.capability()))
                .orElseThrow(() -> new RefusedException(404, ErrorCode.METHOD_NOT_FOUND, "Method not found"));
    }

    private static boolean offers(McpSchema.ServerCapabilities has, Method.Capability wanted) {
        return switch (wanted) {
            case NONE -> true;
            case TOOLS -> has.tools() != null;
            case PROMPTS -> has.prompts() != null;
            case RESOURCES -> has.resources() != null;
            case COMPLETIONS -> has.completions() != null;
            case LOGGING -> has.logging() != null;
        };
    }

    private void discover(IncomingRequest incoming, Request request) {
        McpSchema.InitializeResult server = this.server.describe();
        Discovered result = new Discovered(Revision.supported(), server.capabilities(), server.instructions());
        dispatcher.authorize(
                incoming, request, () -> incoming.reply().answer(200, null, answers.complete(request, result)));
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Discovered(
            List<String> supportedVersions,
            McpSchema.ServerCapabilities capabilities,
            @Nullable String instructions) {}

    private void call(IncomingRequest incoming, Request request, Method method, MirrorCheck check) {
        Map<String, Object> meta = request.meta();
        McpStreamableServerSession session = server.open(server.initialize(
                        Revision.MODERN.text(),
                        JsonRpcMessage.object(meta.get(META + "clientCapabilities")),
                        JsonRpcMessage.object(meta.get(META + "clientInfo"))))
                .session();
        Object level = meta.get(META + "logLevel");
        if (level != null) {
            session.setMinLoggingLevel(server.logLevel(level));
        }
        InputRounds rounds = method.isCall() ? InputRounds.of(states, json, incoming.owner(), request) : null;
        ModernCall call = new ModernCall(server, answers, json, incoming, request, session, level != null, rounds);
        incoming.reply().whenGone(call::cancel);
        dispatcher.serve(incoming, request, () -> handle(incoming, request, session, call, check), call);
    }

    private Mono<Void> handle(
            IncomingRequest incoming,
            Request request,
            McpStreamableServerSession session,
            ModernCall call,
            MirrorCheck check) {
        if (request.method().equals(Method.TOOLS_CALL.text())) {
            check.arguments(server.mirrored(incoming.caller(), request.text("name")));
        }
        Map<String, Object> params = request.params();
        if (params.containsKey("inputResponses") || params.containsKey("requestState")) {
            params = new LinkedHashMap<>(params);
            params.remove("inputResponses");
            params.remove("requestState");
        }
        return session.responseStream(call)
                .handle(new McpSchema.JSONRPCRequest(request.method(), request.id(), params));
    }
}
