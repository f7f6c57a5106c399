// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Callers;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.task.RunningTask;
import dev.mcpmtls.transport.server.task.TaskOrigin;
import dev.mcpmtls.transport.server.task.TaskStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TaskRequestsTest {

    private static final Request CALL = new Request(1, "tools/call", Map.of("name", "long"));
    private static final Request ANSWER = new Request(
            2,
            "tasks/update",
            Map.of("inputResponses", Map.of("input-1", Map.of("action", "accept", "content", Map.of("said", "a")))));

    private final List<Map<String, Object>> answers = new ArrayList<>();
    private final RunningTask task = asking();

    private RunningTask asking() {
        Caller alice = Callers.alice();
        TaskOrigin origin =
                new TaskOrigin(Owner.of(alice.peer()), alice, new Call("server", "tools/call", "long"), CALL);
        TaskStore store = new TaskStore(Limits.defaults(), InstantSource.system(), new Json(64, 4096), event -> {});
        RunningTask begun = store.begin(origin, () -> {});
        begun.ask(new RunningTask.Question(Map.of("method", "elicitation/create"), answers::add));
        return begun;
    }

    @Test
    void handsAnAnswerToTheHandlerOnce() {
        TaskRequests.update(ANSWER, task, Runnable::run);
        TaskRequests.update(ANSWER, task, Runnable::run);

        assertThat(answers).hasSize(1);
        assertThat(task.status()).isEqualTo(TaskStatus.WORKING);
    }

    @Test
    void keepsAQuestionOpenWhoseAnswerFindsNoWorker() {
        assertThatThrownBy(() -> TaskRequests.update(ANSWER, task, full -> {
                    throw new RejectedExecutionException();
                }))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(answers).isEmpty();
        assertThat(task.status()).isEqualTo(TaskStatus.INPUT_REQUIRED);

        TaskRequests.update(ANSWER, task, Runnable::run);

        assertThat(answers).hasSize(1);
    }
}
