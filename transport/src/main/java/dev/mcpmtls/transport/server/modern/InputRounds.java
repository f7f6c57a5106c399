// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The questions of a handler to its client and the client's answers, over several rounds (2026-07-28, "Multi Round-Trip
 * Requests"). In each round the handler runs from its beginning. Questions that this round or an earlier one has answered are answered at
 * once; the others end the round. The part of a handler before its last question may therefore run several times. Put effects behind that
 * question, or make them idempotent.
 *
 * <p>A question is known by {@code _meta["dev.mcpmtls/input-key"]} if the handler puts that there, else by its place in the order
 * in which the handler asks.
 */
final class InputRounds {

    private static final Set<String> ACTIONS = Set.of("accept", "decline", "cancel");
    private static final String KEY = "dev.mcpmtls/input-key";

    // Questions asked side by side belong into one round, which ends when the handler has returned with its promise.
    // A handler that blocks on a question does not return, so the round ends after a moment without another question.
    private static final long BLOCKED_MILLIS = 25;

    private final RequestState states;
    private final Json json;
    private final Owner owner;
    private final Request request;
    private final Map<String, Object> answers;
    private final Map<String, Object> questions = new LinkedHashMap<>();
    private int asked;

    private InputRounds(RequestState states, Json json, Owner owner, Request request, Map<String, Object> answers) {
        this.states = states;
        this.json = json;
        this.owner = owner;
        this.request = request;
        this.answers = answers;
    }

    /**
     * The rounds so far, according to the request.
     *
     * @throws RefusedException when it carries a state that is not valid or answers that are not objects
     */
    static InputRounds of(RequestState states, Json json, Owner owner, Request request) {
        Map<String, Object> answers = new LinkedHashMap<>();
        Map<String, Object> params = request.params();
        if (params.containsKey("requestState")) {
            if (!(params.get("requestState") instanceof String state)) {
                throw RefusedException.invalidParams("'requestState' must be the string that the server sent");
            }
            answers.putAll(states.open(owner, request, state));
        }
        if (params.containsKey("inputResponses")) {
            if (!(params.get("inputResponses") instanceof Map)) {
                throw RefusedException.invalidParams("'inputResponses' must be an object");
            }
            JsonRpcMessage.object(params.get("inputResponses")).forEach((key, answer) -> {
                if (!(answer instanceof Map)) {
                    throw RefusedException.invalidParams("every member of 'inputResponses' must be an object");
                }
                answers.putIfAbsent(key, answer);
            });
        }
        return new InputRounds(states, json, owner, request, answers);
    }

    /**
     * The client's answer.
     *
     * @param question its parameters
     * @param roundEnds see {@link #end}; is called from here for handlers that block
     * @return null when there is none yet
     * @throws RefusedException when the client did not declare that it can be asked this, or its answer answers something else
     */
    @Nullable
    Map<String, Object> answerTo(
            String method, @Nullable Object question, BiConsumer<Map<String, Object>, String> roundEnds) {
        requireCapability(method);
        Map<String, Object> params =
                question == null ? new LinkedHashMap<>() : new LinkedHashMap<>(json.asObject(question));
        synchronized (this) {
            String key = key(params);
            if (answers.containsKey(key)) {
                Map<String, Object> answer = JsonRpcMessage.object(answers.get(key));
                requireForm(method, key, answer);
                return answer;
            }
            questions.put(key, Map.of("method", method, "params", params));
        }
        CompletableFuture.delayedExecutor(BLOCKED_MILLIS, TimeUnit.MILLISECONDS).execute(() -> end(roundEnds));
        return null;
    }

    /**
     * Ends the round if there are open questions.
     *
     * @param roundEnds gets the open questions and the state to retry with; may be called more than once
     */
    void end(BiConsumer<Map<String, Object>, String> roundEnds) {
        Map<String, Object> open;
        synchronized (this) {
            open = new LinkedHashMap<>(questions);
        }
        if (open.isEmpty()) {
            return;
        }
        roundEnds.accept(open, states.seal(owner, request, answers));
    }

    private String key(Map<String, Object> params) {
        String byOrder = "input-" + ++asked;
        Map<String, Object> meta = new LinkedHashMap<>(JsonRpcMessage.object(params.get("_meta")));
        Object named = meta.remove(KEY);
        params.remove("_meta");
        if (!meta.isEmpty()) {
            params.put("_meta", meta);
        }
        return named instanceof String key ? key : byOrder;
    }

    private void requireForm(String method, String key, Map<String, Object> answer) {
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

    private void requireCapability(String method) {
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
}
