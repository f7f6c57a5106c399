// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The official MCP clients for Node, both generations and both eras, call every tool over mutual TLS. */
class OfficialNodeClientsIT {

    private static final Path NODE = Path.of("target", "node").toAbsolutePath();
    private static Product product;
    private static Servers servers;
    private static Servers gateway;

    @BeforeAll
    static void serve(@TempDir Path directory) throws Exception {
        assumeTrue(Run.has("node") && Run.has("npm"), "node and npm are not installed");
        Files.createDirectories(NODE);
        for (String file : List.of("package.json", "package-lock.json", "call.mjs", "stdio-server.mjs")) {
            Files.copy(Path.of("node", file), NODE.resolve(file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        Run install = Run.of(List.of("npm", "ci", "--no-audit", "--no-fund"), Map.of(), NODE);
        assertThat(install.exit()).as(install.err()).isZero();

        product = new Product(directory);
        assertThat(product.run("init").exit()).isZero();
        servers = product.serve("all");
        gateway =
                product.front("notes", "node", NODE.resolve("stdio-server.mjs").toString());
    }

    @AfterAll
    static void stop() {
        if (servers != null) {
            servers.close();
        }
        if (gateway != null) {
            gateway.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2-legacy", "v2-auto", "v2-modern"})
    void callsEveryTool(String client) {
        assertThat(call(client, "coordinator", "echo", "echo", "{\"text\": \"grüß dich \\u2603\"}")
                        .at("/result/content/0/text")
                        .asString())
                .isEqualTo("grüß dich ☃");
        assertThat(call(client, "coordinator", "weather", "getTemperature", "{\"city\": \"Tokyo\"}")
                        .at("/result/content/0/text")
                        .asString())
                .matches("Weather in Tokyo: -?\\d+\\.\\d°C, .+");
        assertThat(call(client, "coordinator", "datetime", "getDateTime", "{\"city\": \"Tokyo\"}")
                        .at("/result/content/0/text")
                        .asString())
                .matches("Time in Tokyo: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\(Asia/Tokyo, UTC\\+09:00\\)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2-legacy", "v2-auto", "v2-modern"})
    void getsNothingWithoutACertificate(String client) {
        JsonNode answer = call(client, "-", "echo", "echo", "{\"text\": \"hello\"}");

        assertThat(answer.at("/result").isMissingNode()).isTrue();
        assertThat(answer.at("/failed").asString()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2-legacy", "v2-auto", "v2-modern"})
    void callsAServerOverStandardStreamsBehindTheGateway(String client) {
        assertThat(call(client, "coordinator", "notes", "who", "{\"text\": \"hello\"}")
                        .at("/result/content/0/text")
                        .asString())
                .matches("hello spiffe://demo.local/agent/coordinator \\d+");
        assertThat(product.hasAudited(line -> line.contains("\"notes\"") && line.contains("who")))
                .isTrue();
    }

    @Test
    void leavesNoServerBehindWhenTheGatewayIsKilled() {
        Servers front =
                product.front("killed", "node", NODE.resolve("stdio-server.mjs").toString());
        String said = call("v2-modern", "coordinator", "killed", "who", "{\"text\": \"x\"}")
                .at("/result/content/0/text")
                .asString();
        long server = Long.parseLong(said.substring(said.lastIndexOf(' ') + 1));
        front.close();

        CompletableFuture<?> end = ProcessHandle.of(server)
                .<CompletableFuture<?>>map(ProcessHandle::onExit)
                .orElseGet(() -> CompletableFuture.completedFuture(null));
        assertThat(end).succeedsWithin(Duration.ofSeconds(15));
    }

    private static JsonNode call(String client, String credential, String server, String tool, String arguments) {
        String directory = credential.equals("-")
                ? "-"
                : product.stored("credentials/" + credential).toString();
        Run run = Run.of(
                List.of(
                        "node",
                        "call.mjs",
                        client,
                        product.url(server),
                        directory,
                        product.stored("credentials/coordinator/ca.crt").toString(),
                        tool,
                        arguments),
                Map.of(),
                NODE);
        assertThat(run.out()).as(run.err()).isNotEmpty();
        return JsonMapper.shared().readTree(run.out());
    }
}
