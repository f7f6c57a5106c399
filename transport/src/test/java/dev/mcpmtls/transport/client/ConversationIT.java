// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The SDK's unmodified client through our transport, with a real server, in both eras. */
class ConversationIT {

    private static final Map<String, Object> NO_ARGUMENTS = Map.of("type", "object");

    private final Pki pki = new Pki("Test Root");
    private final ReplaceableCredential credential = new ReplaceableCredential(pki.issue("coordinator"));
    private MtlsServerTransport transport;
    private McpSyncServer server;

    @BeforeEach
    void startServer() {
        transport = MtlsServerTransport.builder()
                .listen("127.0.0.1", 0)
                .path("/mcp")
                .tls(profile(CredentialSource.fixed(pki.issue("weather")), TlsEngine.AUTO))
                .build();
        server = McpServer.sync(transport)
                .serverInfo("weather-mcp", "1")
                .requestTimeout(Duration.ofSeconds(20))
                .capabilities(McpSchema.ServerCapabilities.builder()
                        .tools(true)
                        .logging()
                        .build())
                .toolCall(
                        tool("whoami"),
                        (exchange, call) -> text(Caller.from(exchange.transportContext())
                                .peer()
                                .identity()
                                .text()))
                .toolCall(tool("ask"), ConversationIT::ask)
                .toolCall(
                        mirrored(),
                        (exchange, call) -> text("in " + call.arguments().get("region")))
                .build();
        transport.start();
    }

    @AfterEach
    void stopServer() {
        transport.shutdown(Duration.ZERO).join();
    }

    static Stream<Arguments> erasAndEngines() {
        return Stream.of(Era.values())
                .flatMap(era -> Stream.of(TlsEngine.BORINGSSL, TlsEngine.JDK).map(engine -> Arguments.of(era, engine)));
    }

