// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TaskEnded.End;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Callers;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Bounds of tasks: their number, bytes and time, whatever happens at once. */
class TaskStoreTest {

    private static final Duration LIFETIME = Duration.ofMinutes(10);
    private static final Owner ALICE = Owner.vouched(SpiffeId.parse("spiffe://demo.local/agent/alice"));
    private static final Owner BOB = Owner.vouched(SpiffeId.parse("spiffe://demo.local/agent/bob"));
    private static final Caller CALLER = Callers.alice();
    private static final Request CALL = new Request(1, "tools/call", Map.of("name", "long"));

    private Instant now = Instant.parse("2026-11-29T12:00:00Z");
    private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger stopped = new AtomicInteger();
    private final TaskStore store = new TaskStore(
            Limits.builder()
                    .tasks(3)
                    .tasksPerIdentity(2)
                    .taskBytesPerIdentity(200)
                    .taskLifetime(LIFETIME)
                    .build(),
            () -> now,
            new Json(64, 1_000_000),
            events::add);

    private RunningTask begin(Owner owner) {
        return store.begin(origin(owner), stopped::incrementAndGet);
    }

    private static TaskOrigin origin(Owner owner) {
        return new TaskOrigin(owner, CALLER, new Call("server", "tools/call", "long"), CALL);
    }

    private static Map<String, Object> result(String text) {
        return Map.of("content", List.of(Map.of("type", "text", "text", text)));
    }

    @Test
    void findsATaskForItsOwnerOnly() {
        RunningTask task = begin(ALICE);

        assertThat(store.find(ALICE, task.id())).contains(task);
        assertThat(store.find(BOB, task.id())).isEmpty();
        assertThat(store.find(ALICE, task.id() + "A")).isEmpty();
    }

    @Test
    void stopsATaskThatRunsTooLong() {
        RunningTask task = begin(ALICE);

        now = now.plus(LIFETIME).minusMillis(1);
        store.sweep();
        assertThat(store.find(ALICE, task.id())).isPresent();
        now = now.plusMillis(1);
        store.sweep();

        assertThat(store.find(ALICE, task.id())).isEmpty();
        assertThat(stopped).hasValue(1);
        assertThat(store.count()).as("its handler still holds its place").isEqualTo(1);
        task.over();
        assertThat(store.count()).isZero();
    }

    @Test
    void keepsTheOutcomeAsLongAsATaskMayRun() {
        RunningTask task = begin(ALICE);
        now = now.plus(LIFETIME).minusSeconds(1);
        task.complete(result("done"));
        task.over();

        now = now.plus(LIFETIME).minusSeconds(1);
        store.sweep();
        assertThat(task.whole()).containsEntry("result", result("done"));
        assertThat(store.find(ALICE, task.id())).isPresent();
        now = now.plusSeconds(1);
        assertThat(store.find(ALICE, task.id())).as("before it is swept, too").isEmpty();
        store.sweep();
        assertThat(store.count()).isZero();
        assertThat(stopped).hasValue(0);
    }

