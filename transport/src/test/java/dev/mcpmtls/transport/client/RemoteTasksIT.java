// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.Station;
import dev.mcpmtls.transport.server.Task;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The SDK's client and calls that become tasks: it waits for the result as for any other, or has the task at once. */
class RemoteTasksIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Pki PKI = new Pki("Tasks Root");
    private static final Semaphore MAY_END = new Semaphore(0);
    private static final AtomicInteger INTERRUPTED = new AtomicInteger();
    private static MtlsServerTransport serving;

    private static MtlsServerTransport serve() {
        MtlsServerTransport transport =
                MtlsServerTransport.builder().tls(profile("weather")).build();
        McpServer.sync(transport)
                .serverInfo("long-mcp", "1")
                .immediateExecution(true)
                .requestTimeout(Duration.ofSeconds(20))
                .capabilities(McpSchema.ServerCapabilities.builder().tools(true).build())
                .toolCall(tool("long"), (exchange, call) -> {
                    Task.begin(exchange).say("half done");
                    try {
                        MAY_END.acquire();
                    } catch (InterruptedException e) {
                        INTERRUPTED.incrementAndGet();
                    }
                    return text("done");
                })
                .toolCall(tool("asks"), (exchange, call) -> {
                    Task.begin(exchange);
                    return text("to "
                            + exchange.createElicitation(
                                            ElicitFormRequest.builder("Where to?", Map.of("type", "object"))
                                                    .build())
                                    .content()
                                    .get("city"));
                })
                .toolCall(tool("breaks"), (exchange, call) -> {
                    Task.begin(exchange);
                    throw McpError.builder(-32099).message("out of paper").build();
                })
                .build();
        transport.start();
        return transport;
    }

    private static Tool tool(String name) {
        return Tool.builder(name, Map.of("type", "object")).build();
    }

    private static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }

    private static TlsProfile profile(String name) {
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(PKI.anchors()), InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(PKI.issue(name)), verifier)
                .build();
    }

    @BeforeAll
    static void open() {
        serving = serve();
    }

    @AfterAll
    static void stop() {
        serving.shutdown(Duration.ZERO).join();
    }

    private static MtlsClientTransport transport(String name, UnaryOperator<MtlsClientTransport.Builder> settings) {
        return settings.apply(MtlsClientTransport.builder(serving.uri()).tls(profile(name)))
                .build();
    }

    private static McpSyncClient client(MtlsClientTransport transport) {
        McpSyncClient client = McpClient.sync(transport)
                .requestTimeout(Duration.ofSeconds(20))
                .capabilities(
                        McpSchema.ClientCapabilities.builder().elicitation().build())
                .elicitation(asked -> ElicitResult.builder(ElicitResult.Action.ACCEPT)
                        .content(Map.of("city", "Tokyo"))
                        .build())
                .build();
        client.initialize();
        return client;
    }

    private static CallToolResult call(McpSyncClient client, String tool) {
        return client.callTool(CallToolRequest.builder(tool).build());
    }

    private static String said(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }

    @Test
    void waitsForATaskAsForAnyAnswer() {
        Queue<RemoteTask> heard = new ConcurrentLinkedQueue<>();
        MtlsClientTransport through = transport(
                "waiter",
                with -> with.onTask(task -> {
                    heard.add(task);
                    task.message().ifPresent(halfDone -> MAY_END.release());
                }));
        try (McpSyncClient client = client(through)) {
            assertThat(said(call(client, "long"))).isEqualTo("done");
        }
        assertThat(heard).extracting(RemoteTask::status).contains(TaskStatus.WORKING, TaskStatus.COMPLETED);
        assertThat(heard).anySatisfy(task -> assertThat(task.message()).contains("half done"));
    }

    @Test
    void answersTheQuestionsOfATask() {
        try (McpSyncClient client = client(transport("asked", with -> with))) {
            assertThat(said(call(client, "asks"))).isEqualTo("to Tokyo");
        }
    }

    @Test
    void hasTheErrorOfATaskThatFails() {
        try (McpSyncClient client = client(transport("unlucky", with -> with))) {
            assertThatThrownBy(() -> call(client, "breaks")).isInstanceOfSatisfying(McpError.class, error -> {
                assertThat(error.getJsonRpcError().code()).isEqualTo(-32099);
                assertThat(error).hasMessageContaining("out of paper");
            });
        }
    }

    @Test
    void hasTheTaskAtOnceAndAsksForItFromAnotherProcess() {
        RemoteTask task;
        try (McpSyncClient client = client(transport("hurried", with -> with.background()))) {
            task = RemoteTask.in(call(client, "long")).orElseThrow();
        }
        MtlsClientTransport later = transport("hurried", with -> with);
        MtlsClientTransport other = transport("nosy", with -> with);
        try (McpSyncClient client = client(later);
                McpSyncClient nosy = client(other)) {
            assertThat(client.getServerInfo()).isEqualTo(nosy.getServerInfo());
            assertThat(later.tasks().get(task.id()).block().status()).isEqualTo(TaskStatus.WORKING);
            assertThatThrownBy(() -> other.tasks().get(task.id()).block())
                    .isInstanceOf(McpError.class)
                    .hasMessageContaining("there is no such task");
            MAY_END.release();
            assertThat(said(later.tasks().await(task.id(), told -> {}).block())).isEqualTo("done");
        }
        assertThat(task.lifetime()).contains(Duration.ofHours(1));
    }

    @Test
    void cancelsATask() {
        int before = INTERRUPTED.get();
        MtlsClientTransport through = transport("undecided", with -> with.background());
        try (McpSyncClient client = client(through)) {
            RemoteTask task = RemoteTask.in(call(client, "long")).orElseThrow();
            through.tasks().cancel(task.id()).block();

            assertThat(Station.comesTrue(SOON, () -> INTERRUPTED.get() > before))
                    .isTrue();
            assertThatThrownBy(
                            () -> through.tasks().await(task.id(), told -> {}).block())
                    .hasMessageContaining("cancelled");
        }
    }

    @Test
    void cancelsATaskThatTakesLongerThanAnAnswerMay() {
        int before = INTERRUPTED.get();
        MtlsClientTransport through = transport("impatient", with -> with.exchangeTimeout(Duration.ofSeconds(2)));
        try (McpSyncClient client = client(through)) {
            assertThatThrownBy(() -> call(client, "long"))
                    .satisfies(thrown -> assertThat(ConnectionException.in(thrown))
                            .containsInstanceOf(ConnectionException.TimedOut.class));
            assertThat(Station.comesTrue(SOON, () -> INTERRUPTED.get() > before))
                    .isTrue();
        }
    }

    @Test
    void hasNoTasksInTheLegacyEra() {
        MtlsClientTransport legacy = transport("old", with -> with.era(Era.LEGACY));
        try (McpSyncClient client = client(legacy)) {
            MAY_END.release();
            assertThat(said(call(client, "long"))).isEqualTo("done");
            assertThatThrownBy(legacy::tasks)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has no tasks");
        }
    }

    @Test
    void readsOnlyWhatIsATask() {
        Map<String, Object> whole = Map.of("taskId", "a", "status", "working", "pollIntervalMs", 0);

        assertThat(RemoteTask.of(whole).orElseThrow().pollInterval()).isEqualTo(Duration.ofMillis(100));
        for (Map<String, Object> odd : List.<Map<String, Object>>of(
                Map.of(),
                Map.of("taskId", "", "status", "working"),
                Map.of("taskId", 7, "status", "working"),
                Map.of("taskId", "a", "status", "resting"),
                Map.of("taskId", "x".repeat(1_025), "status", "working"))) {
            assertThat(RemoteTask.of(odd)).isEmpty();
        }
    }
}
