// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.Map;
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
        InputQuestion.answers(request).forEach(answers::putIfAbsent);
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
        InputQuestion asking = InputQuestion.of(method, question, json);
        asking.requireCapability(request);
        synchronized (this) {
            String key = key(asking);
            if (answers.containsKey(key)) {
                Map<String, Object> answer = JsonRpcMessage.object(answers.get(key));
                InputQuestion.requireForm(method, key, answer);
                return answer;
            }
            questions.put(key, asking.asked());
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

    private String key(InputQuestion question) {
        String byOrder = "input-" + ++asked;
        return question.key() == null ? byOrder : question.key();
    }
}