    @Test
    void failsATaskWhenNotEvenAFailureHasRoom() {
        RunningTask full = begin(ALICE);
        RunningTask next = begin(ALICE);
        full.complete(result("x".repeat(100)));

        next.complete(result("y".repeat(100)));

        assertThat(full.status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(next.status()).isEqualTo(TaskStatus.FAILED);
        assertThat(next.whole().get("error")).asString().contains("more than the server keeps for this client");
    }

    @Test
    void givesThePlaceOfAReadOutcomeToTheNextTask() {
        RunningTask unread = begin(ALICE);
        RunningTask read = begin(ALICE);
        for (RunningTask task : List.of(unread, read)) {
            task.complete(result("done"));
            task.over();
        }

        read.whole();
        RunningTask next = begin(ALICE);

        assertThat(store.find(ALICE, read.id())).isEmpty();
        assertThat(store.find(ALICE, unread.id())).isPresent();
        assertThat(store.find(ALICE, next.id())).isPresent();
    }

    @Test
    void subjectsOfACertificateShareItsPlacesAndLoseOnlyOutcomesThatWereRead() {
        Owner first = subject("first");
        Owner second = subject("second");
        RunningTask read = begin(first);
        RunningTask unread = begin(first);
        for (RunningTask task : List.of(read, unread)) {
            task.complete(result("done"));
            task.over();
        }
        assertThatThrownBy(() -> begin(second)).isInstanceOf(RefusedException.class);
        assertThat(begin(BOB)).isNotNull();

        read.whole();
        RunningTask next = begin(second);

        assertThat(store.find(second, next.id())).isPresent();
        assertThat(store.find(first, read.id())).isEmpty();
        assertThat(store.find(first, unread.id())).isPresent();
        assertThatThrownBy(() -> begin(subject("third"))).isInstanceOf(RefusedException.class);
    }

    private static Owner subject(String name) {
        return new Owner(ALICE.identity(), ALICE.text() + " for " + name, ALICE.text());
    }

    @Test
    void givesThePlaceOfTheOldestUnreadOutcomeWhenNoneWasRead() {
        RunningTask first = begin(ALICE);
        RunningTask second = begin(ALICE);
        second.complete(result("done"));
        second.over();
        now = now.plusSeconds(1);
        first.complete(result("done"));
        first.over();

        RunningTask next = begin(ALICE);

        assertThat(store.find(ALICE, second.id())).isEmpty();
        assertThat(store.find(ALICE, first.id())).contains(first);
        assertThat(store.find(ALICE, next.id())).contains(next);
    }

    @Test
    void refusesATaskWhileAllOthersAreAtWorkAndSaysWhatToDo() {
        RunningTask first = begin(ALICE);
        begin(ALICE);

        assertThatThrownBy(() -> begin(ALICE))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("have not ended", "tasks/cancel");
        assertThat(store.find(ALICE, first.id())).contains(first);
    }

    @Test
    void recordsTheBeginAndTheEndOfATask() {
        begin(ALICE).complete(result("done"));
        begin(ALICE).cancel();
        store.pass(origin(BOB), "elsewhere", null).ended(End.FAILED);
        now = now.plus(LIFETIME.multipliedBy(2));
        store.sweep();

        assertThat(events)
                .extracting(event -> event.action().text())
                .containsExactly(
                        "task-begun", "task-completed", "task-begun", "task-cancelled", "task-begun", "task-failed");
        assertThat(events.toString()).contains("target=long").doesNotContain("elsewhere");
    }

    @Test
    void recordsTheEndOfAnUpstreamsTaskOnce() {
        UpstreamTask task = store.pass(origin(BOB), "elsewhere", null);

        task.ended(End.COMPLETED);
        task.ended(End.COMPLETED);

        assertThat(events).hasSize(2);
    }

    /** An outcome is kept, or the task has run too long; it never has an outcome that is forgotten at once. */
    @Test
    void sweepsNoOutcomeThatArrivesMeanwhile() throws Exception {
        for (int i = 0; i < 300; i++) {
            RunningTask task = begin(ALICE);
            now = now.plus(LIFETIME);
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> racers = List.of(racer(go, store::sweep), racer(go, () -> task.complete(result("done"))));
            go.countDown();
            for (Thread racer : racers) {
                racer.join();
            }
            task.over();
            assertThat(store.find(ALICE, task.id()).isPresent()).isEqualTo(task.status() == TaskStatus.COMPLETED);
            task.whole();
        }
    }

    @Test
    void keepsThePlaceOfACancelledTaskUntilItsHandlerHasEnded() {
        RunningTask stubborn = begin(ALICE);
        begin(ALICE);
        stubborn.cancel();

        assertThat(stopped).hasValue(1);
        assertThatThrownBy(() -> begin(ALICE)).isInstanceOf(RefusedException.class);
        stubborn.complete(result("too late"));
        stubborn.over();
        assertThat(stubborn.whole()).containsEntry("status", "cancelled").doesNotContainKey("result");
        begin(ALICE);
    }

    @Test
    void refusesBeyondTheTotal() {
        begin(ALICE);
        begin(ALICE);
        begin(BOB);

        assertThatThrownBy(() -> begin(BOB))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.status()).isEqualTo(503));
    }

    @Test
    void countsBytesAndGivesThemBack() {
        RunningTask large = begin(ALICE);
        RunningTask small = begin(ALICE);
        large.complete(result("x".repeat(300)));

        assertThat(large.status()).isEqualTo(TaskStatus.FAILED);
        assertThat(String.valueOf(large.whole().get("error"))).contains("more than the server keeps");
        small.complete(result("ok"));
        assertThat(small.status()).isEqualTo(TaskStatus.COMPLETED);
        store.close();
        large.over();
        small.over();
        assertThat(store.count()).isZero();
        begin(ALICE).complete(result("x".repeat(100)));
    }

    @Test
    void boundsWhatAHandlerSaysOfIt() {
        RunningTask task = begin(ALICE);

        task.say("x".repeat(5_000));

        assertThat(String.valueOf(task.summary().get("statusMessage"))).hasSize(1_000);
    }

    /** Each task has one end, and nothing of it is left. */
    @Test
    void endsOnceHoweverManyEndItAtOnce() throws Exception {
        for (int i = 0; i < 200; i++) {
            AtomicInteger ends = new AtomicInteger();
            store.onChange(changed -> ends.addAndGet(changed.status().isTerminal() ? 1 : 0));
            RunningTask task = begin(ALICE);
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> racers = List.of(
                    racer(go, () -> task.complete(result("done"))),
                    racer(go, task::cancel),
                    racer(go, store::close),
                    racer(go, task::over));
            go.countDown();
            for (Thread racer : racers) {
                racer.join();
            }
            assertThat(ends).hasValue(1);
            assertThat(store.count()).isZero();
        }
        begin(ALICE).complete(result("x".repeat(100)));
    }

    private static Thread racer(CountDownLatch go, Runnable act) {
        Thread thread = new Thread(() -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                return;
            }
            act.run();
        });
        thread.start();
        return thread;
    }

    @Test
    void countsTheNameThatAnUpstreamGivesToATask() {
        store.pass(origin(ALICE), "1", null);
        assertThatThrownBy(() -> store.pass(origin(ALICE), "2".repeat(200), null))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("too many bytes of tasks");
        store.pass(origin(ALICE), "2", null);
    }
}
