// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The first day with the product: set up, serve, ask, read the log, make every mistake once. */
class FirstDayIT {

    private Product product;

    @BeforeEach
    void unpack(@TempDir Path directory) {
        product = new Product(directory);
    }

    @Test
    void initMakesOwnerOnlyCredentialsOnce() throws Exception {
        assertThat(product.run("init").exit()).isZero();
        byte[] before = Files.readAllBytes(product.stored("credentials/echo/tls.key"));

        Run again = product.run("init");

        assertThat(again.exit()).isZero();
        assertThat(Files.readAllBytes(product.stored("credentials/echo/tls.key")))
                .isEqualTo(before);
        for (String name : List.of("weather", "datetime", "echo", "coordinator")) {
            Path key = product.stored("credentials/" + name + "/tls.key");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void theCoordinatorAnswersSeveralQuestionsAtOnce() {
        product.run("init");
        try (Servers servers = product.serve("all")) {
            Run answer = product.run("ask", "What's the weather and the time in Tokyo and Paris, and echo hello");

            assertThat(answer.exit()).as(answer.err() + servers.printed()).isZero();
            assertThat(answer.out())
                    .contains(
                            "Weather in Tokyo: ", "Weather in Paris: ", "Time in Tokyo: ", "Time in Paris: ", "hello");
            assertThat(product.audit())
                    .anyMatch(line ->
                            line.contains("\"tls-accepted\"") && line.contains("spiffe://demo.local/agent/coordinator"))
                    .anyMatch(line -> line.contains("\"call-permitted\"") && line.contains("getTemperature"))
                    .noneMatch(line -> line.contains("hello") || line.contains("Tokyo"));
            assertThat(servers.stop()).isZero();
        }
    }

    @Test
    void answersWhatItCanWhenOneServerIsDown() {
        product.run("init");
        try (Servers servers = product.serve("echo")) {
            Run answer = product.run("ask", "--json", "echo hello and the time in Rome");

            JsonNode json = JsonMapper.shared().readTree(answer.out());
            assertThat(answer.exit()).as(servers.printed()).isNotZero();
            assertThat(json.toString()).contains("hello").contains("datetime");
        }
    }

    @Test
    void callsAToolOfAnyServer() {
        product.run("init");
        try (Servers servers = product.serve("echo")) {
            Run call = product.run("call", product.url("echo"), "echo", "text=hello there");
            Run tools = product.run("tools", product.url("echo"));

            assertThat(call.out()).as(call.err() + servers.printed()).contains("hello there");
            assertThat(tools.out()).contains("echo");
        }
    }

    @Test
    void saysWhatToDoWhenSomethingIsMissing() {
        Run noStore = product.run("serve", "echo");
        assertThat(noStore.exit()).isEqualTo(2);
        assertThat(noStore.err()).contains("mcp-mtls init").doesNotContain("\tat ");

        product.run("init");
        Run nobodyThere = product.run("call", product.url("echo"), "echo", "text=hello");
        assertThat(nobodyThere.exit()).isEqualTo(3);
        assertThat(nobodyThere.err())
                .contains(Integer.toString(product.port("echo")))
                .doesNotContain("\tat ");

        product.configure("tsl: {validation: strict}\n");
        Run unknownKey = product.run("config");
        assertThat(unknownKey.exit()).isEqualTo(2);
        assertThat(unknownKey.err()).contains("mcp-mtls.yaml", "tsl").doesNotContain("\tat ");
    }

    @Test
    void reportsToolFailuresWithTheirExitCode() {
        product.run("init");
        try (Servers servers = product.serve("all")) {
            Run city = product.run("call", product.url("weather"), "getTemperature", "city=Tokio-on-Thames");
            Run tool = product.run("call", product.url("echo"), "shout", "text=hello");
            Run nothing = product.run("ask", "please");

            assertThat(List.of(city.exit(), tool.exit(), nothing.exit()))
                    .as(servers.printed())
                    .containsOnly(5);
            assertThat(city.out() + city.err()).contains("Tokio-on-Thames");
            assertThat(tool.err()).contains("shout");
        }
    }

    @Test
    void theDemoTellsTheWholeStory() {
        Run demo = product.run("demo");

        assertThat(demo.exit()).as(demo.out() + demo.err()).isZero();
        assertThat(demo.out())
                .contains("NO_CERTIFICATE", "UNTRUSTED_ISSUER", "EXPIRED", "BAD_SIGNATURE", "NAME_MISMATCH");
    }
}
