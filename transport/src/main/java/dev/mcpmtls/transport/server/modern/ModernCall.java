// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RunningCall;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.task.RunningTask;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A modern request. When the handler asks its client something, this request ends with the question, and the handler runs again,
 * with the answer, when the client retries.
 */
final class ModernCall extends RunningCall implements Outlet {

    private static final long TO_STOP_MILLIS = 100;

    private final Backend backend;
    private final ModernAnswers answers;
    private final Json json;
    private final IncomingRequest incoming;
    private final Request request;
    private final BackendSession session;
    private final boolean logs;
    private final @Nullable InputRounds rounds;
    private final Function<Runnable, RunningTask> beginning;
    private final UnaryOperator<Response> edit;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private boolean over;
    private volatile @Nullable RunningTask task;

    /**
     * A call.
     *
     * @param logs whether the client wants log messages
     * @param rounds its questions; null when its result may not be one
     * @param beginning begins a task, which a given action stops
     * @param edit makes of another server's answer what this one's client receives
     */
    ModernCall(
            Backend backend,
            ModernAnswers answers,
            Json json,
            IncomingRequest incoming,
            Request request,
            BackendSession session,
            boolean logs,
            @Nullable InputRounds rounds,
            Function<Runnable, RunningTask> beginning,
            UnaryOperator<Response> edit) {
        this.backend = backend;
        this.answers = answers;
        this.json = json;
        this.incoming = incoming;
        this.request = request;
        this.session = session;
        this.logs = logs;
        this.rounds = rounds;
        this.beginning = beginning;
        this.edit = edit;
    }

    @Override
    public Observation observation() {
        return incoming.observation();
    }

    /** The client has gone, which cancels the request, but no task. */
    @Override
    public synchronized void cancel() {
        if (task == null) {
            if (!over) {
                observation().failed("cancelled");
            }
            over = true;
            super.cancel();
        }
    }

    private void stopTask() {
        observation().failed("cancelled");
        super.cancel();
    }

    @Override
    public synchronized @Nullable Consumer<String> becomeTask() {
        if (task == null && !declaresTasks()) {
            return null;
        }
        if (task == null) {
            begin();
        }
        RunningTask begun = Objects.requireNonNull(task);
        return begun::say;
    }

    private boolean declaresTasks() {
        return request.method().equals(Method.TOOLS_CALL.text()) && TaskRequests.areKnownTo(request);
    }

    private void begin() {
        if (over) {
            throw new CancellationException("the request is over");
        }
        try {
            RunningTask begun = beginning.apply(this::stopTask);
            finish(() -> incoming.reply().answer(200, null, answers.task(request, begun.summary())));
            task = begun;
        } catch (RefusedException refused) {
            stopAndSay(() -> incoming.reply().error(request.id(), refused));
            throw refused;
        }
    }

    @Override
    public void returned() {
        if (rounds != null && task == null) {
            rounds.end(this::endWithQuestions);
        }
    }

    /** The handler failed in a way that the backend did not turn into an answer. */
    @Override
    public void failed(Throwable failure) {
        RunningTask running = task;
        if (running != null) {
            fail(running, backend.refusal(request, failure));
            return;
        }
        finish(() -> incoming.reply().error(request.id(), backend.refusal(request, failure)));
    }

    /** The request was answered when it became a task; what is observed goes on to the task's end. */
    private void fail(RunningTask running, RefusedException failure) {
        observation().error(failure.code());
        running.fail(failure);
    }

    /** Nothing of the handler is left: if it forgot to answer, that is an error. */
    @Override
    public void over() {
        RunningTask running = task;
        if (running != null) {
            running.over();
            return;
        }
        stopped.complete(null);
        finish(() -> incoming.reply().error(request.id(), RefusedException.internalError()));
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {
        RunningTask running = task;
        if (running != null) {
            running.complete(json.asObject(members));
            return;
        }
        finish(() -> incoming.reply().answer(200, null, answers.complete(request, members, meta)));
    }

    @Override
    public void error(Failure failure) {
        RunningTask running = task;
        if (running != null) {
            fail(running, answers.error(request, failure));
            return;
        }
        finish(() -> incoming.reply().error(request.id(), answers.error(request, failure)));
    }

    @Override
    public void answer(Response response) {
        observation().answered(response.whole());
        finish(() -> {
            Response known = edit.apply(response);
            incoming.reply().answer(ModernAnswers.status(known), null, known.bytes());
        });
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
        RunningTask running = task;
        if (running != null) {
            // A task has neither progress notifications nor log messages, but a message of its own.
            if (method.equals("notifications/progress")
                    && params != null
                    && json.asObject(params).get("message") instanceof String text) {
                running.say(text);
            }
            return;
        }
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
        RunningTask running = task;
        if (running != null) {
            return questionOf(running, id, method, params);
        }
        try {
            Map<String, Object> answer = rounds.answerTo(method, params, this::endWithQuestions);
            if (answer == null) {
                return Mono.empty();
            }
            return answer(id, answer);
        } catch (RefusedException refused) {
            stopAndSay(() -> incoming.reply().error(request.id(), refused));
            return Mono.empty();
        }
    }

    private Mono<Void> questionOf(RunningTask running, Object id, String method, @Nullable Object params) {
        InputQuestion asked = InputQuestion.of(method, params, json);
        try {
            asked.requireCapability(request);
        } catch (RefusedException refused) {
            running.fail(refused);
            stopTask();
            return Mono.empty();
        }
        running.ask(new RunningTask.Question(
                asked.asked(), answer -> answer(id, answer).onErrorComplete().subscribe()));
        return Mono.empty();
    }

    private Mono<Void> answer(Object id, Map<String, Object> answer) {
        Map<String, Object> response = Map.of("jsonrpc", "2.0", "id", id, "result", answer);
        return session.answer(incoming.caller(), new Response(id, response, null));
    }

    private void endWithQuestions(Map<String, Object> questions, String state) {
        stopAndSay(() -> incoming.reply().answer(200, null, answers.inputRequired(request, questions, state)));
    }

    /**
     * Stops the handler, and answers when it has ended, so that the client's next request finds its slot free. A handler that does not end keeps its
     * slot, and not its client waiting.
     */
    private synchronized void stopAndSay(Runnable answer) {
        if (!over) {
            over = true;
            var unused = stopped.completeOnTimeout(null, TO_STOP_MILLIS, TimeUnit.MILLISECONDS)
                    .thenRun(() -> say(answer));
            super.cancel();
        }
    }

    private synchronized void finish(Runnable answer) {
        if (!over) {
            over = true;
            answering();
            say(answer);
        }
    }

    private void say(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException e) {
            // A result that is no JSON: the client must not wait for ever.
            incoming.reply().error(request.id(), RefusedException.of(e));
        }
    }
}
