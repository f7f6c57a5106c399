// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.servers.datetime.DatetimeServer;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.servers.gazetteer.Atlas;
import dev.mcpmtls.servers.openmeteo.OpenMeteo;
import dev.mcpmtls.servers.weather.Weather;
import dev.mcpmtls.servers.weather.WeatherServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The three servers over mutual TLS, called by the SDK's own client. */
class ServersIT {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-22T09:30:05Z"));
    private static final ThrowawayCa CA = ThrowawayCa.root("Servers");
    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static McpSyncClient weather;
    private static McpSyncClient datetime;
    private static McpSyncClient echo;

    @BeforeAll
    static void start() {
        weather = client(serve(
                "weather",
                transport -> WeatherServer.over(
                        transport, Weather.from(Weather.Provider.SIMULATED, OpenMeteo.publicService(CLOCK), CLOCK))));
        datetime = client(serve("datetime", transport -> DatetimeServer.over(transport, Atlas.builtIn(), CLOCK)));
        echo = client(serve("echo", EchoServer::over));
    }

    @AfterAll
    static void stop() throws Exception {
        for (int i = OPEN.size() - 1; i >= 0; i--) {
            OPEN.get(i).close();
        }
    }

    @Test
    void introduceThemselves() {
        assertThat(weather.getServerInfo().name()).isEqualTo("weather-mcp");
        assertThat(datetime.getServerInfo().name()).isEqualTo("datetime-mcp");
        assertThat(echo.getServerInfo().name()).isEqualTo("echo-mcp");
        assertThat(List.of(weather, datetime, echo))
                .allSatisfy(client -> assertThat(client.getServerInstructions()).isNotBlank());
    }

    @Test
    void describeTheirTools() {
        assertThat(names(weather)).containsExactlyInAnyOrder("getTemperature", "getForecast");
        assertThat(names(datetime)).containsExactlyInAnyOrder("getDateTime", "convertTime");
        assertThat(names(echo)).containsExactly("echo");
        assertThat(weather.listTools().tools()).allSatisfy(tool -> {
            assertThat(tool.title()).isNotBlank();
            assertThat(tool.description()).isNotBlank();
            assertThat(tool.inputSchema()).containsEntry("additionalProperties", false);
            assertThat(tool.outputSchema()).containsKey("properties");
            assertThat(tool.annotations().readOnlyHint()).isTrue();
        });
    }

    @Test
    void answerInTheAgreedShapes() {
        assertThat(text(weather, "getTemperature", Map.of("city", "Tokyo")))
                .matches("Weather in Tokyo: -?\\d+\\.\\d°C, [A-Z][a-z ]+ \\(simulated\\)");
        assertThat(text(weather, "getForecast", Map.of("city", "Tokyo", "days", 2))
                        .lines())
                .hasSize(2);
        assertThat(text(datetime, "getDateTime", Map.of("city", "Tokyo")))
                .isEqualTo("Time in Tokyo: 2026-11-22 18:30:05 (Asia/Tokyo, UTC+09:00)");
        assertThat(text(datetime, "convertTime", Map.of("time", "14:30", "from", "London", "to", "Tokyo")))
                .startsWith("14:30 in London")
                .contains("23:30 in Tokyo");
        assertThat(text(echo, "echo", Map.of("text", " naïve 東京 🌍\r\n\t\u0000\u2028 ")))
                .isEqualTo(" naïve 東京 🌍\r\n\t\u0000\u2028 ");
    }

    @Test
    void echoSaysWhoTheCertificateProvesTheCallerToBe() {
        Map<String, Object> structured = McpJsonDefaults.getMapper()
                .convertValue(call(echo, "echo", Map.of("text", "é")).structuredContent(), new TypeRef<>() {});
        assertThat(structured)
                .isEqualTo(Map.of(
                        "text",
                        "é",
                        "characters",
                        1,
                        "bytes",
                        2,
                        "caller",
                        Map.of("identity", "spiffe://demo.local/agent/coordinator", "assurance", "verified")));
    }

    @Test
    void sayWhatIsWrongWithACall() {
        assertThat(error(weather, "getTemperature", Map.of("city", "Tokoy")))
                .isEqualTo("Unknown city \"Tokoy\". Did you mean Tokyo (Japan)?");
        assertThat(error(weather, "getTemperature", Map.of())).startsWith("The argument \"city\" is missing");
        assertThat(error(weather, "getForecast", Map.of("city", "Rome", "days", 9)))
                .contains("from 1 to 7, but is 9");
        assertThat(error(weather, "getTemperature", Map.of("town", "Rome"))).startsWith("Unknown argument \"town\"");
        assertThat(error(datetime, "convertTime", Map.of("time", "25:00", "from", "Rome", "to", "Oslo")))
                .startsWith("Cannot read the time \"25:00\".");
        assertThat(error(echo, "echo", Map.of("text", ""))).startsWith("\"text\" is empty");
    }

    @Test
    void refuseAnUnknownTool() {
        assertThatThrownBy(() -> call(echo, "shout", Map.of("text", "x")))
                .isInstanceOf(McpError.class)
                .hasMessageContaining("tool");
    }

    @Test
    void answerManyCallersAtOnceEachWithItsOwnText() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String text = "message " + i;
                answers.add(threads.submit(() -> text(echo, "echo", Map.of("text", text))));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo("message " + i);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<String> names(McpSyncClient client) {
        return client.listTools().tools().stream().map(Tool::name).toList();
    }

    private static String text(McpSyncClient client, String tool, Map<String, Object> arguments) {
        CallToolResult result = call(client, tool, arguments);
        assertThat(result.isError()).as(result.toString()).isNotEqualTo(true);
        return ((TextContent) result.content().get(0)).text();
    }

    private static String error(McpSyncClient client, String tool, Map<String, Object> arguments) {
        CallToolResult result = call(client, tool, arguments);
        assertThat(result.isError()).as(result.toString()).isTrue();
        return ((TextContent) result.content().get(0)).text();
    }

    private static CallToolResult call(McpSyncClient client, String tool, Map<String, Object> arguments) {
        return client.callTool(
                CallToolRequest.builder(tool).arguments(arguments).build());
    }

    private static MtlsServerTransport serve(String name, Consumer<MtlsServerTransport> server) {
        MtlsServerTransport transport = MtlsServerTransport.builder()
                .tls(profile(name, CA.server(name)))
                .build();
        server.accept(transport);
        transport.start();
        OPEN.add(() -> transport.shutdown(Duration.ZERO).join());
        return transport;
    }

    private static McpSyncClient client(MtlsServerTransport server) {
        McpSyncClient client = McpClient.sync(HttpClientStreamableHttpTransport.builder(
                                "https://localhost:" + server.address().getPort())
                        .customizeClient(MtlsHttpClient.customizer(profile("coordinator", CA.client("coordinator"))))
                        .build())
                .requestTimeout(Duration.ofSeconds(20))
                .build();
        client.initialize();
        OPEN.add(client);
        return client;
    }

    private static TlsProfile profile(String name, Issued issued) {
        Credential credential = Credential.of(name, issued.privateKey(), new Chain(issued.chain()));
        TrustPolicy policy = TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate())));
        return TlsProfile.builder(CredentialSource.fixed(credential), new ChainVerifier(policy, InstantSource.system()))
                .build();
    }
}
