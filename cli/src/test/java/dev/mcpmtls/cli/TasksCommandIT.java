// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.Task;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person begins long calls, asks for them from other commands, and gives them up. */
class TasksCommandIT {

    private static final Semaphore MAY_END = new Semaphore(0);

    @TempDir
    private static Path store;

    private static MtlsServerTransport server;

    @BeforeAll
    static void serve() {
        assertThat(Run.of("init", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        Path echo = store.resolve("credentials/echo");
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(TrustAnchors.load(echo.resolve("ca.crt"))), InstantSource.system());
        server = MtlsServerTransport.builder()
                .tls(TlsProfile.builder(CredentialSource.fixed(Credential.load(echo)), verifier)
                        .build())
                .build();
        McpServer.sync(server)
                .serverInfo("long-mcp", "1")
                .immediateExecution(true)
                .capabilities(ServerCapabilities.builder().tools(true).build())
                .toolCall(tool("index"), TasksCommandIT::index)
                .toolCall(tool("quick"), (exchange, call) -> text("at once"))
                .build();
        server.start();
    }

    private static Tool tool(String name) {
        return Tool.builder(name, Map.of("type", "object")).build();
    }

    private static CallToolResult index(McpSyncServerExchange exchange, CallToolRequest call) {
        Task.begin(exchange).say("page 1 of 2 \u001b[31m");
        try {
            MAY_END.acquire();
            return text("indexed 2 pages");
        } catch (InterruptedException e) {
            return text("interrupted");
        }
    }

    private static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }

    @AfterAll
    static void close() {
        server.shutdown(Duration.ZERO).join();
    }

    private static Run run(String... words) {
        return Run.of(Stream.concat(Stream.of(words), Stream.of("--dir", store.toString()))
                .toArray(String[]::new));
    }

    private static String url() {
        return server.uri().toString();
    }

    private static String begin() {
        Run begun = run("call", url(), "index", "--background");
        assertThat(begun.exit()).as(begun.err()).isEqualTo(ExitCode.DONE);
        assertThat(begun.err()).contains("mcp-mtls tasks show " + url());
        return begun.out().strip();
    }

    @Test
    void beginsACallAndFetchesItsResultLater() throws Exception {
        String id = begin();

        assertThat(run("tasks", "list").out()).contains(url(), id, "index");
        Run working = run("tasks", "show", url(), id);
        assertThat(working.out()).as(working.err()).startsWith("working").doesNotContain("\u001b");
        MAY_END.release();
        Run waited = run("tasks", "show", url(), id, "--wait");
        assertThat(waited.exit()).as(waited.err()).isEqualTo(ExitCode.DONE);
        assertThat(waited.out()).isEqualTo("indexed 2 pages\n");
        assertThat(run("tasks", "show", url(), id, "--json").out()).contains("indexed 2 pages");
        try (Stream<Path> notes = Files.list(store.resolve("tasks"))) {
            assertThat(notes)
                    .isNotEmpty()
                    .allSatisfy(note -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(note)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void waitsAndSaysHowFarItIs() {
        MAY_END.release();

        Run call = run("call", url(), "index");

        assertThat(call.exit()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out()).isEqualTo("indexed 2 pages\n");
        assertThat(call.err()).contains("the server works on it as the task").doesNotContain("\u001b");
    }

    @Test
    void givesUpWaitingAndNotTheTask() {
        Run impatient = run("call", url(), "index", "--timeout", "1s");

        assertThat(impatient.exit()).isEqualTo(ExitCode.TIMED_OUT);
        assertThat(impatient.err()).contains("the task goes on");
        MAY_END.release();
    }

    @Test
    void cancelsATask() {
        String id = begin();

        assertThat(run("tasks", "cancel", url(), id).out()).isEqualTo("cancelled\n");
        assertThat(run("tasks", "show", url(), id, "--wait").out()).isEqualTo("cancelled\n");
    }

    @Test
    void printsTheResultOfACallThatIsNoTask() {
        assertThat(run("call", url(), "quick", "--background").out()).isEqualTo("at once\n");
    }

    @Test
    void writesTheServersCard() {
        Run card = run("card", url(), "--url", "https://mcp.example.com/mcp", "--description", "Indexes pages");

        assertThat(card.exit()).as(card.err()).isEqualTo(ExitCode.DONE);
        assertThat(card.out())
                .contains(
                        "\"name\":\"local.demo/long-mcp\"",
                        "\"version\":\"1\"",
                        "\"description\":\"Indexes pages\"",
                        "\"url\":\"https://mcp.example.com/mcp\"",
                        "\"2026-07-28\"",
                        "\"clientCertificate\":\"required\"",
                        "\"serverIdentity\":\"spiffe://demo.local/server/echo\"")
                .doesNotContain("PRIVATE", store.toString());
        assertThat(run("card", url(), "--name", "no name").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run("card", url(), "--description", "x".repeat(101)).exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run("card", url()).err()).contains("--url");
    }

    @Test
    void saysThatThereIsNoSuchTask() {
        Run unknown = run("tasks", "show", url(), "AAAA");

        assertThat(unknown.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(unknown.err()).contains("the server has no task 'AAAA' of this identity", "mcp-mtls tasks list");
        assertThat(run("tasks", "list", "nowhere").err()).contains("no call with this store has become a task");
    }
}