    @ParameterizedTest
    @MethodSource("erasAndEngines")
    void callsAToolUnderItsOwnIdentity(Era era, TlsEngine engine) {
        MtlsClientTransport through =
                builder(profile(credential, engine)).era(era).build();
        try (McpSyncClient client = client(through, spec -> spec)) {
            assertThat(client.initialize().serverInfo().name()).isEqualTo("weather-mcp");
            assertThat(client.listTools().tools()).extracting(Tool::name).contains("whoami", "ask", "query");
            assertThat(say(client, "whoami")).isEqualTo("spiffe://demo.local/server/coordinator");
            ConnectedServer agreed = through.server().orElseThrow();
            assertThat(agreed.era()).isEqualTo(era == Era.LEGACY ? Era.LEGACY : Era.MODERN);
            assertThat(agreed.protocolVersion()).isEqualTo(era == Era.LEGACY ? "2025-11-25" : "2026-07-28");
            assertThat(agreed.peer().identity().text()).isEqualTo("spiffe://demo.local/server/weather");
            assertThat(agreed.connection().tls().orElseThrow().version()).isEqualTo("TLSv1.3");
            assertThat(agreed.group().isPresent()).isEqualTo(engine == TlsEngine.BORINGSSL);
            client.ping();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void answersWhatAToolAsksItsCaller(Era era) {
        try (McpSyncClient client = client(
                builder(profile(credential, TlsEngine.AUTO)).era(era).build(),
                spec -> spec.capabilities(McpSchema.ClientCapabilities.builder()
                                .elicitation()
                                .build())
                        .elicitation(asked -> ElicitResult.builder(ElicitResult.Action.ACCEPT)
                                .content(Map.of("city", "Tokyo"))
                                .build()))) {
            client.initialize();
            assertThat(say(client, "ask")).isEqualTo("Tokyo");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void hearsThatTheToolsHaveChanged(Era era) throws Exception {
        BlockingQueue<List<Tool>> heard = new LinkedBlockingQueue<>();
        try (McpSyncClient client = client(
                builder(profile(credential, TlsEngine.AUTO)).era(era).build(),
                spec -> spec.toolsChangeConsumer(heard::add))) {
            client.initialize();
            List<Tool> tools = null;
            for (int i = 0; tools == null && i < 20; i++) {
                // The stream of notifications opens beside the conversation; until then the client does not listen.
                server.addTool(
                        new McpServerFeatures.SyncToolSpecification(tool("new" + i), (exchange, call) -> text("new")));
                tools = heard.poll(500, TimeUnit.MILLISECONDS);
            }
            assertThat(tools).isNotNull().extracting(Tool::name).contains("new0");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void mirrorsAnnotatedArguments(Era era) {
        try (McpSyncClient client =
                client(builder(profile(credential, TlsEngine.AUTO)).era(era).build(), spec -> spec)) {
            client.initialize();
            CallToolResult result = client.callTool(CallToolRequest.builder("query")
                    .arguments(Map.of("region", "Z\u00fcrich"))
                    .build());
            assertThat(textOf(result)).isEqualTo("in Z\u00fcrich");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void saysWhyAnUnknownToolFails(Era era) {
        try (McpSyncClient client =
                client(builder(profile(credential, TlsEngine.AUTO)).era(era).build(), spec -> spec)) {
            client.initialize();
            assertThatThrownBy(() -> say(client, "nonsense"))
                    .isInstanceOfSatisfying(
                            McpError.class,
                            error -> assertThat(error.getJsonRpcError().data())
                                    .asString()
                                    .contains("nonsense"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void presentsAReplacedCredentialWithoutLosingACall(Era era) throws Exception {
        try (McpSyncClient client =
                client(builder(profile(credential, TlsEngine.AUTO)).era(era).build(), spec -> spec)) {
            client.initialize();
            AtomicBoolean done = new AtomicBoolean();
            List<CompletableFuture<Integer>> callers = Stream.generate(() -> CompletableFuture.supplyAsync(
                            () -> {
                                int calls = 0;
                                for (; !done.get(); calls++) {
                                    assertThat(say(client, "whoami")).endsWith("/coordinator");
                                }
                                return calls;
                            },
                            task -> new Thread(task).start()))
                    .limit(3)
                    .toList();
            for (int i = 0; i < 30; i++) {
                credential.replace(pki.issue("coordinator"));
                assertThat(say(client, "whoami")).endsWith("/coordinator");
            }
            done.set(true);
            for (CompletableFuture<Integer> caller : callers) {
                assertThat(caller.get(30, TimeUnit.SECONDS)).isPositive();
            }
        }
    }

    @Test
    void aSecondTransportDoesNotProbeAgain() {
        EraCache eras = new EraCache();
        eras.learn(transport.uri(), Era.LEGACY);
        MtlsClientTransport through =
                builder(profile(credential, TlsEngine.AUTO)).eras(eras).build();
        try (McpSyncClient client = client(through, spec -> spec)) {
            client.initialize();
            assertThat(through.server().orElseThrow().era()).isEqualTo(Era.LEGACY);
        }
    }

    @Test
    void theSdksOwnTransportGetsMutualTls() {
        URI uri = transport.uri();
        McpClientTransport through = HttpClientStreamableHttpTransport.builder("https://127.0.0.1:" + uri.getPort())
                .endpoint(uri.getPath())
                .customizeClient(MtlsHttpClient.customizer(profile(credential, TlsEngine.AUTO)))
                .build();
        try (McpSyncClient client = client(through, spec -> spec)) {
            client.initialize();
            assertThat(say(client, "whoami")).isEqualTo("spiffe://demo.local/server/coordinator");
        }
    }

    @Test
    void theSdksOwnTransportRefusesAStrangersServer() {
        URI uri = transport.uri();
        TlsProfile elsewhere = TlsProfile.builder(
                        credential,
                        new ChainVerifier(TrustPolicy.strict(new Pki("Elsewhere").anchors()), InstantSource.system()))
                .build();
        McpClientTransport through = HttpClientStreamableHttpTransport.builder("https://127.0.0.1:" + uri.getPort())
                .endpoint(uri.getPath())
                .customizeClient(MtlsHttpClient.customizer(elsewhere))
                .build();
        try (McpSyncClient client = client(through, spec -> spec)) {
            assertThatThrownBy(client::initialize).hasStackTraceContaining("does not chain to a trust anchor");
        }
    }

    private TlsProfile profile(CredentialSource presented, TlsEngine engine) {
        return TlsProfile.builder(
                        presented, new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .engine(engine)
                .build();
    }

    private MtlsClientTransport.Builder builder(TlsProfile profile) {
        return MtlsClientTransport.builder(transport.uri()).tls(profile);
    }

    private static McpSyncClient client(McpClientTransport through, UnaryOperator<McpClient.SyncSpec> features) {
        return features.apply(McpClient.sync(through)
                        .clientInfo(McpSchema.Implementation.builder("coordinator", "1")
                                .build())
                        .requestTimeout(Duration.ofSeconds(20))
                        .initializationTimeout(Duration.ofSeconds(20)))
                .build();
    }

    private static String say(McpSyncClient client, String tool) {
        return textOf(client.callTool(CallToolRequest.builder(tool).build()));
    }

    private static String textOf(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }

    private static CallToolResult ask(McpSyncServerExchange exchange, CallToolRequest call) {
        ElicitResult answer = exchange.createElicitation(ElicitFormRequest.builder(
                        "Which city?", Map.of("type", "object", "properties", Map.of("city", Map.of("type", "string"))))
                .build());
        return text(String.valueOf(answer.content().get("city")));
    }

    private static Tool tool(String name) {
        return Tool.builder(name, NO_ARGUMENTS).build();
    }

    private static Tool mirrored() {
        return Tool.builder(
                        "query",
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                Map.of("region", Map.of("type", "string", "x-mcp-header", "Region"))))
                .build();
    }

    private static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }
}
