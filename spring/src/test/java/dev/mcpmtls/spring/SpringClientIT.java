// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static dev.mcpmtls.spring.Programs.start;
import static dev.mcpmtls.spring.Programs.uri;
import static dev.mcpmtls.spring.Programs.whoami;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.testkit.ThrowawayCa;
import io.modelcontextprotocol.client.McpSyncClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Spring AI's clients with our settings: its own connections and ours. */
@Timeout(90)
class SpringClientIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Spring CA");
    private static final String THEIRS = "spring.ai.mcp.client.streamable-http.connections.";
    private static final String OURS = "mcp.mtls.client.connections.";

    @TempDir
    private static Path directory;

    private static ConfigurableApplicationContext server;
    private static Path planner;
    private static Path reader;

    @BeforeAll
    static void begin() {
        planner = CA.client("planner").writeTo(directory.resolve("planner"), CA.certificate());
        reader = CA.client("reader").writeTo(directory.resolve("reader"), CA.certificate());
        server = start(
                Programs.Server.class,
                "mcp.mtls.server.credential="
                        + CA.server("whoami").writeTo(directory.resolve("server"), CA.certificate()));
    }

    @AfterAll
    static void end() {
        server.close();
    }

    private static String base() {
        return "https://localhost:" + uri(server).getPort();
    }

    @SuppressWarnings("unchecked")
    private static List<McpSyncClient> clients(ConfigurableApplicationContext program) {
        return (List<McpSyncClient>) program.getBean("mcpSyncClients");
    }

    @Test
    void aConnectionOfSpringAiPresentsTheCertificateForAll() {
        try (var program =
                start(Programs.Client.class, THEIRS + "tools.url=" + base(), "mcp.mtls.client.credential=" + planner)) {
            assertThat(whoami(clients(program).get(0))).isEqualTo("spiffe://demo.local/agent/planner");
        }
    }

    @Test
    void namedConnectionsHaveCertificatesOfTheirOwn() {
        try (var program = start(
                Programs.Client.class,
                THEIRS + "tools.url=" + base(),
                "mcp.mtls.client.credential=" + planner,
                OURS + "tools.credential=" + reader,
                OURS + "direct.url=" + base() + "/mcp",
                OURS + "direct.expect=spiffe://demo.local/server/whoami")) {
            assertThat(clients(program).stream().map(Programs::whoami))
                    .containsExactlyInAnyOrder("spiffe://demo.local/agent/reader", "spiffe://demo.local/agent/planner");
        }
    }

    @Test
    void aServerOfAnotherIdentityIsRefused() {
        assertThatThrownBy(() -> start(
                        Programs.Client.class,
                        OURS + "direct.url=" + base() + "/mcp",
                        OURS + "direct.credential=" + planner,
                        OURS + "direct.expect=spiffe://demo.local/server/weather"))
                .hasStackTraceContaining("spiffe://demo.local/server/weather");
    }

    @Test
    void aServerOfAStrangersAuthorityIsRefusedByBoth() {
        ThrowawayCa other = ThrowawayCa.root("Other CA");
        Path elsewhere = CA.client("planner").writeTo(directory.resolve("elsewhere"), other.certificate());
        assertThatThrownBy(() -> start(
                        Programs.Client.class,
                        THEIRS + "tools.url=" + base(),
                        "mcp.mtls.client.credential=" + elsewhere))
                .hasStackTraceContaining("trust anchor");
        assertThatThrownBy(() -> start(
                        Programs.Client.class,
                        OURS + "direct.url=" + base() + "/mcp",
                        OURS + "direct.credential=" + elsewhere))
                .hasStackTraceContaining("trust anchor");
    }

    @Test
    void aPlainUrlIsNotLeftWithoutTls() {
        assertThatThrownBy(() -> start(
                        Programs.Client.class,
                        THEIRS + "tools.url=http://localhost:1",
                        "mcp.mtls.client.credential=" + planner))
                .hasStackTraceContaining("is not https");
    }

    @Test
    void connectionsOfServerSentEventsAreNotLeftWithoutACertificate() {
        assertThatThrownBy(() -> start(
                        Programs.Client.class,
                        "spring.ai.mcp.client.sse.connections.old.url=https://localhost:1",
                        "mcp.mtls.client.credential=" + planner))
                .hasStackTraceContaining("would go without the certificate");
    }

    @Test
    void aConnectionWithoutUrlIsAnError() {
        assertThatThrownBy(() -> start(Programs.Client.class, OURS + "tolls.credential=" + planner))
                .hasStackTraceContaining("Spring AI has no connection of that name");
    }
}
