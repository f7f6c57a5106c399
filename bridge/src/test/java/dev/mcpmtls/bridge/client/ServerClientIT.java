// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.connect.ScriptedServer;
import dev.mcpmtls.bridge.connect.ScriptedServer.Received;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.RawObject;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program asks servers of both eras, friendly and hostile ones. */
@Timeout(60)
class ServerClientIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("client tests");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String ECHO =
            "{\"name\":\"echo\",\"description\":\"says it\",\"inputSchema\":{\"type\":\"object\"}}";
    private static final String SAID = "{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}";

    @TempDir
    private Path directory;

    private final List<AuditEvent> recorded = new CopyOnWriteArrayList<>();
    private final List<String> notices = new CopyOnWriteArrayList<>();
    private ScriptedServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer(CA.server("s"), CA.certificate(), 0, ServerClientIT::modern);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static void modern(Received request) throws IOException {
        if (request.says("server/discover")) {
            result(
                    request,
                    "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},"
                            + "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"m\",\"version\":\"2\"}}}");
        } else {
            result(request, request.says("tools/list") ? "{\"tools\":[" + ECHO + "]}" : SAID);
        }
    }

    private static void legacy(Received request) throws IOException {
        if (request.says("server/discover")) {
            request.status(400);
        } else if (request.says("\"initialize\"")) {
            request.exchange().getResponseHeaders().set("Mcp-Session-Id", "s1");
            result(
                    request,
                    "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
                            + "\"serverInfo\":{\"name\":\"l\",\"version\":\"1\"}}");
        } else if (request.says("\"id\"")) {
            result(request, request.says("tools/list") ? "{\"tools\":[" + ECHO + "]}" : SAID);
        } else {
            request.status(202);
        }
    }

    private static void result(Received request, String result) throws IOException {
        request.json(200, "{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ",\"result\":" + result + "}");
    }

    private static void error(Received request, int status, int code, String message) throws IOException {
        request.json(
                status,
                "{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ",\"error\":{\"code\":" + code + ",\"message\":"
                        + RawObject.quoted(message) + "}}");
    }

    private static String id(Received request) {
        return RawObject.parse(request.body()).raw("id").orElseThrow();
    }

    private ServerClient open() throws IOException {
        return open(server.url(), CA.client("c"), PATIENCE, Optional.empty());
    }

    private ServerClient open(URI url, Issued own, Duration patience, Optional<ToolPins> pins) throws IOException {
        Path written = own.writeTo(directory, CA.certificate());
        ServerWatch watch = new ServerWatch(event -> {
            recorded.add(event);
            return CompletableFuture.completedFuture(null);
        });
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(TrustAnchors.load(written.resolve(TrustAnchors.FILE))), InstantSource.system());
        TlsProfile tls = TlsProfile.builder(CredentialSource.fixed(Credential.load(written)), verifier)
                .engine(TlsEngine.JDK)
                .audit(watch)
                .build();
        Asker asker = new Asker("t", "1", patience, Observer.NONE, notices::add);
        return ServerClient.open(url, tls, watch, asker, pins);
    }

    private static Outage outage(ThrowingCallable act) {
        List<Outage> thrown = new ArrayList<>();
        assertThatThrownBy(act).isInstanceOfSatisfying(Outage.class, thrown::add);
        return thrown.get(0);
    }

    @Test
    void callsAModernServerWithItsMetadataAndHeaders() throws Exception {
        try (ServerClient client = open()) {
            assertThat(client.introduction().name()).isEqualTo("m");
            assertThat(client.introduction().revision()).isEqualTo("2026-07-28");
            assertThat(client.list(Method.TOOLS_LIST, "tools"))
                    .singleElement()
                    .satisfies(tool -> assertThat(tool).containsEntry("description", "says it"));

            Called called = client.call("echo", Map.of("text", "hello"));

            assertThat(called)
                    .isInstanceOfSatisfying(
                            Called.Answered.class,
                            answered -> assertThat(answered.result()).containsKey("content"));
            assertThat(client.connected().peer().identity().text()).contains("s");
        }
        Received call = server.next("tools/call");
        assertThat(call.header("Mcp-Name")).isEqualTo("echo");
        assertThat(call.header("MCP-Protocol-Version")).isEqualTo("2026-07-28");
        assertThat(call.body()).contains("\"io.modelcontextprotocol/tasks\"", "\"text\":\"hello\"");
        assertThat(server.received).extracting(Received::method).containsOnly("POST");
    }

    @Test
    void keepsASessionOfALegacyServerAndEndsIt() throws Exception {
        server.script(ServerClientIT::legacy);

        try (ServerClient client = open()) {
            assertThat(client.introduction().isModern()).isFalse();
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);
            assertThat(outage(client::tasks)).hasMessageContaining("2025-06-18, which has no tasks");
        }

        assertThat(server.next("tools/call").header("Mcp-Session-Id")).isEqualTo("s1");
        assertThat(server.next("DELETE").header("Mcp-Session-Id")).isEqualTo("s1");
        assertThat(server.received)
                .as("no stream for what nobody hears")
                .noneMatch(request -> request.method().equals("GET"));
    }

    @Test
    void answersPingsAndRefusesQuestionsOfALegacyServer() throws Exception {
        server.script(request -> {
            if (!request.says("tools/call")) {
                legacy(request);
                return;
            }
            OutputStream stream = request.stream();
            Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"id\":71,\"method\":\"ping\"}");
            Received.event(
                    stream, "", "{\"jsonrpc\":\"2.0\",\"id\":72,\"method\":\"elicitation/create\",\"params\":{}}");
            Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"id\":\"other\",\"result\":{\"content\":[]}}");
            Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ",\"result\":" + SAID + "}");
            stream.close();
        });

        try (ServerClient client = open()) {
            assertThat(client.call("echo", Map.of()))
                    .isInstanceOfSatisfying(
                            Called.Answered.class,
                            answered -> assertThat(answered.result().toString()).contains("hello"));
        }

        assertThat(server.next("\"id\":71").body()).contains("\"result\":{}");
        assertThat(server.next("\"id\":72").body()).contains("-32601");
    }

    @Test
    void tellsErrorsInTheServersWordsMadePrintable() throws Exception {
        try (ServerClient client = open()) {
            server.script(request -> error(request, 403, 403, "no\u001b[2J rule"));

            assertThatThrownBy(() -> client.call("echo", Map.of()))
                    .isInstanceOfSatisfying(
                            ServerErrorException.class,
                            refused -> assertThat(refused.code()).isEqualTo(403))
                    .hasMessageContaining("rule")
                    .hasMessageNotContaining("\u001b");
        }
    }

    @Test
    void tellsHttpErrorsThatAreNoMcp() throws Exception {
        try (ServerClient client = open()) {
            server.script(request -> request.send(404, "text/html", "<b>it's gone</b>"));
            Outage lost = outage(() -> client.list(Method.TOOLS_LIST, "tools"));
            assertThat(lost.kind()).isEqualTo(Outage.Kind.UNUSABLE_ANSWER);
            assertThat(lost).hasMessageContaining("HTTP status 404", "check the path, usually /mcp");

            server.script(request -> {
                request.exchange().getResponseHeaders().set("Location", "https://elsewhere/mcp");
                request.status(307);
            });
            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools")))
                    .hasMessageContaining("a redirect to 'https://elsewhere/mcp'");
        }
    }

    @Test
    void saysThatALegacyServerRefusesToBegin() {
        server.script(request -> error(request, 200, -32603, "not today"));

        assertThat(outage(this::open))
                .hasMessageContaining("it refused to begin (error -32603 to initialize): not today");
    }

    @Test
    void refusesARevisionThatItDoesNotSpeak() {
        server.script(request -> {
            if (request.says("\"initialize\"")) {
                result(request, "{\"protocolVersion\":\"1999-01-01\",\"capabilities\":{}}");
            } else {
                legacy(request);
            }
        });
        assertThat(outage(this::open)).hasMessageContaining("'1999-01-01'");

        server.script(request -> result(request, "{\"supportedVersions\":[\"2099-01-01\"]}"));
        assertThat(outage(this::open)).hasMessageContaining("2099-01-01");
    }

    @Test
    void givesUpAnAnswerThatDripsForEver() throws Exception {
        try (ServerClient client = open(server.url(), CA.client("c"), Duration.ofSeconds(1), Optional.empty())) {
            server.script(request -> {
                OutputStream stream = request.stream();
                while (true) {
                    Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}");
                    Thread.sleep(50);
                }
            });

            Outage late = outage(() -> client.call("echo", Map.of()));

            assertThat(late.kind()).isEqualTo(Outage.Kind.TIMED_OUT);
            assertThat(late).hasMessageContaining("within 1 second");
        }
    }

    @Test
    void givesUpAServerThatShakesNoHands() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("https://localhost:" + silent.getLocalPort() + "/mcp");

            Outage late = outage(() -> open(url, CA.client("c"), Duration.ofSeconds(1), Optional.empty()));

            assertThat(late.kind()).isEqualTo(Outage.Kind.NOT_REACHED);
            assertThat(late).hasMessageContaining(url + " took too long: no connection within 1 second");
        }
    }

    @Test
    void saysWhoRefusedWhom() {
        Outage refused =
                outage(() -> open(server.url(), ThrowawayCa.root("strangers").client("x"), PATIENCE, Optional.empty()));
        assertThat(refused.kind()).isEqualTo(Outage.Kind.REFUSED_BY_PEER);
        assertThat(refused).hasMessageContaining("refused our certificate");

        Outage unknown = outage(() -> {
            try (ScriptedServer stranger = new ScriptedServer(
                    ThrowawayCa.root("others").server("o"), CA.certificate(), 0, ServerClientIT::modern)) {
                open(stranger.url(), CA.client("c"), PATIENCE, Optional.empty()).close();
            }
        });
        assertThat(unknown.kind()).isEqualTo(Outage.Kind.PEER_REFUSED);
        assertThat(unknown).hasMessageContaining("refused the server");
        assertThat(server.received).isEmpty();
    }

    @Test
    void doesNotRepeatACallThatWasCutOff() throws Exception {
        try (ServerClient client = open()) {
            client.list(Method.TOOLS_LIST, "tools");
            server.script(request -> {
                request.stream();
                request.cut();
            });

            assertThat(outage(() -> client.call("echo", Map.of())).kind()).isEqualTo(Outage.Kind.MAY_HAVE_RUN);
            assertThat(server.received)
                    .filteredOn(request -> request.says("tools/call"))
                    .hasSize(1);
        }
    }

    /** Each of its questions alone may be answered as slowly as that. */
    @Test
    void isNotHeldUpByQuestionsWhoseAnswersAreNotTaken() throws Exception {
        server.script(request -> {
            if (request.says("tools/call")) {
                StringBuilder questions = new StringBuilder();
                for (int id = 0; id < 200; id++) {
                    questions.append("data: {\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"ping\"}\n\n");
                }
                OutputStream stream = request.stream();
                stream.write(questions.toString().getBytes(StandardCharsets.US_ASCII));
                stream.flush();
                server.untilClosed();
            } else if (request.says("\"result\":{}")) {
                server.untilClosed();
            } else {
                legacy(request);
            }
        });
        try (ServerClient client = open(server.url(), CA.client("c"), Duration.ofSeconds(2), Optional.empty())) {
            assertThat(outage(() -> client.call("echo", Map.of())).kind()).isEqualTo(Outage.Kind.TIMED_OUT);
        }
    }

    @Test
    void givesUpAListWhosePagesTogetherAreLargerThanAMessageMayBe() throws Exception {
        String tool = "{\"name\":\"t\",\"description\":\"" + "x".repeat(Wire.MAX_MESSAGE / 4) + "\"}";
        AtomicInteger page = new AtomicInteger();
        try (ServerClient client = open()) {
            server.script(request -> result(
                    request,
                    "{\"tools\":[" + tool + "]"
                            + (page.incrementAndGet() == 3 ? "" : ",\"nextCursor\":\"" + page + "\"") + "}"));
            assertThat(client.list(Method.TOOLS_LIST, "tools")).hasSize(3);

            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools")))
                    .hasMessageContaining("more than 16777216 characters");
            assertThat(page).hasValue(7);
        }
    }

    @Test
    void learnsNoMoreOfTheToolsForACallThanAMessageMayHave() throws Exception {
        String large = "x".repeat(Wire.MAX_MESSAGE / 2);
        AtomicInteger page = new AtomicInteger();
        server.script(request -> {
            if (request.says("tools/list")) {
                String tool = "{\"name\":\"" + large + page + "\",\"inputSchema\":{\"type\":\"object\"}}";
                result(request, "{\"tools\":[" + tool + "],\"nextCursor\":\"" + page.incrementAndGet() + "\"}");
            } else {
                modern(request);
            }
        });
        try (ServerClient client = open()) {
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);
            assertThat(page).hasValue(2);
        }
    }

    @Test
    void gathersPagesAndGivesUpALoop() throws Exception {
        try (ServerClient client = open()) {
            server.script(request -> result(
                    request,
                    "{\"tools\":[" + ECHO + "]" + (request.says("\"p2\"") ? "" : ",\"nextCursor\":\"p2\"") + "}"));
            assertThat(client.list(Method.TOOLS_LIST, "tools")).hasSize(2);

            server.script(request -> result(request, "{\"tools\":[],\"nextCursor\":\"again\"}"));
            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools")))
                    .hasMessageContaining("comes back to the cursor 'again'");

            AtomicInteger page = new AtomicInteger();
            server.script(
                    request -> result(request, "{\"tools\":[],\"nextCursor\":\"" + page.incrementAndGet() + "\"}"));
            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools"))).hasMessageContaining("100 pages");
            assertThat(client.list(Method.PROMPTS_LIST, "prompts")).isEmpty();
        }
    }

    @Test
    void callsAgainWhereTheServerWantsThatAndRefusesItsQuestions() throws Exception {
        AtomicInteger rounds = new AtomicInteger();
        try (ServerClient client = open()) {
            server.script(request -> result(
                    request,
                    request.says("\"requestState\":\"later\"")
                            ? SAID
                            : "{\"resultType\":\"input_required\",\"requestState\":\"later\"}"));
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);

            server.script(
                    request -> result(
                            request,
                            "{\"resultType\":\"input_required\",\"inputRequests\":{\"a\":{\"method\":\"elicitation/create\"}}}"));
            assertThat(outage(() -> client.call("echo", Map.of())))
                    .hasMessageContaining("input, which a command cannot give: elicitation/create");

            server.script(request -> {
                rounds.incrementAndGet();
                result(request, "{\"resultType\":\"input_required\"}");
            });
            assertThat(outage(() -> client.call("echo", Map.of()))).hasMessageContaining("16 times");
            assertThat(rounds).hasValue(16);
        }
    }

    @Test
    void followsATask() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ServerClient client = open()) {
            client.list(Method.TOOLS_LIST, "tools");
            server.script(request -> {
                String task = "{\"taskId\":\"t1\",\"pollIntervalMs\":100,\"resultType\":\"%s\",\"status\":\"%s\"%s}";
                if (request.says("tools/call")) {
                    result(request, task.formatted("task", "working", ""));
                } else if (asked.incrementAndGet() < 3) {
                    result(request, task.formatted("complete", "working", ""));
                } else {
                    result(request, task.formatted("complete", "completed", ",\"result\":" + SAID));
                }
            });
            List<TaskState> told = new ArrayList<>();

            assertThat(client.call("echo", Map.of()))
                    .isInstanceOfSatisfying(
                            Called.Begun.class,
                            begun -> assertThat(begun.task().id()).isEqualTo("t1"));
            assertThat(client.tasks().await("t1", told::add, Optional.empty()))
                    .get()
                    .asString()
                    .contains("hello");
            assertThat(told).hasSize(3);

            asked.set(-1_000_000);
            assertThat(client.tasks().await("t1", state -> {}, Optional.of(Duration.ofMillis(250))))
                    .isEmpty();

            server.script(request -> result(request, "{\"taskId\":\"another\",\"status\":\"working\"}"));
            assertThat(outage(() -> client.tasks().get("t1"))).hasMessageContaining("the task that was asked for");
        }
    }

    @Test
    void callsWhatIsAsItWasPinnedAndWithholdsTheRest() throws Exception {
        ToolPins pins = ToolPins.approving(
                ToolPins.key(server.url()),
                Optional.empty(),
                List.of(Map.of("name", "echo", "description", "says it", "inputSchema", Map.of("type", "object"))));
        try (ServerClient client = open(server.url(), CA.client("c"), PATIENCE, Optional.of(pins))) {
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);
            assertThat(client.withheld()).isEmpty();
        }
        server.received.clear();
        server.script(request -> {
            if (request.says("tools/list")) {
                result(request, "{\"tools\":[" + ECHO.replace("says it", "sends it to me") + "]}");
            } else {
                modern(request);
            }
        });

        try (ServerClient client = open(server.url(), CA.client("c"), PATIENCE, Optional.of(pins))) {
            Outage withheld = outage(() -> client.call("echo", Map.of()));

            assertThat(withheld.kind()).isEqualTo(Outage.Kind.TOOL_WITHHELD);
            assertThat(client.withheld()).hasSize(1);
            assertThat(client.list(Method.TOOLS_LIST, "tools")).isEmpty();
        }
        assertThat(server.received).noneMatch(request -> request.says("tools/call"));
        assertThat(recorded).hasAtLeastOneElementOfType(AuditEvent.ToolChanged.class);
    }
}
