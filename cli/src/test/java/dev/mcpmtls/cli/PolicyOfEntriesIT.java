// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Access rules that name servers of the operator's own. */
@Timeout(120)
class PolicyOfEntriesIT {

    private static final String RULES = """
            rules:
              - {name: notes, servers: [notes], tools: [take_note]}
              - {name: no-drops, effect: deny, servers: [notes], tools: [drop_note]}
            """;

    @TempDir
    private Path directory;

    private Path store;
    private Path config;
    private HttpServer upstream;

    @BeforeEach
    void init() throws IOException {
        store = directory.resolve("store");
        assertThat(Run.of("init", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.createContext("/mcp", PolicyOfEntriesIT::answer);
        upstream.start();
        config = Files.writeString(directory.resolve("settings.yaml"), """
                dir: %s
                servers:
                  weather: {listen: "127.0.0.1:0"}
                  datetime: {listen: "127.0.0.1:%d"}
                  echo: {listen: "127.0.0.1:0"}
                  notes: {listen: "127.0.0.1:%d", credential: echo, url: "http://127.0.0.1:%d/mcp"}
                """.formatted(
                        store, freePort(), freePort(), upstream.getAddress().getPort()));
    }

    @AfterEach
    void close() {
        upstream.stop(0);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode message = JsonMapper.shared().readTree(exchange.getRequestBody());
            String result = switch (message.path("method").asString()) {
                case "initialize" -> """
                    {"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"notes","version":"1"}}""";
                case "tools/list" -> """
                    {"tools":[{"name":"take_note","inputSchema":{"type":"object"}},{"name":"drop_note","inputSchema":{"type":"object"}}]}""";
                default -> "";
            };
            String body = "{\"jsonrpc\":\"2.0\",\"id\":" + message.path("id") + ","
                    + (result.isEmpty() ? "\"error\":{\"code\":-32601,\"message\":\"no\"}" : "\"result\":" + result)
                    + "}";
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(message.has("id") ? 200 : 202, message.has("id") ? bytes.length : -1);
            if (message.has("id")) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private Run check(String rules, String... options) throws IOException {
        Path file = Files.writeString(directory.resolve("rules.yaml"), rules);
        List<String> words =
                new ArrayList<>(List.of("policy", "check", file.toString(), "--config", config.toString()));
        words.addAll(List.of(options));
        return Run.of(words.toArray(String[]::new));
    }

    @Test
    void anEntryOfTheSettingsIsAServer() throws IOException {
        assertThat(check(RULES).out()).contains("no mistake was found");

        assertThat(check(RULES.replace("servers: [notes], tools: [take", "servers: [nots], tools: [take"))
                        .err())
                .contains("no server matches 'nots'", "did you mean 'notes'?");
    }

    @Test
    void aServerOfACommandLineIsKnownByItsCredential() throws IOException {
        String rules = "rules:\n  - {name: files, servers: [files], tools: [x]}\n";
        assertThat(check(rules).err()).contains("no server matches 'files'");

        Run.of("cert", "issue", "files", "--purpose", "server", "--dir", store.toString());

        assertThat(check(rules).out()).contains("no mistake was found");
        assertThat(check(rules.replace("[files]", "[coordinator]")).err())
                .as("no server has our client credential")
                .contains("no server matches 'coordinator'");
    }

    @Test
    void liveAsksAnEntryThroughItsServer() throws IOException {
        Files.writeString(store.resolve("policy.yaml"), RULES);
        Settings settings = Settings.load(config);
        try (AuditLog audit = Stores.audit(settings);
                RunningServers running =
                        RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
            assertThat(running.members()).hasSize(1);

            Run checked = check(RULES.replace("take_note", "take_notes"), "--live");

            assertThat(checked.exit()).as(checked.err()).isEqualTo(ExitCode.DONE);
            assertThat(checked.err())
                    .contains("no tool matches 'take_notes'", "did you mean 'take_note'?")
                    .contains("echo is not checked: ", "datetime is not checked: cannot reach")
                    .doesNotContain("notes is not checked");
            assertThat(Run.of("tools", "notes", "--config", config.toString()).out())
                    .contains("take_note")
                    .doesNotContain("drop_note");
        }
    }
}
