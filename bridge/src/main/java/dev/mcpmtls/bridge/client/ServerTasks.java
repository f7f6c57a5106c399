// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskState;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The tasks of this identity at a server of the modern era, also those that another process began. All acts throw {@link Outage} or {@link
 * ServerErrorException}.
 */
public final class ServerTasks {

    /** So often in a row a question may fail on its way: the work goes on meanwhile. */
    private static final int MAX_FAILURES = 5;

    private static final Set<Outage.Kind> PASSING =
            EnumSet.of(Outage.Kind.UNREACHABLE, Outage.Kind.NOT_REACHED, Outage.Kind.MAY_HAVE_RUN);

    private final ServerClient client;

    ServerTasks(ServerClient client) {
        this.client = client;
    }

    private record Described(TaskState task, Map<String, Object> members) {}

    /** How far a task is. */
    public TaskState get(String id) {
        return described(id).task();
    }

    /** Asks the server to give a task up; it may end otherwise. */
    public void cancel(String id) {
        Map<String, Object> unused = client.ask(Method.TASKS_CANCEL, Map.of("taskId", id));
    }

    /**
     * Waits for a task to end, and asks again when the connection breaks. To give up waiting does not cancel the task.
     *
     * @param told hears of each state
     * @param limit how long to wait; without one, as long as the server works on it
     * @return the members of its {@code CallToolResult}; empty when the limit has passed
     */
    public Optional<Map<String, Object>> await(String id, Consumer<TaskState> told, Optional<Duration> limit) {
        long start = System.nanoTime();
        int failures = 0;
        while (true) {
            Duration pause;
            try {
                Described now = described(id);
                failures = 0;
                told.accept(now.task());
                if (now.task().status().isTerminal()) {
                    return Optional.of(outcome(now));
                }
                requireNoQuestions(now);
                pause = now.task().pollInterval();
            } catch (Outage outage) {
                if (!PASSING.contains(outage.kind()) || failures == MAX_FAILURES) {
                    throw outage;
                }
                pause = Duration.ofSeconds(1L << failures++);
            }
            Optional<Duration> left = limit.map(most -> most.minusNanos(System.nanoTime() - start));
            if (left.filter(rest -> rest.compareTo(Duration.ZERO) <= 0).isPresent()) {
                return Optional.empty();
            }
            Duration wanted = pause;
            sleep(left.filter(rest -> rest.compareTo(wanted) < 0).orElse(wanted));
        }
    }

    private Described described(String id) {
        Map<String, Object> members = client.ask(Method.TASKS_GET, Map.of("taskId", id));
        return TaskState.of(members)
                .filter(task -> task.id().equals(id))
                .map(task -> new Described(task, members))
                .orElseThrow(() -> client.unusable("it does not describe the task that was asked for"));
    }

    private static Map<String, Object> outcome(Described ended) {
        return switch (ended.task().status()) {
            case COMPLETED -> JsonRpcMessage.object(ended.members().get("result"));
            case FAILED ->
                throw new ServerErrorException(
                        JsonRpcMessage.object(ended.members().get("error")));
            case CANCELLED, WORKING, INPUT_REQUIRED ->
                throw new ServerErrorException(
                        Map.of("code", ErrorCode.INTERNAL_ERROR, "message", "the task was cancelled"));
        };
    }

    private void requireNoQuestions(Described now) {
        client.requireNoQuestions(now.members());
    }

    private void sleep(Duration time) {
        try {
            Thread.sleep(Math.max(1, time.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw client.unusable("waiting for it was interrupted");
        }
    }
}
