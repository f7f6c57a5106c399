// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.call.Calls;
import dev.mcpmtls.transport.server.call.HandlerRun;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.task.RunningTask;
import dev.mcpmtls.transport.server.task.StoredTask;
import dev.mcpmtls.transport.server.task.TaskStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
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
    private final ExecutorService workers;

    public TaskRequests(
            TaskStore tasks,
            Calls calls,
            RequestDispatcher dispatcher,
            ModernAnswers answers,
            ExecutorService workers) {
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

    /** Serves a request about a task. */
    void handle(IncomingRequest incoming, Request request) {
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
        RunningTask task = (RunningTask) found.get();
        dispatcher.serve(
                incoming,
                request.id(),
                calls.about(request.method(), task.begun(), VERSION),
                () -> Mono.fromRunnable(() -> answer(incoming, request, task)),
                new Failing(incoming, request));
    }

    private void answer(IncomingRequest incoming, Request request, RunningTask task) {
        Map<String, Object> members = switch (Method.of(request.method()).orElseThrow()) {
            case TASKS_GET -> task.whole();
            case TASKS_UPDATE -> {
                update(request, task);
                yield Map.of();
            }
            default -> {
                task.cancel();
                yield Map.of();
            }
        };
        incoming.reply().answer(200, null, answers.complete(request, members, Map.of()));
    }

    /** Takes the answers to open questions; others are ignored, as the extension asks. */
    private void update(Request request, RunningTask task) {
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
                workers.execute(() -> question.answered().accept(answer));
            }
        });
    }

    /** Answers with what went wrong, if something did. */
    private record Failing(IncomingRequest incoming, Request request) implements HandlerRun.Follower {

        @Override
        public void running(HandlerRun work) {}

        @Override
        public void failed(Throwable failure) {
            incoming.reply().error(request.id(), RefusedException.of(failure));
        }

        @Override
        public void over() {}
    }
}
