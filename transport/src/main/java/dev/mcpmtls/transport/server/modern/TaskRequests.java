// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.audit.AuditEvent.TaskEnded;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.call.Calls;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.call.RunningCall;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.task.RunningTask;
import dev.mcpmtls.transport.server.task.StoredTask;
import dev.mcpmtls.transport.server.task.TaskOrigin;
import dev.mcpmtls.transport.server.task.TaskStore;
import dev.mcpmtls.transport.server.task.UpstreamTask;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * {@code tasks/get}, {@code tasks/update} and {@code tasks/cancel}. Each is decided like the call that became the task, by the rules of now. A task
 * of another identity is answered like one that never was.
 */
public final class TaskRequests {

    private static final String VERSION = Revision.MODERN.text();

    private final TaskStore tasks;
    private final Calls calls;
    private final RequestDispatcher dispatcher;
    private final ModernAnswers answers;
    private final Executor workers;

    public TaskRequests(
            TaskStore tasks, Calls calls, RequestDispatcher dispatcher, ModernAnswers answers, Executor workers) {
        this.tasks = tasks;
        this.calls = calls;
        this.dispatcher = dispatcher;
        this.answers = answers;
        this.workers = workers;
    }

    /** Whether the client of a request declares that it knows tasks. */
    static boolean areKnownTo(Request request) {
        return TaskStatus.isDeclaredIn(
                JsonRpcMessage.object(request.meta().get("io.modelcontextprotocol/clientCapabilities")));
    }

    /**
     * Serves a request about a task.
     *
     * @param passing takes one to the server that has the task
     */
    void handle(IncomingRequest incoming, Request request, BiConsumer<Call, UpstreamTask> passing) {
        if (!areKnownTo(request)) {
            throw RefusedException.missingExtension(TaskStatus.EXTENSION);
        }
        Optional<StoredTask> found = tasks.find(incoming.owner(), request.target());
        if (found.isEmpty()) {
            dispatcher.reject(
                    incoming,
                    request.id(),
                    calls.to(request.method(), "", VERSION),
                    "its caller has no such task",
                    new RefusedException(200, ErrorCode.INVALID_PARAMS, "there is no such task, or no longer"));
            return;
        }
        Call call = calls.about(request.method(), found.get().begun(), VERSION);
        if (found.get() instanceof UpstreamTask elsewhere) {
            passing.accept(call, elsewhere);
            return;
        }
        RunningTask task = (RunningTask) found.get();
        TaskCall running = new TaskCall(incoming, request);
        dispatcher.serve(incoming, request.id(), call, () -> Mono.fromRunnable(() -> running.answer(task)), running);
    }

    /**
     * Takes the answers to open questions; others are ignored, as the extension asks.
     *
     * @throws RejectedExecutionException when no worker is free; questions whose answers did not reach the handler are open again
     */
    static void update(Request request, RunningTask task, Executor workers) {
        if (!request.params().containsKey("inputResponses")) {
            throw RefusedException.invalidParams("tasks/update needs the object parameter 'inputResponses'");
        }
        Map<String, Map<String, Object>> given = new LinkedHashMap<>(InputQuestion.answers(request));
        given.keySet().removeIf(key -> task.question(key) == null);
        given.forEach((key, answer) -> {
            RunningTask.Question question = task.question(key);
            if (question != null) {
                InputQuestion.requireForm(String.valueOf(question.asked().get("method")), key, answer);
            }
        });
        given.forEach((key, answer) -> {
            RunningTask.Question question = task.answered(key);
            if (question != null) {
                // Not here: whatever the handler does with the answer goes on in this thread.
                try {
                    workers.execute(() -> question.answered().accept(answer));
                } catch (RejectedExecutionException full) {
                    task.ask(key, question);
                    throw full;
                }
            }
        });
    }

    /** The call that becomes a task. */
    TaskOrigin origin(IncomingRequest incoming, Request request) {
        Call call = calls.about(request.method(), request, VERSION).forRecord();
        return new TaskOrigin(incoming.owner(), incoming.caller(), call, request);
    }

