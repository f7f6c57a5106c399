// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static dev.mcpmtls.transport.server.TaskClient.SOON;
import static dev.mcpmtls.transport.server.TaskClient.ask;
import static dev.mcpmtls.transport.server.TaskClient.awaited;
import static dev.mcpmtls.transport.server.TaskClient.begin;
import static dev.mcpmtls.transport.server.TaskClient.call;
import static dev.mcpmtls.transport.server.TaskClient.first;
import static dev.mcpmtls.transport.server.TaskClient.get;
import static dev.mcpmtls.transport.server.TaskClient.isOver;
import static dev.mcpmtls.transport.server.TaskClient.isTask;
import static dev.mcpmtls.transport.server.TaskClient.listen;
import static dev.mcpmtls.transport.server.TaskClient.send;
import static dev.mcpmtls.transport.server.TaskClient.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.CallDecided;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.trust.Peer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Calls that become tasks: their owner asks for them over any connection, and no other identity does. */
class TaskIT {

    private static final Semaphore MAY_END = new Semaphore(0);
    private static final AtomicInteger INTERRUPTED = new AtomicInteger();
    private static final AtomicInteger BEGUN = new AtomicInteger();
    private static final AtomicInteger ASKING = new AtomicInteger();
    private static final Rules RULES = new Rules();

    private static Station shared;

    private static void await() {
        try {
            MAY_END.acquire();
        } catch (InterruptedException e) {
            INTERRUPTED.incrementAndGet();
        }
    }

    private static String elicit(McpSyncServerExchange exchange, String key) {
        McpSchema.ElicitResult answer = exchange.createElicitation(McpSchema.ElicitFormRequest.builder(
                        key, Map.of("type", "object", "properties", Map.of("said", Map.of("type", "string"))))
                .build());
        return String.valueOf(answer.content().get("said"));
    }

    /** Permits every call, but those of the tools that were taken away. */
    private static final class Rules implements AccessPolicy {

        private final Set<String> takenAway = ConcurrentHashMap.newKeySet();

        @Override
        public Decision decide(Peer caller, Call call) {
            return takenAway.contains(call.target())
                    ? new Decision.Deny("the tool was taken away")
                    : new Decision.Permit();
        }
    }

    private String name = "";
    private Agent alice = shared.agent("nobody");

