// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.call.Results;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results and errors in the form of the modern era. */
public final class ModernAnswers {

    private static final String META = "io.modelcontextprotocol/";
    private static final int LIST_MILLIS = 60_000;
    private static final int DISCOVERY_MILLIS = 300_000;

    private final Backend backend;
    private final Json json;

    public ModernAnswers(Backend backend, Json json) {
        this.backend = backend;
        this.json = json;
    }

    /** The final response to a request, in the form of this era. */
    byte[] complete(Request request, Object members, Map<String, Object> hasMeta) {
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
        return message(request, members, hasMeta, more);
    }

    /** The result that asks the client for more. */
    byte[] inputRequired(Request request, Map<String, Object> questions, String state) {
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("resultType", "input_required");
        more.put("inputRequests", questions);
        more.put("requestState", state);
        return message(request, null, Map.of(), more);
    }

    /** The result that says that the request has become a task. */
    byte[] task(Request request, Map<String, Object> task) {
        Map<String, Object> more = new LinkedHashMap<>(task);
        more.put("resultType", TaskStatus.RESULT_TYPE);
        return message(request, null, Map.of(), more);
    }

    private byte[] message(
            Request request, @Nullable Object members, Map<String, Object> hasMeta, Map<String, Object> more) {
        Map<String, Object> meta = new LinkedHashMap<>(hasMeta);
        meta.put(META + "serverInfo", backend.describe().info());
        more.put("_meta", meta);
        if (members instanceof Map<?, ?> object) {
            Map<String, Object> extended = new LinkedHashMap<>(JsonRpcMessage.object(object));
            extended.remove("_meta");
            extended.putAll(more);
            return json.result(request.id(), extended);
        }
        return json.result(request.id(), new Extended(members, more));
    }

    /** A result that is no map, with more members; its own {@code _meta} has gone into theirs. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Extended(
            @JsonUnwrapped @JsonIgnoreProperties("_meta") @Nullable
            Object members,

            @JsonAnyGetter Map<String, Object> more) {}

    /** The HTTP status of another server's answer, which its error demands (MCP 2026-07-28, Streamable HTTP). */
    static int status(Response response) {
        Object code = JsonRpcMessage.object(response.whole().get("error")).get("code");
        return switch (code instanceof Number number ? number.intValue() : 0) {
            case ErrorCode.METHOD_NOT_FOUND -> 404;
            case ErrorCode.MISSING_CAPABILITY, ErrorCode.UNSUPPORTED_VERSION, ErrorCode.HEADER_MISMATCH -> 400;
            default -> 200;
        };
    }

    /** The error in this era's terms. */
    RefusedException error(Request request, Outlet.Failure failure) {
        if (failure.undeclared() != null) {
            return RefusedException.missingCapability(failure.undeclared());
        }
        Outlet.Failure error = Results.shielded(request.method(), failure);
        int code = error.code() == ErrorCode.RESOURCE_NOT_FOUND ? ErrorCode.INVALID_PARAMS : error.code();
        int status = code == ErrorCode.MISSING_CAPABILITY ? 400 : 200;
        return new RefusedException(status, code, error.message(), error.data());
    }
}
