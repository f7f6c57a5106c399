// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

// In a thread of its own, because a response stream of the JDK ignores interrupts.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ModernRequestIT {

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final Station station = Station.open(server -> {
        Station.tool(
                        "who",
                        (exchange, call) -> Caller.from(exchange.transportContext())
                                .peer()
                                .identity()
                                .text())
                .apply(server);
        Station.chatty().apply(server);
        Station.tool("fails", (exchange, call) -> {
                    throw new IllegalStateException("jdbc:secret");
                })
                .apply(server);
        server.toolCall(
                McpSchema.Tool.builder("unspeakable", Map.of("type", "object")).build(),
                (exchange, call) -> McpSchema.CallToolResult.builder()
                        .structuredContent(Map.of("unspeakable", new Unspeakable()))
                        .build());
        server.toolCall(
                McpSchema.Tool.builder(
                                "mirrors",
                                Map.of("properties", Map.of("n", Map.of("type", "integer", "x-mcp-header", "Count"))))
                        .build(),
                (exchange, call) -> Station.text("mirrored"));
        return Station.stuck(entered, interrupted).apply(server);
    });

    private final Agent alice = station.agent("alice");

    @AfterEach
    void close() {
        station.close();
    }

    @Test
    void answersWithoutASession() throws Exception {
        Answer answer = alice.send(alice.modernCall("who", ""));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("mcp-session-id")).isEmpty();
        assertThat(answer.json().at("/result/resultType").asString()).isEqualTo("complete");
        assertThat(answer.json().at("/result/content/0/text").asString()).isEqualTo("spiffe://demo.local/agent/alice");
        assertThat(answer.json()
                        .at("/result/_meta/io.modelcontextprotocol~1serverInfo/name")
                        .asString())
                .isEqualTo("station");
    }

    @Test
    void listsPrivatelyAndInAStableOrder() throws Exception {
        Answer answer = alice.send(alice.modern("tools/list", "", ""));

        List<String> names = answer.json().at("/result/tools").values().stream()
                .map(tool -> tool.at("/name").asString())
                .toList();
        assertThat(names).isSorted().contains("who", "chatty");
        assertThat(answer.json().at("/result/cacheScope").asString()).isEqualTo("private");
        assertThat(answer.json().at("/result/ttlMs").asInt()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "MCP-Protocol-Version, 2025-11-25, -32020, 400",
        "Mcp-Method, tools/list, -32020, 400",
        "Mcp-Method, TOOLS/CALL, -32020, 400",
        "Mcp-Name, other, -32020, 400",
        "Mcp-Name, =?base64?d2hv, -32020, 400",
    })
    void refusesHeadersThatDisagreeWithTheBody(String header, String value, int code, int status) throws Exception {
        Answer answer = alice.send(alice.modernCall("who", "").setHeader(header, value));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(code);
        assertThat(answer.json().at("/id").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"MCP-Protocol-Version, 2026-07-28", "Mcp-Method, tools/call", "Mcp-Name, who"})
    void refusesAHeaderThatIsThereTwice(String header, String value) throws Exception {
        Answer answer = alice.send(alice.modernCall("who", "").header(header, value));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32020);
    }

    @Test
    void comparesAnEncodedNameDecoded() throws Exception {
        assertThat(alice.send(alice.modernCall("who", "").setHeader("Mcp-Name", "=?base64?d2hv?="))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"42, 42, 200", "42, 42.0, 200", "42, 43, 400", "42, '', 400", "42, x, 400"})
    void comparesMirroredArguments(int argument, String header, int status) throws Exception {
        var request =
                alice.modern("tools/call", "mirrors", "\"name\":\"mirrors\",\"arguments\":{\"n\":" + argument + "}");
        if (!header.isEmpty()) {
            request.setHeader("Mcp-Param-Count", header);
        }

        assertThat(alice.send(request).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"arguments\":\"text\"",
                "\"arguments\":[1]",
                "\"arguments\":{},\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        + "\"io.modelcontextprotocol/clientCapabilities\":{},"
                        + "\"io.modelcontextprotocol/logLevel\":\"loud\"}",
            })
    void refusesParametersOfAnotherForm(String params) throws Exception {
        String meta = params.contains("_meta") ? "" : ',' + Agent.META;
        Answer answer = alice.send(alice.modernCall("who", "")
                .POST(BodyPublishers.ofString(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"who\"," + params
                                + meta + "}}")));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32602);
    }

    @Test
    void refusesWhatTheVersionDoesNotHave() throws Exception {
        for (String method : List.of("ping", "initialize", "logging/setLevel", "prompts/list", "no/such")) {
            Answer answer = alice.send(alice.modern(method, "", ""));
            assertThat(answer.status()).as(method).isEqualTo(404);
            assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32601);
        }
        assertThat(alice.send(alice.request("MCP-Protocol-Version", "2026-07-28")
                                .GET())
                        .status())
                .isEqualTo(405);
    }

    @Test
    void passesLogsOnOnlyWhenAskedFor() throws Exception {
        Answer silent = alice.send(alice.modernCall("chatty", ""));
        String body =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"chatty\",\"_meta\":{"
                        + "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        + "\"io.modelcontextprotocol/clientCapabilities\":{},"
                        + "\"io.modelcontextprotocol/logLevel\":\"info\"}}}";
        Answer logged = alice.send(alice.modernCall("chatty", "").POST(BodyPublishers.ofString(body)));

        assertThat(silent.header("content-type")).isEqualTo("application/json");
        assertThat(logged.header("content-type")).isEqualTo("text/event-stream");
        assertThat(logged.events().get(0).at("/method").asString()).isEqualTo("notifications/message");
        assertThat(logged.http().body()).doesNotContain("id: ");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'\"progressToken\":\"t\"', 200",
                "'\"progressToken\":7', 200",
                "'\"progressToken\":{}', 400",
                "'\"progressToken\":1.5', 400",
                "'\"progressToken\":null', 400",
                "'\"io.modelcontextprotocol/logLevel\":\"info\"', 200",
                "'\"io.modelcontextprotocol/logLevel\":\"loud\"', 400",
            })
    void takesOnlyMetadataOfTheRightForm(String member, int status) throws Exception {
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"who","arguments":{},%s}}\
            """.formatted(Agent.META.replace("\"_meta\":{", "\"_meta\":{" + member + ","));

        Answer answer = alice.send(alice.modernCall("who", "").POST(BodyPublishers.ofString(body)));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(status == 200 ? 0 : -32602);
    }

    @Test
    void refusesAClientThatIntroducesItselfWithAWord() throws Exception {
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"who","arguments":{},%s}}\
            """.formatted(Agent.META.replace("{\"name\":\"agent\",\"version\":\"1\"}", "\"agent\""));

        assertThat(alice.send(alice.modernCall("who", "").POST(BodyPublishers.ofString(body)))
                        .json()
                        .at("/error/code")
                        .asInt())
                .isEqualTo(-32602);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"toolsListChanged\":\"yes\"}",
                "{\"resourceSubscriptions\":\"mem:a\"}",
                "{\"resourceSubscriptions\":[1]}",
                "[]"
            })
    void refusesASubscriptionOfAnotherForm(String filter) throws Exception {
        Answer answer = alice.send(alice.modern("subscriptions/listen", "", "\"notifications\":" + filter));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32602);
    }

    @Test
    void stopsTheHandlerWhenItsClientGoes() throws Exception {
        try (Socket socket = station.socket("alice")) {
            socket.getOutputStream().write(Agent.raw("stuck").getBytes(StandardCharsets.UTF_8));
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void keepsOurInsidesOutOfErrors() throws Exception {
        Answer answer = alice.send(alice.modernCall("fails", ""));

        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32603);
        assertThat(answer.http().body()).doesNotContain("secret").doesNotContain("Exception");
    }

    @Test
    void answersEvenWhenTheResultCannotBeWritten() throws Exception {
        Answer answer = alice.send(alice.modernCall("unspeakable", ""));

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.json().at("/id").asInt()).isEqualTo(1);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32603);
    }

    /** No JSON. */
    public static final class Unspeakable {
        public String getText() {
            throw new IllegalStateException("jdbc:secret");
        }
    }

    @Test
    void tellsSubscribersWhatTheySubscribedTo() throws Exception {
        Iterator<String> tools = alice.stream(
                        alice.modern("subscriptions/listen", "", "\"notifications\":{\"toolsListChanged\":true}"))
                .filter(line -> line.startsWith("data: "))
                .iterator();
        String acknowledged = tools.next();

        station.server().removeTool("who");

        assertThat(acknowledged).contains("subscriptions/acknowledged", "\"toolsListChanged\":true");
        assertThat(tools.next())
                .contains("notifications/tools/list_changed", "\"io.modelcontextprotocol/subscriptionId\":1");
        station.transport().shutdown(java.time.Duration.ofSeconds(5));
        assertThat(tools.next()).contains("notifications/cancelled");
        assertThat(tools.next()).contains("\"resultType\":\"complete\"");
        assertThat(tools.hasNext()).isFalse();
    }

    /** The change comes before the acknowledgement has left. */
    @Test
    void acknowledgesASubscriptionBeforeWhatItTellsAndMissesNothing() throws Exception {
        AtomicReference<Runnable> change = new AtomicReference<>();
        Observer observer = new Observer() {
            @Override
            public Observation received(Operation operation, UnaryOperator<String> headers) {
                return new Observation() {
                    @Override
                    public void end() {
                        CompletableFuture.runAsync(change.get()).join();
                    }
                };
            }
        };
        try (Station changing = Station.open(
                settings -> settings.observer(observer),
                server -> Station.tool("who", (exchange, call) -> "who").apply(server))) {
            change.set(() -> changing.server().removeTool("who"));
            Agent carol = changing.agent("carol");

            List<String> told = carol.stream(
                            carol.modern("subscriptions/listen", "", "\"notifications\":{\"toolsListChanged\":true}"))
                    .filter(line -> line.startsWith("data: "))
                    .limit(2)
                    .toList();

            assertThat(told.get(0)).contains("subscriptions/acknowledged");
            assertThat(told.get(1)).contains("notifications/tools/list_changed");
            change.set(() -> {}); // the stream's own end
        }
    }

    @Test
    void showsAndServesOnlyWhatThePolicyPermits() throws Exception {
        AccessPolicy whoOnly =
                (caller, call) -> call.target().isEmpty() || call.target().equals("who")
                        ? new Decision.Permit()
                        : new Decision.Deny("only 'who' is for you");
        try (Station guarded = Station.open(
                settings -> settings.accessPolicy(whoOnly),
                server -> Station.tool("other", (exchange, call) -> "other")
                        .apply(Station.tool("who", (exchange, call) -> "who").apply(server)))) {
            Agent carol = guarded.agent("carol");

            Answer denied = carol.send(carol.modernCall("other", ""));

            assertThat(carol.send(carol.modern("tools/list", "", "")).http().body())
                    .contains("who")
                    .doesNotContain("other");
            assertThat(carol.send(carol.modernCall("who", "")).status()).isEqualTo(200);
            assertThat(denied.status()).isEqualTo(403);
            assertThat(denied.json().at("/error/message").asString()).isEqualTo("only 'who' is for you");
            assertThat(guarded.events())
                    .anyMatch(event -> event instanceof AuditEvent.CallDecided decided
                            && decided.decision() instanceof Decision.Deny);
        }
    }

    @Test
    void servesNobodyWithoutASecurityLog() throws Exception {
        try (Station mute = Station.open(
                settings -> settings.audit(event -> CompletableFuture.failedFuture(
                        new AuditUnavailableException("disk full", new IOException("no space")))),
                server -> Station.tool("who", (exchange, call) -> "who").apply(server))) {
            Agent dave = mute.agent("dave");

            var refused = dave.send(dave.modernCall("who", ""));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(dave.initialize("2025-11-25").status()).isEqualTo(503);
        }
    }

    @Test
    void doesNotWaitForeverForASecurityLogThatHangs() throws Exception {
        try (Station hanging = Station.open(
                settings -> settings.limits(Limits.builder()
                                .auditTimeout(Duration.ofMillis(300))
                                .build())
                        .audit(event -> new CompletableFuture<>()),
                server -> Station.tool("who", (exchange, call) -> "who").apply(server))) {
            Agent dave = hanging.agent("dave");

            assertThat(dave.send(dave.modernCall("who", "")).status()).isEqualTo(503);
            assertThat(dave.initialize("2025-11-25").status()).isEqualTo(503);
        }
    }
}
