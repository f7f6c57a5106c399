// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.settings.Assignment;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ask} with a language model whose answers are written here. */
@Timeout(120)
class AskWithModelIT {

    private static final String CALL = """
        {"tool_calls": [{"index": 0, "id": "c1", "type": "function", \
        "function": {"name": "echo", "arguments": "{\\"text\\": \\"hello\\"}"}}]}\
        """;

    private final Queue<String> deltas = new ConcurrentLinkedQueue<>();
    private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path directory;

    private String store = "";
    private HttpServer model;
    private RunningServers servers;

    @BeforeEach
    void serve() throws Exception {
        store = directory.resolve("store").toString();
        assertThat(Run.of("init", "--dir", store).code()).isZero();
        servers = RunningServers.start(
                Settings.gather(
                        Optional.empty(),
                        Map.of(),
                        List.of(
                                Assignment.ofText(Keys.DIR, store, "test"),
                                Assignment.ofText(Keys.ECHO.listen(), "127.0.0.1:0", "test"))),
                Keys.ECHO);
        model = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        model.createContext("/v1/chat/completions", exchange -> {
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.getRequestBody().readAllBytes();
            String delta = deltas.poll();
            String body = "data: {\"choices\": [{\"index\": 0, \"delta\": " + delta + "}]}\n\ndata: [DONE]\n\n";
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(delta == null ? 500 : 200, 0);
            try (exchange) {
                exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
            }
        });
        model.start();
    }

    @AfterEach
    void close() {
        model.stop(0);
        servers.close();
    }

    private Map<String, String> environment(Map<String, String> more) {
        Map<String, String> environment = new java.util.HashMap<>(Map.of(
                "MCP_MTLS_DIR",
                store,
                "MCP_MTLS_COORDINATOR_SERVERS",
                servers.member("echo").uri().toString(),
                "MCP_MTLS_COORDINATOR_PLANNER",
                "model",
                "MCP_MTLS_COORDINATOR_MODEL_NAME",
                "test-model",
                "MCP_MTLS_COORDINATOR_MODEL_URL",
                "http://127.0.0.1:" + model.getAddress().getPort() + "/v1"));
        environment.putAll(more);
        return environment;
    }

    private Run ask(Map<String, String> more, String... words) {
        List<String> arguments = new ArrayList<>(List.of("ask"));
        arguments.addAll(List.of(words));
        return Run.of(environment(more), arguments.toArray(String[]::new));
    }

    private static String words(String text) {
        return "{\"content\": \"" + text + "\"}";
    }

    @Test
    void printsTheModelsAnswerAndRecordsItsCalls() {
        deltas.addAll(List.of(CALL, words("The server says hello.")));
        Run asked = ask(Map.of(), "-v", "Say hello");
        assertThat(asked.exit()).as(asked.err()).isEqualTo(ExitCode.DONE);
        assertThat(asked.out()).isEqualTo("The server says hello.\n");
        assertThat(asked.err()).contains("echo{text=hello}", "test-model: 2 rounds");

        Run audit = Run.of("audit", "--client", "--action", "call-planned", "--dir", store);
        assertThat(audit.out()).contains("test-model", "echo").doesNotContain("hello");
    }

    @Test
    void wordsArePrintedWhileTheyStreamAndOnlyOnce() throws Exception {
        CountDownLatch printed = new CountDownLatch(1);
        AtomicBoolean wasPrintedFirst = new AtomicBoolean();
        model.removeContext("/v1/chat/completions");
        model.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (exchange) {
                exchange.getResponseBody().write(event(words("Half of it, ")));
                exchange.getResponseBody().flush();
                wasPrintedFirst.set(await(printed));
                exchange.getResponseBody().write(event(words("and the rest.")));
                exchange.getResponseBody().write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
            }
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void flush() {
                if (toString(StandardCharsets.UTF_8).contains("Half of it, ")) {
                    printed.countDown();
                }
            }
        };
        Console console = new Console(InputStream.nullInputStream(), out, new ByteArrayOutputStream());

