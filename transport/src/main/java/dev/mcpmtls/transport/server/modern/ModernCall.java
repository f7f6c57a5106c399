// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RunningCall;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A modern request. When the handler asks its client something, this request ends with the question, and the handler runs again,
 * with the answer, when the client retries.
 */
final class ModernCall extends RunningCall implements Outlet {

    private final Backend backend;
    private final ModernAnswers answers;
    private final Json json;
    private final IncomingRequest incoming;
    private final Request request;
    private final BackendSession session;
    private final boolean logs;
    private final @Nullable InputRounds rounds;
    private boolean over;

    /**
     * A call.
     *
     * @param logs whether the client wants log messages
     * @param rounds its questions; null when its result may not be one
     */
    ModernCall(
            Backend backend,
            ModernAnswers answers,
            Json json,
            IncomingRequest incoming,
            Request request,
            BackendSession session,
            boolean logs,
            @Nullable InputRounds rounds) {
        this.backend = backend;
        this.answers = answers;
        this.json = json;
        this.incoming = incoming;
        this.request = request;
        this.session = session;
        this.logs = logs;
        this.rounds = rounds;
    }

    /** The client has gone, which cancels the request. */
    @Override
    public synchronized void cancel() {
        over = true;
        super.cancel();
    }

    @Override
    public void returned() {
        if (rounds != null) {
            rounds.end(this::endWithQuestions);
        }
    }

    /** The handler failed in a way that the backend did not turn into an answer. */
    @Override
    public void failed(Throwable failure) {
        finish(() -> incoming.reply().error(request.id(), backend.refusal(request, failure)));
    }

    /** Nothing of the handler is left: if it forgot to answer, that is an error. */
    @Override
    public void over() {
        finish(() -> incoming.reply().error(request.id(), RefusedException.internalError()));
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {
        finish(() -> incoming.reply().answer(200, null, answers.complete(request, members, meta)));
    }

    @Override
    public void error(Failure failure) {
        finish(() -> incoming.reply().error(request.id(), answers.error(request, failure)));
    }

    @Override
    public void answer(Response response) {
        finish(() -> incoming.reply().answer(ModernAnswers.status(response), null, response.bytes()));
    }

    @Override
    public synchronized void pass(JsonRpcMessage message) {
        if (!over) {
            incoming.reply().event(null, message.bytes());
        }
    }

    /** Only what belongs to this request, and only if its client asked for it. */
    @Override
    public synchronized void notification(String method, @Nullable Object params) {
        boolean wanted = switch (method) {
            case "notifications/message" -> logs;
            case "notifications/progress" -> {
                Object token = request.meta().get("progressToken");
                yield token != null
                        && params != null
                        && token.equals(json.asObject(params).get("progressToken"));
            }
            default -> false;
        };
        if (wanted && !over) {
            incoming.reply().event(null, json.notification(method, params));
        }
    }

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        if (rounds == null) {
            return Mono.error(new IllegalStateException(request.method() + " cannot ask its client anything"));
        }
        try {
            Map<String, Object> answer = rounds.answerTo(method, params, this::endWithQuestions);
            if (answer == null) {
                return Mono.empty();
            }
            Map<String, Object> response = Map.of("jsonrpc", "2.0", "id", id, "result", answer);
            return session.answer(incoming.caller(), new Response(id, response, null));
        } catch (RefusedException refused) {
            finish(() -> incoming.reply().error(request.id(), refused));
            cancel();
            return Mono.empty();
        }
    }

    private void endWithQuestions(Map<String, Object> questions, String state) {
        finish(() -> incoming.reply().answer(200, null, answers.inputRequired(request, questions, state)));
        cancel();
    }

    private synchronized void finish(Runnable answer) {
        if (!over) {
            over = true;
            answering();
            try {
                answer.run();
            } catch (RuntimeException e) {
                // A result that is no JSON: the client must not wait for ever.
                incoming.reply().error(request.id(), RefusedException.of(e));
            }
        }
    }
}