    /** A new identity for each test: limits are for an identity. */
    @BeforeEach
    void aNewIdentity(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT)
                + test.getDisplayName().hashCode();
        alice = shared.agent(name);
        RULES.takenAway.clear();
        MAY_END.drainPermits();
    }

    @BeforeAll
    static void open() {
        shared = Station.open(
                settings -> settings.accessPolicy(RULES)
                        .limits(Limits.builder()
                                .inFlightPerIdentity(3)
                                .tasksPerIdentity(4)
                                .taskBytesPerIdentity(4_000)
                                .build()),
                server -> {
                    Station.who().apply(server);
                    Station.tool("long", (exchange, call) -> {
                                Task task = Task.begin(exchange);
                                BEGUN.incrementAndGet();
                                task.say("half done");
                                await();
                                return task.isBackground() ? "in the background" : "in the foreground";
                            })
                            .apply(server);
                    Station.tool("only", (exchange, call) -> {
                                Task.begin(exchange).orRefuse();
                                return "as a task";
                            })
                            .apply(server);
                    Station.tool("huge", (exchange, call) -> {
                                Task.begin(exchange);
                                return "x".repeat(8_000);
                            })
                            .apply(server);
                    Station.tool("breaks", (exchange, call) -> {
                                Task.begin(exchange);
                                throw new IllegalStateException("secret of the server");
                            })
                            .apply(server);
                    return Station.tool("asks", (exchange, call) -> {
                                Task.begin(exchange);
                                ASKING.incrementAndGet();
                                return elicit(exchange, "first") + elicit(exchange, "second");
                            })
                            .apply(server);
                });
    }

    @AfterAll
    static void close() {
        shared.close();
    }

    @Test
    void keepsTheResultForItsOwnerOverAnotherConnectionAndCertificate() throws Exception {
        JsonNode created = call(alice, "long").json().at("/result");
        String id = created.at("/taskId").asString();

        assertThat(created.at("/resultType").asString()).isEqualTo("task");
        assertThat(created.at("/status").asString()).isEqualTo("working");
        assertThat(created.at("/ttlMs").asLong()).isEqualTo(3_600_000);
        assertThat(id).hasSize(32);
        JsonNode working = awaited(alice, id, task -> task.has("statusMessage"));
        assertThat(working.at("/statusMessage").asString()).isEqualTo("half done");
        assertThat(working.has("result")).isFalse();
        MAY_END.release();

        JsonNode completed = awaited(shared.agent(name), id, task -> isOver(task));
        assertThat(completed.at("/status").asString()).isEqualTo("completed");
        assertThat(completed.at("/resultType").asString()).isEqualTo("complete");
        assertThat(completed.at("/result/content/0/text").asString()).isEqualTo("in the background");
        assertThat(completed.at("/ttlMs").asLong()).isGreaterThanOrEqualTo(3_600_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks/get", "tasks/update", "tasks/cancel"})
    void isUnknownToEveryOtherIdentity(String method) throws Exception {
        String id = begin(alice, "long");
        Agent mallory = shared.agent("mallory");

        Answer another = ask(mallory, method, id);
        Answer never = ask(mallory, method, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

        assertThat(another.json().at("/error/code").asInt()).isEqualTo(-32602);
        assertThat(another.http().body()).isEqualTo(never.http().body());
        assertThat(another.status()).isEqualTo(never.status());
        assertThat(get(alice, id).at("/status").asString()).isEqualTo("working");
        assertThat(shared.events())
                .anySatisfy(event -> assertThat(event).isInstanceOfSatisfying(CallDecided.class, decided -> {
                    assertThat(decided.decision()).isInstanceOf(Decision.Deny.class);
                    assertThat(decided.call().method()).isEqualTo(method);
                    assertThat(decided.caller().identity().text()).contains("mallory");
                }));
        assertThat(shared.events().toString()).doesNotContain(id);
        MAY_END.release();
    }

    @Test
    void decidesEachRequestLikeTheCallByTheRulesOfNow() throws Exception {
        String id = begin(alice, "long");
        RULES.takenAway.add("long");
        MAY_END.release();

        assertThat(ask(alice, "tasks/get", id).status()).isEqualTo(403);
        assertThat(ask(alice, "tasks/cancel", id).status()).isEqualTo(403);
        assertThat(ask(alice, "tasks/update", id).status()).isEqualTo(403);
        RULES.takenAway.clear();
        assertThat(awaited(alice, id, TaskClient::isOver).at("/status").asString())
                .isEqualTo("completed");
    }

    @Test
    void makesAClientThatKnowsNoTasksWait() throws Exception {
        MAY_END.release(2);

        Answer modern = alice.send(alice.modernCall("long", ""));
        Answer legacy = alice.send(alice.legacy(alice.initialize(), Agent.call(1, "long")));

        assertThat(modern.json().at("/result/content/0/text").asString()).isEqualTo("in the foreground");
        assertThat(modern.json().at("/result/resultType").asString()).isEqualTo("complete");
        assertThat(legacy.http().body()).contains("in the foreground");
    }

    @Test
    void refusesAClientThatKnowsNoTasksWhereTheToolInsists() throws Exception {
        Answer modern = alice.send(alice.modernCall("only", ""));
        Answer legacy = alice.send(alice.legacy(alice.initialize(), Agent.call(1, "only")));
        Answer get = alice.send(alice.modern("tasks/get", "any", "\"taskId\":\"any\""));

        for (Answer refused : List.of(modern, get)) {
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.json().at("/error/code").asInt()).isEqualTo(-32021);
            assertThat(refused.json()
                            .at("/error/data/requiredCapabilities/extensions/io.modelcontextprotocol~1tasks")
                            .isObject())
                    .isTrue();
        }
        assertThat(legacy.http().body()).contains("-32021").contains("MCP 2026-07-28");
        assertThat(awaited(alice, begin(alice, "only"), TaskClient::isOver)
                        .at("/result/content/0/text")
                        .asString())
                .isEqualTo("as a task");
    }

    @Test
    void hasNoTasksInTheLegacyEra() throws Exception {
        String id = begin(alice, "long");

        Answer answer = alice.send(alice.legacy(
                alice.initialize(),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tasks/get\",\"params\":{\"taskId\":\"" + id + "\"}}"));

        assertThat(answer.http().body()).contains("-32601").doesNotContain("half done");
        assertThat(alice.initialize("2025-11-25").http().body()).doesNotContain("io.modelcontextprotocol/tasks");
        assertThat(alice.send(alice.modern("server/discover", "", ""))
                        .json()
                        .at("/result/capabilities/extensions/io.modelcontextprotocol~1tasks")
                        .isObject())
                .isTrue();
        MAY_END.release();
    }

    @Test
    void interruptsTheHandlerOfACancelledTaskAndIgnoresItsResult() throws Exception {
        String id = begin(alice, "long");
        int before = INTERRUPTED.get();

        Answer first = ask(alice, "tasks/cancel", id);
        assertThat(Station.comesTrue(SOON, () -> INTERRUPTED.get() > before)).isTrue();
        Answer second = ask(alice, "tasks/cancel", id);

        for (Answer acknowledged : List.of(first, second)) {
            assertThat(acknowledged.json().at("/result/resultType").asString()).isEqualTo("complete");
            assertThat(acknowledged.json().at("/result").has("status")).isFalse();
        }
        JsonNode cancelled = get(alice, id);
        assertThat(cancelled.at("/status").asString()).isEqualTo("cancelled");
        assertThat(cancelled.has("result")).isFalse();
    }

    @Test
    void refusesATaskTooManyUntilOneHasEndedAndWasRead() throws Exception {
        int begun = BEGUN.get() + 4;
        String first = begin(alice, "long");
        for (int i = 0; i < 3; i++) {
            begin(alice, "long");
        }
        assertThat(Station.comesTrue(SOON, () -> BEGUN.get() == begun)).isTrue();

        Answer tooMany = call(alice, "long");
        Answer another = call(shared.agent("bystander"), "only");

        assertThat(tooMany.status()).isEqualTo(429);
        assertThat(BEGUN).as("the handler did not go on").hasValue(begun);
        assertThat(another.json().at("/result/resultType").asString()).isEqualTo("task");
        ask(alice, "tasks/cancel", first);
        assertThat(Station.comesTrue(SOON, () -> isTask(call(alice, "only")))).isTrue();
        assertThat(ask(alice, "tasks/get", first).json().at("/error/code").asInt())
                .isEqualTo(-32602);
        MAY_END.release(3);
    }

    @Test
    void holdsNoSlotOfRequestsInFlight() throws Exception {
        for (int i = 0; i < 4; i++) {
            begin(alice, "long");
        }

        assertThat(alice.send(alice.modernCall("who", "")).status()).isEqualTo(200);
        MAY_END.release(4);
    }

    @Test
    void endsATaskWhoseResultIsTooLargeWithAnError() throws Exception {
        begin(alice, "long"); // an identity that holds nothing may have one outcome of any size
        JsonNode failed = awaited(alice, begin(alice, "huge"), TaskClient::isOver);

        assertThat(failed.at("/status").asString()).isEqualTo("failed");
        assertThat(failed.at("/error/message").asString()).contains("more than the server keeps");
        assertThat(failed.has("result")).isFalse();
        MAY_END.release();
    }

    @Test
    void tellsNothingOfTheServersInsides() throws Exception {
        JsonNode failed = awaited(alice, begin(alice, "breaks"), TaskClient::isOver);

        assertThat(failed.at("/status").asString()).isEqualTo("failed");
        assertThat(failed.at("/error/code").asInt()).isEqualTo(-32603);
        assertThat(failed.toString()).doesNotContain("secret");
    }

    @Test
    void asksItsOwnerWithinTheTaskAndRunsOnce() throws Exception {
        int before = ASKING.get();
        String id = begin(alice, "asks");
        JsonNode first = awaited(alice, id, task -> task.has("inputRequests"));
        String answer = "{\"action\":\"accept\",\"content\":{\"said\":\"%s\"}}";

        assertThat(first.at("/inputRequests/input-1/method").asString()).isEqualTo("elicitation/create");
        assertThat(update(alice, id, "input-1", "{\"action\":7}")
                        .json()
                        .at("/error/code")
                        .asInt())
                .isEqualTo(-32602);
        assertThat(update(alice, id, "input-9", "{\"any\":1}").status()).isEqualTo(200);
        assertThat(get(alice, id).at("/status").asString()).isEqualTo("input_required");
        update(alice, id, "input-1", answer.formatted("a"));
        awaited(alice, id, task -> task.at("/inputRequests").has("input-2"));
        update(alice, id, "input-1", answer.formatted("late"));
        update(alice, id, "input-2", answer.formatted("b"));

        assertThat(awaited(alice, id, TaskClient::isOver)
                        .at("/result/content/0/text")
                        .asString())
                .isEqualTo("ab");
        assertThat(ASKING).hasValue(before + 1);
    }

    @Test
    void tellsSubscribersOfTheirOwnTasksOnly() throws Exception {
        String id = begin(alice, "long");
        String ids = "\"notifications\":{\"taskIds\":[\"" + id + "\",\"AAAA\"]}";

        Answer undeclared = alice.send(alice.modern("subscriptions/listen", "", ids));
        assertThat(undeclared.json().at("/error/code").asInt()).isEqualTo(-32021);
        try (Stream<String> another = listen(shared.agent("mallory"), ids);
                Stream<String> own = listen(alice, ids)) {
            assertThat(first(another)).contains("acknowledged").doesNotContain(id);
            List<JsonNode> told = own.filter(line -> line.startsWith("data: {"))
                    .map(line -> Agent.JSON.readTree(line.substring(6)))
                    .peek(message -> MAY_END.release(message.toString().contains("\"working\"") ? 1 : 0))
                    .takeWhile(message -> !message.toString().contains("\"completed\""))
                    .toList();
            assertThat(told.get(0).at("/params/notifications/taskIds")).hasSize(1);
            assertThat(told.get(1).at("/method").asString()).isEqualTo("notifications/tasks");
            assertThat(told.get(1).at("/params/taskId").asString()).isEqualTo(id);
        }
    }

    @Test
    void refusesAHeaderThatNamesAnotherTask() throws Exception {
        Answer mismatch = send(alice, "tasks/get", "other", "\"taskId\":\"one\"");

        assertThat(mismatch.status()).isEqualTo(400);
        assertThat(mismatch.json().at("/error/code").asInt()).isEqualTo(-32020);
    }

    @Test
    void stopsTheHandlersOfTasksWithTheServer() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (Station station = Station.open(Station.tool("long", (exchange, call) -> {
            Task.begin(exchange);
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return "never";
        }))) {
            call(station.agent("alice"), "long");
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            station.transport().shutdown(Duration.ZERO).join();
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
