// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A modern request. When the handler asks its client something, this request ends with the question, and the handler runs again,
 * with the answer, when the client retries.
 */
final class ModernCall extends SdkCall {

    private final SdkServer server;
    private final ModernAnswers answers;
    private final Json json;
    private final IncomingRequest incoming;
    private final Request request;
    private final McpStreamableServerSession session;
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
            SdkServer server,
            ModernAnswers answers,
            Json json,
            IncomingRequest incoming,
            Request request,
            McpStreamableServerSession session,
            boolean logs,
            @Nullable InputRounds rounds) {
        super(server);
        this.server = server;
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
    synchronized void cancel() {
        over = true;
        super.cancel();
    }

    @Override
    public void returned() {
        if (rounds != null) {
            rounds.end(this::endWithQuestions);
        }
    }

    /** The handler failed in a way that the SDK did not turn into an answer. */
    @Override
    public void failed(Throwable failure) {
        finish(() -> incoming.reply().error(request.id(), server.refusal(request, failure)));
    }

    /** Nothing of the handler is left: if it forgot to answer, that is an error. */
    @Override
    public void over() {
        finish(() -> incoming.reply().error(request.id(), RefusedException.internalError()));
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message, @Nullable String messageId) {
        return Mono.defer(() -> {
            if (message instanceof JSONRPCResponse response) {
                finish(() -> answer(response));
            } else if (message instanceof JSONRPCNotification notification) {
                tell(notification);
            } else if (message instanceof JSONRPCRequest question) {
                return ask(question);
            }
            return Mono.empty();
        });
    }

    private void answer(JSONRPCResponse response) {
        if (response.error() != null) {
            incoming.reply().error(request.id(), answers.error(incoming.caller(), request, response));
        } else {
            incoming.reply().answer(200, null, answers.complete(incoming.caller(), request, response));
        }
    }

    /** Only what belongs to this request, and only if its client asked for it. */
    private synchronized void tell(JSONRPCNotification notification) {
        boolean wanted = switch (notification.method()) {
            case "notifications/message" -> logs;
            case "notifications/progress" -> {
                Object token = request.meta().get("progressToken");
                yield token != null
                        && token.equals(json.asObject(notification.params()).get("progressToken"));
            }
            default -> false;
        };
        if (wanted && !over) {
            incoming.reply().event(null, json.write(notification));
        }
    }

    private Mono<Void> ask(JSONRPCRequest question) {
        if (rounds == null) {
            return Mono.error(new IllegalStateException(request.method() + " cannot ask its client anything"));
        }
        try {
            Map<String, Object> answer = rounds.answerTo(question, this::endWithQuestions);
            if (answer == null) {
                return Mono.empty();
            }
            return session.accept(JSONRPCResponse.result(question.id(), answer));
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
            try {
                answer.run();
            } catch (RuntimeException e) {
                // A result that is no JSON: the client must not wait for ever.
                incoming.reply().error(request.id(), RefusedException.of(e));
            }
        }
    }
}
