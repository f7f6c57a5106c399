// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.Era;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.Caller;
import io.micrometer.core.instrument.MeterRegistry;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.ai.mcp.annotation.McpTool;
import org.springframework.ai.mcp.annotation.McpToolParam;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/** A program of Spring Boot and Spring AI with our starter: its MCP server is served over mutual TLS and in no other way. */
@Timeout(90)
class SpringServerIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Spring CA");

    @TempDir
    private static Path directory;

    private static Path server;
    private static Path coordinator;
    private static Path stranger;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableMethodSecurity
    @Import(Tools.class)
    static class Program {}

    @Component
    static class Tools {

        @McpTool(description = "Greets its caller")
        public String greet(Caller caller, @McpToolParam(description = "the greeting") String greeting) {
            return greeting + ", " + caller.peer().identity().text();
        }

        @McpTool(description = "Tells the caller as Spring Security knows it")
        public String who() {
            return SecurityContextHolder.getContext().getAuthentication().getName();
        }

        @McpTool(description = "For the coordinator only")
        @PreAuthorize("authentication.name.endsWith('/agent/coordinator') and hasAuthority('MTLS_VERIFIED')")
        public String secret() {
            return "42";
        }
    }

    @BeforeAll
    static void issue() {
        server = write("server", CA.server("greeter"), CA);
        coordinator = write("coordinator", CA.client("coordinator"), CA);
        ThrowawayCa other = ThrowawayCa.root("Other CA");
        stranger = write("stranger", other.client("coordinator"), CA);
    }

    private static Path write(String name, Issued credential, ThrowawayCa anchor) {
        return credential.writeTo(directory.resolve(name), anchor.certificate());
    }

    private static ConfigurableApplicationContext start(WebApplicationType type, String... more) {
        String[] settings = Stream.concat(
                        Stream.of(
                                "mcp.mtls.server.listen=127.0.0.1:0",
                                "mcp.mtls.server.credential=" + server,
                                "spring.ai.mcp.server.name=greeter-mcp",
                                "spring.main.banner-mode=off",
                                "server.port=0"),
                        Stream.of(more))
                .toArray(String[]::new);
        return new SpringApplicationBuilder(Program.class)
                .web(type)
                .properties(settings)
                .run();
    }

    private static McpSyncClient client(ConfigurableApplicationContext program, Path credential, Era era) {
        return McpClient.sync(MtlsClientTransport.builder(
                                program.getBean(MtlsServerTransport.class).uri())
                        .tls(TlsProfile.strict(credential))
                        .era(era)
                        .build())
                .build();
    }

    private static String call(McpSyncClient client, String tool, Map<String, Object> arguments) {
        CallToolResult result = client.callTool(
                CallToolRequest.builder(tool).arguments(arguments).build());
        return ((TextContent) result.content().get(0)).text();
    }

    @ParameterizedTest
    @EnumSource
    void aToolHasItsCallerAsArgumentAndAsAuthentication(Era era) {
        try (ConfigurableApplicationContext program = start(WebApplicationType.NONE);
                McpSyncClient client = client(program, coordinator, era)) {
            client.initialize();
            String identity = call(client, "who", Map.of());
            assertThat(identity).startsWith("spiffe://").endsWith("/agent/coordinator");
            assertThat(call(client, "greet", Map.of("greeting", "Hello"))).isEqualTo("Hello, " + identity);
            assertThat(call(client, "secret", Map.of())).isEqualTo("42");

            Tool greet = client.listTools().tools().stream()
                    .filter(tool -> tool.name().equals("greet"))
                    .findAny()
                    .orElseThrow();
            assertThat(greet.inputSchema().toString()).contains("greeting").doesNotContain("caller");
        }
    }

    @Test
    void methodSecurityDecidesByCertificate() {
        Path planner = write("planner", CA.client("planner"), CA);
        try (ConfigurableApplicationContext program = start(WebApplicationType.NONE);
                McpSyncClient client = client(program, planner, Era.AUTO)) {
            client.initialize();
            assertThat(call(client, "secret", Map.of()))
                    .contains("Access Denied")
                    .doesNotContain("42");
        }
    }

    @Test
    void aStrangerIsRefused() {
        try (ConfigurableApplicationContext program = start(WebApplicationType.NONE);
                McpSyncClient client = client(program, stranger, Era.AUTO)) {
            assertThatThrownBy(client::initialize).hasStackTraceContaining("unknown_ca");
        }
    }

    /** The web server of the program stays, without an MCP endpoint that asks for no certificate. */
    @Test
    void besideWebMvcThereIsNoPlainEndpoint() throws Exception {
        try (ConfigurableApplicationContext program =
                        start(WebApplicationType.SERVLET, "management.endpoints.web.exposure.include=health");
                McpSyncClient client = client(program, coordinator, Era.AUTO)) {
            client.initialize();
            assertThat(call(client, "greet", Map.of("greeting", "Hi"))).startsWith("Hi, ");
            assertThat(program.getBeanNamesForType(
                            io.modelcontextprotocol.spec.McpStreamableServerTransportProvider.class))
                    .containsExactly("mtlsServerTransport");

            String port = program.getEnvironment().getProperty("local.server.port");
            HttpRequest plain = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/mcp"))
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(plain, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isIn(401, 403, 404);
        }
    }

    @Test
    void healthMetricsAuditAndRulesAreThere() throws Exception {
        Path rules = Files.writeString(
                directory.resolve("policy.yaml"),
                "default: deny\nrules:\n  - {name: greetings, servers: [greeter-mcp], tools: [greet]}\n");
        Path audit = directory.resolve("audit.jsonl");
        try (ConfigurableApplicationContext program = start(
                        WebApplicationType.NONE, "mcp.mtls.server.policy=" + rules, "mcp.mtls.audit.file=" + audit);
                McpSyncClient client = client(program, coordinator, Era.AUTO)) {
            client.initialize();
            assertThat(client.listTools().tools()).extracting(Tool::name).containsExactly("greet");
            assertThat(call(client, "greet", Map.of("greeting", "Hi"))).startsWith("Hi, ");
            assertThatThrownBy(() -> call(client, "secret", Map.of())).hasMessageContaining("no rule permits");

            HealthIndicator health = program.getBean("mtlsHealthIndicator", HealthIndicator.class);
            assertThat(health.health().getStatus()).isEqualTo(Status.UP);
            assertThat(health.health().getDetails()).containsKeys("audit", "access", "credential server");

            MeterRegistry meters = program.getBean(MeterRegistry.class);
            assertThat(meters.get("mcp.mtls.calls")
                            .tag("outcome", "denied")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("mcp.mtls.handshakes")
                            .tag("outcome", "accepted")
                            .counters())
                    .isNotEmpty();
            assertThat(meters.get("mcp.mtls.connections.open").gauge().value()).isPositive();
        }
        assertThat(Files.readString(audit))
                .contains("call-permitted", "call-denied", "greetings")
                .doesNotContain("\"Hi\"");
    }

    @Test
    void itStopsWithTheProgram() {
        ConfigurableApplicationContext program = start(WebApplicationType.NONE);
        MtlsServerTransport transport = program.getBean(MtlsServerTransport.class);
        URI uri = transport.uri();
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("mcp-mtls-server"))
                .extracting(Thread::isDaemon)
                .contains(false);
        program.close();
        try (McpSyncClient client = McpClient.sync(MtlsClientTransport.builder(uri)
                        .tls(TlsProfile.strict(coordinator))
                        .build())
                .build()) {
            assertThatThrownBy(client::initialize).hasStackTraceContaining("refused");
        }
    }
}