        assertThat(Cli.run(console, environment(Map.of()), "ask", "Hi")).isZero();
        assertThat(wasPrintedFirst).isTrue();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("Half of it, and the rest.\n");
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static byte[] event(String delta) {
        return ("data: {\"choices\": [{\"index\": 0, \"delta\": " + delta + "}]}\n\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void wordsBeforeACallHaveALineOfTheirOwn() {
        deltas.addAll(List.of("{\"content\": \"I ask.\", " + CALL.strip().substring(1), words("It says hello.")));
        assertThat(ask(Map.of(), "Say hello").out()).isEqualTo("I ask.\nIt says hello.\n");
    }

    @Test
    void jsonHasTheCost() {
        deltas.addAll(List.of(CALL, words("Done.")));
        Run asked = ask(Map.of(), "--json", "Say hello");
        assertThat(asked.out()).contains("\"usage\"", "\"rounds\":2", "\"text\":\"Done.\"");
        assertThat(ask(Map.of("MCP_MTLS_COORDINATOR_PLANNER", "rules"), "--json", "echo hi")
                        .out())
                .doesNotContain("usage");
    }

    @Test
    void whatTheModelWritesReachesTheTerminalCleaned() {
        deltas.add(words("a\\u001b[31mb\\u202e"));
        assertThat(ask(Map.of(), "Hi").out()).doesNotContain("\u001b", "\u202e").contains("a", "b");
    }

    @Test
    void aModelThatFailsLeavesTheQuestionToTheRules() {
        Run asked = ask(Map.of(), "echo hello");
        assertThat(asked.exit()).as(asked.err()).isEqualTo(ExitCode.DONE);
        assertThat(asked.out()).isEqualTo("hello\n");
        assertThat(asked.err()).contains("HTTP status 500", "The rules plan instead.");
    }

    @Test
    void theKeyComesFromAnOwnersFileOrAVariable() throws Exception {
        Path file = Files.writeString(directory.resolve("key"), "sk-file\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        deltas.addAll(List.of(words("1"), words("2")));
        ask(Map.of("MCP_MTLS_COORDINATOR_MODEL_KEY_FILE", file.toString()), "Hi");
        ask(Map.of("MCP_MTLS_COORDINATOR_MODEL_KEY_VARIABLE", "MY_KEY", "MY_KEY", "sk-variable"), "Hi");
        assertThat(authorizations).containsExactly("Bearer sk-file", "Bearer sk-variable");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--rw-"));
        Run exposed = ask(Map.of("MCP_MTLS_COORDINATOR_MODEL_KEY_FILE", file.toString()), "Hi");
        assertThat(exposed.code()).isNotZero();
        assertThat(exposed.err()).contains("key").doesNotContain("sk-file");
        Run absent = ask(Map.of("MCP_MTLS_COORDINATOR_MODEL_KEY_VARIABLE", "NO_KEY"), "Hi");
        assertThat(absent.err()).contains("no variable NO_KEY");
    }

    @Test
    void aKeyDoesNotGoOverTheNetworkInClearText() {
        Run refused = ask(
                Map.of(
                        "MCP_MTLS_COORDINATOR_MODEL_URL",
                        "http://192.0.2.1/v1",
                        "MCP_MTLS_COORDINATOR_MODEL_KEY_VARIABLE",
                        "MY_KEY",
                        "MY_KEY",
                        "sk-variable"),
                "Hi");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("clear text", "use https").doesNotContain("sk-variable");
    }

    @Test
    void questionsDoNeitherWhereTheModelHasNoKey() {
        Run refused = ask(Map.of("MCP_MTLS_COORDINATOR_MODEL_URL", "http://192.0.2.1/v1"), "Hi");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("questions, results", "clear text", "use https");
    }

    @Test
    void aModelNeedsAName() {
        Run nameless = Run.of(Map.of("MCP_MTLS_DIR", store), "ask", "--planner", "model", "Hi");
        assertThat(nameless.err()).contains("--planner", "coordinator.model.name");
    }

    @Test
    void withoutAQuestionItIsAConversation() {
        deltas.addAll(List.of(words("Hello."), words("Bye.")));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream("Hi\n\nAnd now?\nexit\nnever\n".getBytes(StandardCharsets.UTF_8)), out, err);
        int code = Cli.run(console, environment(Map.of()), "ask");
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("Hello.\nBye.\n");
        assertThat(authorizations).hasSize(2);
    }
}
