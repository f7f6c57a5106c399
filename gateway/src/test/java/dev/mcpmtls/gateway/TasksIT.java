// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.combine.CombinedBackend;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.Task;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks of a server that all callers share: each caller has its own, under names that only this gateway knows. */
@Timeout(60)
class TasksIT {

    private static final String META = """
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
        "io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}\
        """;

    private static final Semaphore MAY_END = new Semaphore(0);
    private static final Queue<String> INTERRUPTED = new ConcurrentLinkedQueue<>();
    private static MtlsServerTransport longRunning;

    private static MtlsServerTransport upstream() {
        MtlsServerTransport transport = MtlsServerTransport.builder()
                .tls(profile("upstream", Front.CA.server("upstream")))
                .build();
        McpServer.sync(transport)
                .serverInfo("long-mcp", "1")
                .immediateExecution(true)
                .capabilities(McpSchema.ServerCapabilities.builder().tools(true).build())
                .toolCall(
                        McpSchema.Tool.builder("index", Map.of("type", "object"))
                                .build(),
                        (exchange, call) -> {
                            Task.begin(exchange).orRefuse();
                            try {
                                MAY_END.acquire();
                            } catch (InterruptedException e) {
                                INTERRUPTED.add(call.name());
                            }
                            return McpSchema.CallToolResult.builder()
                                    .addTextContent("indexed")
                                    .build();
                        })
                .build();
        transport.start();
        return transport;
    }

    private static TlsProfile profile(String name, Issued issued) {
        Credential credential = Credential.of(name, issued.privateKey(), new Chain(issued.chain()));
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(Front.CA.certificate()))), InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(credential), verifier).build();
    }

    @BeforeAll
    static void open() {
        longRunning = upstream();
    }

    @AfterAll
    static void close() {
        longRunning.shutdown(Duration.ZERO).join();
    }

    private static Front front(boolean isCombined) {
        return front(isCombined, settings -> settings);
    }

    private static Front front(boolean isCombined, UnaryOperator<MtlsServerTransport.Builder> settings) {
        Function<Gateway, Backend> upstream = gateway -> gateway.url(
                "long",
                longRunning.uri(),
                Map::of,
                Optional.of(profile("gateway", Front.CA.client("gateway"))),
                Duration.ofMinutes(5),
                Duration.ofSeconds(30));
        return isCombined
                ? Front.of(
                        gateway -> {
                            Map<String, Backend> members = new LinkedHashMap<>();
                            members.put("long", upstream.apply(gateway));
                            return new CombinedBackend("all", members);
                        },
                        settings)
                : Front.of(upstream, settings);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void passesOnTheTasksOfEachCallerToThatCallerAlone(boolean isCombined) throws Exception {
        String tool = isCombined ? "long__index" : "index";
        try (Front front = front(isCombined)) {
            Agent alice = front.agent("alice");
            Agent bob = front.agent("bob");
            assertThat(alice.modern("server/discover", "", "")
                            .json()
                            .at("/result/capabilities/extensions/io.modelcontextprotocol~1tasks")
                            .isObject())
                    .isTrue();

            Answer created = send(alice, "tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":{}");
            String id = created.json().at("/result/taskId").asString();
            assertThat(created.json().at("/result/resultType").asString())
                    .as(created.body())
                    .isEqualTo("task");
            for (String method : List.of("tasks/get", "tasks/update", "tasks/cancel")) {
                Answer another = ask(bob, method, id);
                assertThat(another.json().at("/error/code").asInt()).isEqualTo(-32602);
                assertThat(another.body()).isEqualTo(ask(bob, method, "AAAA").body());
            }
            assertThat(ask(alice, "tasks/list", id).json().at("/error/code").asInt())
                    .isEqualTo(-32601);
            Answer working = ask(alice, "tasks/get", id);
            assertThat(working.json().at("/result/status").asString()).isEqualTo("working");
            assertThat(working.json().at("/result/taskId").asString()).isEqualTo(id);
            MAY_END.release();
            assertThat(Front.comesTrue(() -> isOver(alice, id))).isTrue();
            assertThat(ask(front.agent("alice"), "tasks/get", id)
                            .json()
                            .at("/result/result/content/0/text")
                            .asString())
                    .isEqualTo("indexed");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancelsTheTaskAtItsServer(boolean isCombined) throws Exception {
        String tool = isCombined ? "long__index" : "index";
        try (Front front = front(isCombined)) {
            Agent alice = front.agent("alice");
            INTERRUPTED.clear();
            String id = send(alice, "tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":{}")
                    .json()
                    .at("/result/taskId")
                    .asString();

            assertThat(ask(alice, "tasks/cancel", id)
                            .json()
                            .at("/result/resultType")
                            .asString())
                    .isEqualTo("complete");

            assertThat(Front.comesTrue(() -> !INTERRUPTED.isEmpty())).isTrue();
            assertThat(ask(alice, "tasks/get", id).json().at("/result/status").asString())
                    .isEqualTo("cancelled");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancelsTheTaskAtItsServerWhenThereIsNoRoomForItHere(boolean isCombined) throws Exception {
        String tool = isCombined ? "long__index" : "index";
        String call = "\"name\":\"" + tool + "\",\"arguments\":{}";
        try (Front front = front(
                isCombined,
                settings -> settings.limits(Limits.builder().tasksPerIdentity(1).build()))) {
            Agent alice = front.agent("alice");
            INTERRUPTED.clear();
            String id = send(alice, "tools/call", tool, call)
                    .json()
                    .at("/result/taskId")
                    .asString();

            Answer refused = send(alice, "tools/call", tool, call);

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.body()).contains("tasks/cancel");
            assertThat(Front.comesTrue(() -> INTERRUPTED.size() == 1)).isTrue();
            assertThat(ask(alice, "tasks/get", id).json().at("/result/status").asString())
                    .isEqualTo("working");
            ask(alice, "tasks/cancel", id);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hasNoTasksForALegacyClient(boolean isCombined) throws Exception {
        try (Front front = front(isCombined)) {
            Agent alice = front.agent("alice");
            assertThat(alice.initialize().body()).doesNotContain("io.modelcontextprotocol/tasks");
            String refused = alice.post(
                            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tasks/get\",\"params\":{\"taskId\":\"long__a\"}}")
                    .body();
            assertThat(refused).contains("-32601");
        }
    }

    private static boolean isOver(Agent agent, String id) {
        return ask(agent, "tasks/get", id)
                .json()
                .at("/result/status")
                .asString()
                .equals("completed");
    }

    private static Answer ask(Agent agent, String method, String id) {
        String more = method.equals("tasks/update") ? ",\"inputResponses\":{}" : "";
        return send(agent, method, id, "\"taskId\":\"" + id + "\"" + more);
    }

    private static Answer send(Agent agent, String method, String name, String params) {
        try {
            return agent.post(
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + params + "," + META
                            + "}}",
                    "MCP-Protocol-Version",
                    "2026-07-28",
                    "Mcp-Method",
                    method,
                    "Mcp-Name",
                    name);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