    /**
     * Another server's answer to a request as its client here receives it: a task has a name of this server's, which only this client can use.
     *
     * @param cancel takes the request that cancels a task there which cannot be kept here
     * @throws RefusedException when there is no room for the task
     */
    Response known(IncomingRequest incoming, Request request, Response answer, Consumer<Request> cancel) {
        Map<String, Object> result = JsonRpcMessage.object(answer.whole().get("result"));
        if (!TaskStatus.RESULT_TYPE.equals(result.get("resultType"))) {
            return answer;
        }
        if (!(result.get("taskId") instanceof String id)) {
            throw unasked();
        }
        try {
            if (!request.method().equals(Method.TOOLS_CALL.text()) || !areKnownTo(request)) {
                throw unasked();
            }
            Duration ttl = result.get("ttlMs") instanceof Number millis ? Duration.ofMillis(millis.longValue()) : null;
            UpstreamTask task = tasks.pass(origin(incoming, request), id, ttl);
            return answer.with(JsonText.quote(task.id()), "result", "taskId");
        } catch (RefusedException refused) {
            cancel.accept(cancelling(request, id));
            throw refused;
        }
    }

    private static RefusedException unasked() {
        return new RefusedException(
                502, ErrorCode.INTERNAL_ERROR, "the server behind this one answered with a task, unasked");
    }

    /** The request that cancels another server's task, with what the client said of itself. */
    private static Request cancelling(Request begun, String id) {
        Map<String, Object> params = Map.of("taskId", id, "_meta", begun.meta());
        String text = begun.text();
        if (text != null) {
            String meta = JsonText.find(text, "params", "_meta").orElse("{}");
            text = JsonText.set(text, JsonText.quote(Method.TASKS_CANCEL.text()), "method");
            text = JsonText.set(text, "{\"taskId\":" + JsonText.quote(id) + ",\"_meta\":" + meta + "}", "params");
        }
        return new Request(begun.id(), Method.TASKS_CANCEL.text(), params, text);
    }

    /** The answer of the server that has a task, with the task's name here. */
    static Response named(Response answer, UpstreamTask task) {
        Map<String, Object> result = JsonRpcMessage.object(answer.whole().get("result"));
        TaskStatus.of(String.valueOf(result.get("status")))
                .filter(TaskStatus::isTerminal)
                .ifPresent(last -> task.ended(TaskEnded.End.valueOf(last.name())));
        return result.containsKey("taskId") ? answer.with(JsonText.quote(task.id()), "result", "taskId") : answer;
    }

    /** The request about a task of that name. */
    static Request named(Request request, String id) {
        Map<String, Object> params = new LinkedHashMap<>(request.params());
        params.put("taskId", id);
        String text =
                request.text() == null ? null : JsonText.set(request.text(), JsonText.quote(id), "params", "taskId");
        return new Request(request.id(), request.method(), params, text);
    }

    /** A request about a task at work here. */
    private final class TaskCall extends RunningCall {

        private final IncomingRequest incoming;
        private final Request request;

        TaskCall(IncomingRequest incoming, Request request) {
            this.incoming = incoming;
            this.request = request;
        }

        void answer(RunningTask task) {
            Map<String, Object> members = outcome(task);
            answering();
            incoming.reply().answer(200, null, answers.complete(request, members, Map.of()));
        }

        private Map<String, Object> outcome(RunningTask task) {
            return switch (Method.of(request.method()).orElseThrow()) {
                case TASKS_GET -> task.whole();
                case TASKS_UPDATE -> {
                    update(request, task, workers);
                    yield Map.of();
                }
                default -> {
                    task.cancel();
                    yield Map.of();
                }
            };
        }

        @Override
        public void failed(Throwable failure) {
            answering();
            incoming.reply().error(request.id(), RefusedException.of(failure));
        }

        @Override
        public void over() {}
    }
}
