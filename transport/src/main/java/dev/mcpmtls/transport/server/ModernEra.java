// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mcpmtls.transport.server.JsonRpcMessage.Request;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** MCP 2026-07-28 over HTTP: every request stands for itself and gets an SDK session of its own for as long as it lasts. */
final class ModernEra {

    static final String VERSION = "2026-07-28";

    /** Parameters that belong to the round, not to the request. */
    static final Set<String> ROUND_PARAMETERS = Set.of("_meta", "inputResponses", "requestState");

    // How the SDK's exchange says that a handler asked for what the client did not declare.
    private static final String UNDECLARED = "Client must be configured with";

    private static final String META = "io.modelcontextprotocol/";
    private static final Set<String> ASKING = Set.of("tools/call", "prompts/get", "resources/read");
    private static final Map<String, Integer> CACHEABLE_MILLIS = Map.of(
            "tools/list", 60_000,
            "prompts/list", 60_000,
            "resources/list", 60_000,
            "resources/templates/list", 60_000,
            "server/discover", 300_000,
            "resources/read", 0);

    private final SdkServer server;
    private final Desk desk;
    private final Results results;
    private final RequestState states;
    private final Subscriptions subscriptions;
    private final Json json;

    ModernEra(
            SdkServer server, Desk desk, Results results, RequestState states, Subscriptions subscriptions, Json json) {
        this.server = server;
        this.desk = desk;
        this.results = results;
        this.states = states;
        this.subscriptions = subscriptions;
        this.json = json;
    }

    Json json() {
        return json;
    }

    SdkServer server() {
        return server;
    }

    RequestState states() {
        return states;
    }

    /** A POST. */
    void handle(Incoming incoming, @Nullable String version, Request request) {
        MirrorCheck check = new MirrorCheck(incoming, request);
        if (!(request.meta().get(Endpoint.VERSION_KEY) instanceof String declared)) {
            throw RefusedException.invalidParams("_meta needs " + Endpoint.VERSION_KEY);
        }
        check.version(version, declared);
        if (!declared.equals(VERSION)) {
            throw Endpoint.unsupported(declared);
        }
        if (!(request.meta().get(META + "clientCapabilities") instanceof Map)) {
            throw RefusedException.invalidParams("_meta needs " + META + "clientCapabilities");
        }
        if (request.meta().containsKey(META + "clientInfo")
                && !(request.meta().get(META + "clientInfo") instanceof Map)) {
            throw RefusedException.invalidParams(META + "clientInfo in _meta must be an object");
        }
        requireImplemented(request.method());
        check.methodAndName();
        switch (request.method()) {
            case "server/discover" -> discover(incoming, request);
            case "subscriptions/listen" ->
                desk.authorize(incoming, request, () -> subscriptions.open(incoming, request));
            default -> call(incoming, request, check);
        }
    }

    private void requireImplemented(String method) {
        McpSchema.ServerCapabilities has = server.describe().capabilities();
        boolean implemented = switch (method) {
            case "server/discover", "subscriptions/listen" -> true;
            case "tools/list", "tools/call" -> has.tools() != null;
            case "prompts/list", "prompts/get" -> has.prompts() != null;
            case "resources/list", "resources/read", "resources/templates/list" -> has.resources() != null;
            case "completion/complete" -> has.completions() != null;
            default -> false;
        };
        if (!implemented) {
            throw new RefusedException(404, RefusedException.METHOD_NOT_FOUND, "Method not found");
        }
    }

    private void discover(Incoming incoming, Request request) {
        McpSchema.InitializeResult server = this.server.describe();
        Discovered result = new Discovered(Endpoint.SUPPORTED, server.capabilities(), server.instructions());
        desk.authorize(incoming, request, () -> incoming.reply().answer(200, null, complete(request, result)));
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Discovered(
            List<String> supportedVersions,
            McpSchema.ServerCapabilities capabilities,
            @Nullable String instructions) {}

    private void call(Incoming incoming, Request request, MirrorCheck check) {
        Map<String, Object> meta = request.meta();
        McpStreamableServerSession session = server.open(server.initialize(
                        VERSION,
                        JsonRpcMessage.object(meta.get(META + "clientCapabilities")),
                        JsonRpcMessage.object(meta.get(META + "clientInfo"))))
                .session();
        Object level = meta.get(META + "logLevel");
        if (level != null) {
            session.setMinLoggingLevel(server.logLevel(level));
        }
        ModernCall call =
                new ModernCall(this, incoming, request, session, level != null, ASKING.contains(request.method()));
        incoming.reply().whenGone(call::cancel);
        desk.serve(incoming, request, () -> handle(incoming, request, session, call, check), call);
    }

    private Mono<Void> handle(
            Incoming incoming,
            Request request,
            McpStreamableServerSession session,
            ModernCall call,
            MirrorCheck check) {
        if (request.method().equals("tools/call")) {
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

    /** The final response to a request, as this era wants it. */
    byte[] complete(Caller caller, Request request, JSONRPCResponse response) {
        return complete(
                request,
                results.forCaller(caller, server.name(), request.method(), response)
                        .result());
    }

    private byte[] complete(Request request, Object outcome) {
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("resultType", "complete");
        Integer ttl = CACHEABLE_MILLIS.get(request.method());
        if (ttl != null) {
            boolean retried = request.params().containsKey("inputResponses")
                    || request.params().containsKey("requestState");
            more.put("ttlMs", retried ? 0 : ttl);
            // Never public: who may see it was decided for a certificate, and no shared cache knows certificates.
            more.put("cacheScope", "private");
        }
        return message(request, outcome, more);
    }

    /** The result that asks the client for more. */
    byte[] inputRequired(Request request, Map<String, Object> questions, String state) {
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("resultType", "input_required");
        more.put("inputRequests", questions);
        more.put("requestState", state);
        return message(request, null, more);
    }

    private byte[] message(Request request, @Nullable Object outcome, Map<String, Object> more) {
        Map<String, Object> meta = new LinkedHashMap<>();
        if (outcome instanceof McpSchema.Result result && result.meta() != null) {
            meta.putAll(result.meta());
        }
        meta.put(META + "serverInfo", server.describe().serverInfo());
        more.put("_meta", meta);
        return json.write(JSONRPCResponse.result(request.id(), new Extended(outcome, more)));
    }

    /** A result of the SDK's with more members; its own {@code _meta} has gone into theirs. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Extended(
            @JsonUnwrapped @JsonIgnoreProperties("_meta") @Nullable
            Object result,

            @JsonAnyGetter Map<String, Object> more) {}

    /** The error in this era's terms. */
    RefusedException error(Caller caller, Request request, JSONRPCResponse response) {
        String said = response.error().message();
        if (said.startsWith(UNDECLARED)) {
            return missingCapability(said.contains("sampling") ? "sampling" : "elicitation");
        }
        JSONRPCResponse.JSONRPCError error = results.forCaller(caller, server.name(), request.method(), response)
                .error();
        int code = error.code() == McpSchema.ErrorCodes.RESOURCE_NOT_FOUND
                ? RefusedException.INVALID_PARAMS
                : error.code();
        int status = code == RefusedException.MISSING_CAPABILITY ? 400 : 200;
        return new RefusedException(status, code, error.message(), error.data());
    }

    static RefusedException missingCapability(String name) {
        return new RefusedException(
                400,
                RefusedException.MISSING_CAPABILITY,
                "this request needs the client capability '" + name + "'",
                Map.of("requiredCapabilities", Map.of(name, Map.of())));
    }
}
