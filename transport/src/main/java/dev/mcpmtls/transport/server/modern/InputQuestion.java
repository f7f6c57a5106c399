// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A handler's question to its client: elicitation, sampling or roots.
 *
 * @param key the handler's name for it, from {@code _meta["dev.mcpmtls/input-key"]}; null when it has none
 * @param params without that name
 */
record InputQuestion(String method, @Nullable String key, Map<String, Object> params) {

    private static final Set<String> ACTIONS = Set.of("accept", "decline", "cancel");
    private static final String KEY = "dev.mcpmtls/input-key";

    static InputQuestion of(String method, @Nullable Object question, Json json) {
        Map<String, Object> params =
                question == null ? new LinkedHashMap<>() : new LinkedHashMap<>(json.asObject(question));
        Map<String, Object> meta = new LinkedHashMap<>(JsonRpcMessage.object(params.get("_meta")));
        Object named = meta.remove(KEY);
        params.remove("_meta");
        if (!meta.isEmpty()) {
            params.put("_meta", meta);
        }
        return new InputQuestion(method, named instanceof String key ? key : null, params);
    }

    /** As the client is told. */
    Map<String, Object> asked() {
        return Map.of("method", method, "params", params);
    }

    /**
     * Checks that the client can be asked this.
     *
     * @throws RefusedException when it did not declare that
     */
    void requireCapability(Request request) {
        String capability = switch (method) {
            case "elicitation/create" -> "elicitation";
            case "sampling/createMessage" -> "sampling";
            case "roots/list" -> "roots";
            default -> throw new IllegalStateException("a client of this era cannot be asked for " + method);
        };
        Object declared = request.meta().get("io.modelcontextprotocol/clientCapabilities");
        if (!(JsonRpcMessage.object(declared).get(capability) instanceof Map)) {
            throw RefusedException.missingCapability(capability);
        }
    }

    /**
     * Checks the client's answer.
     *
     * @param key under which it came
     * @throws RefusedException when it answers something else
     */
    static void requireForm(String method, String key, Map<String, Object> answer) {
        boolean formed = switch (method) {
            case "elicitation/create" ->
                ACTIONS.contains(String.valueOf(answer.get("action")))
                        && (!answer.containsKey("content") || answer.get("content") instanceof Map);
            case "sampling/createMessage" ->
                answer.get("model") instanceof String
                        && answer.get("role") instanceof String
                        && (answer.get("content") instanceof Map || answer.get("content") instanceof List);
            default ->
                answer.get("roots") instanceof List<?> roots
                        && roots.stream()
                                .allMatch(root -> JsonRpcMessage.object(root).get("uri") instanceof String);
        };
        if (!formed) {
            throw RefusedException.invalidParams(
                    "the member '" + key + "' of 'inputResponses' is not a result of " + method);
        }
    }

    /**
     * The answers in a request.
     *
     * @throws RefusedException when they are not objects
     */
    static Map<String, Map<String, Object>> answers(Request request) {
        Map<String, Map<String, Object>> answers = new LinkedHashMap<>();
        if (request.params().containsKey("inputResponses")) {
            if (!(request.params().get("inputResponses") instanceof Map)) {
                throw RefusedException.invalidParams("'inputResponses' must be an object");
            }
            JsonRpcMessage.object(request.params().get("inputResponses")).forEach((key, answer) -> {
                if (!(answer instanceof Map)) {
                    throw RefusedException.invalidParams("every member of 'inputResponses' must be an object");
                }
                answers.put(key, JsonRpcMessage.object(answer));
            });
        }
        return answers;
    }
}
