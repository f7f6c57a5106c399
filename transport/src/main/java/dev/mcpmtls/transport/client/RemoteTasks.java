// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.client.ConnectionException.Unreachable;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * The tasks of this client at its server. A server knows them by our identity, so that another process with the same identity, or a later
 * certificate, can ask for them. Publishers run when they are subscribed to, and fail with an {@link McpError} when the server refuses,
 * or with a {@link ConnectionException}. Thread-safe.
 */
public final class RemoteTasks {

    /** So often in a row a question may fail on its way: the work goes on meanwhile. */
    private static final int MAX_FAILURES = 5;

    private final URI server;
    private final BiFunction<String, Map<String, Object>, Mono<Map<String, Object>>> requests;
    private final Codec codec;
    private final InputRequests inputs;

    /** @param requests makes a request of a method with parameters, and gives its result */
    RemoteTasks(
            URI server,
            BiFunction<String, Map<String, Object>, Mono<Map<String, Object>>> requests,
            Codec codec,
            InputRequests inputs) {
        this.server = server;
        this.requests = requests;
        this.codec = codec;
        this.inputs = inputs;
    }

    /** How far a task is. */
    public Mono<RemoteTask> get(String id) {
        return state(id).map(State::task);
    }

    /** Asks the server to give a task up; it may end otherwise. */
    public Mono<Void> cancel(String id) {
        return requests.apply(Method.TASKS_CANCEL.text(), Map.of("taskId", id)).then();
    }

    /**
     * Waits for a task to end, answers its questions meanwhile, and gives its result. Asks again when the connection breaks. To give up
     * waiting does not cancel the task.
     *
     * @param told hears of each state; must not block
     */
    public Mono<CallToolResult> await(String id, Consumer<RemoteTask> told) {
        return outcome(id, told).map(codec::callResult);
    }

    /** The result of a task, as the server sent it. */
    Mono<Map<String, Object>> outcome(String id, Consumer<RemoteTask> told) {
        return Mono.defer(() -> {
            Waiting waiting = new Waiting(id, told);
            return Mono.defer(waiting::ask)
                    .repeatWhen(asked -> asked.concatMap(once -> Mono.delay(waiting.pause)))
                    .next();
        });
    }

    private record State(RemoteTask task, Map<String, Object> members) {}

    private Mono<State> state(String id) {
        return requests.apply(Method.TASKS_GET.text(), Map.of("taskId", id))
                .map(members -> new State(
                        RemoteTask.of(members)
                                .filter(task -> task.id().equals(id))
                                .orElseThrow(() -> unusable("it does not describe the task that was asked for")),
                        members));
    }

    /** A caller that waits for a task. */
    private final class Waiting {

        private final String id;
        private final Consumer<RemoteTask> told;
        private final Set<String> answered = ConcurrentHashMap.newKeySet();
        private volatile Duration pause = Duration.ZERO;
        private final AtomicInteger failures = new AtomicInteger();

        Waiting(String id, Consumer<RemoteTask> told) {
            this.id = id;
            this.told = told;
        }

        /** The result; empty when it has to be asked for again. */
        Mono<Map<String, Object>> ask() {
            return state(id)
                    .flatMap(state -> {
                        failures.set(0);
                        pause = state.task().pollInterval();
                        told.accept(state.task());
                        return result(state);
                    })
                    .onErrorResume(Unreachable.class, broken -> {
                        int failed = failures.getAndIncrement();
                        pause = Duration.ofSeconds(1L << failed);
                        return failed < MAX_FAILURES ? Mono.empty() : Mono.error(broken);
                    });
        }

        private Mono<Map<String, Object>> result(State state) {
            return switch (state.task().status()) {
                case WORKING -> Mono.empty();
                case INPUT_REQUIRED ->
                    answer(codec.object(state.members(), "inputRequests")).then(Mono.empty());
                case COMPLETED -> Mono.just(codec.object(state.members(), "result"));
                case FAILED -> Mono.error(codec.error(codec.object(state.members(), "error")));
                case CANCELLED ->
                    Mono.error(McpError.builder(ErrorCode.INTERNAL_ERROR)
                            .message("the task was cancelled")
                            .build());
            };
        }

        /** Each question is put once, however often it is listed. */
        private Mono<Void> answer(Map<String, Object> questions) {
            Map<String, Object> open = new LinkedHashMap<>(questions);
            open.keySet().removeAll(answered);
            if (open.isEmpty()) {
                return Mono.empty();
            }
            answered.addAll(open.keySet());
            return inputs.gather(open)
                    .flatMap(answers ->
                            requests.apply(Method.TASKS_UPDATE.text(), Map.of("taskId", id, "inputResponses", answers)))
                    .doOnError(unsent -> answered.removeAll(open.keySet()))
                    .then();
        }
    }

    private UnusableAnswer unusable(String why) {
        return new UnusableAnswer(server, why, null);
    }

    /** The result that stands for a task, for a caller that does not wait. */
    static Map<String, Object> standIn(RemoteTask task, Map<String, Object> members) {
        Map<String, Object> state = new LinkedHashMap<>(members);
        state.remove("_meta");
        state.remove("resultType");
        return Map.of(
                "content",
                List.of(Map.of("type", "text", "text", "the call has become a task: " + task.id())),
                "_meta",
                Map.of(RemoteTask.META, state));
    }

    /** Declares the extension. */
    static Map<String, Object> declaredIn(Codec codec, Map<String, Object> capabilities) {
        Map<String, Object> declared = new LinkedHashMap<>(capabilities);
        Map<String, Object> extensions = codec.object(capabilities, "extensions");
        extensions.put(TaskStatus.EXTENSION, Map.of());
        declared.put("extensions", extensions);
        return declared;
    }
}
