// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results and errors in the form of the modern era. */
final class ModernAnswers {

    // How the SDK's exchange says that a handler asked for what the client did not declare.
    private static final String UNDECLARED = "Client must be configured with";

    private static final String META = "io.modelcontextprotocol/";
    private static final int LIST_MILLIS = 60_000;
    private static final int DISCOVERY_MILLIS = 300_000;

    private final SdkServer server;
    private final Results results;
    private final Json json;

    ModernAnswers(SdkServer server, Results results, Json json) {
        this.server = server;
        this.results = results;
        this.json = json;
    }

    /** The final response to a request, as this era wants it. */
    byte[] complete(Caller caller, Request request, JSONRPCResponse response) {
        return complete(
                request,
                results.forCaller(caller, server.name(), request.method(), response)
                        .result());
    }

    /** As the other, for what this server says of itself. */
    byte[] complete(Request request, Object outcome) {
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("resultType", "complete");
        Method method = Method.of(request.method()).orElseThrow();
        if (method.isCacheable()) {
            int ttl = method == Method.DISCOVER ? DISCOVERY_MILLIS : method.isList() ? LIST_MILLIS : 0;
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
            return RefusedException.missingCapability(said.contains("sampling") ? "sampling" : "elicitation");
        }
        JSONRPCResponse.JSONRPCError error = results.forCaller(caller, server.name(), request.method(), response)
                .error();
        int code = error.code() == McpSchema.ErrorCodes.RESOURCE_NOT_FOUND ? ErrorCode.INVALID_PARAMS : error.code();
        int status = code == ErrorCode.MISSING_CAPABILITY ? 400 : 200;
        return new RefusedException(status, code, error.message(), error.data());
    }
}
