// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages above a limit of either side: the limit is named, on every road. */
@Timeout(60)
class SizeLimitsIT {

    private static final int LIMIT = 200_000;

    private final Pki pki = new Pki("Test Root");
    private final TlsProfile profile = profile(TlsEngine.AUTO);
    private MtlsServerTransport transport;

    @BeforeEach
    void startServer() {
        transport = MtlsServerTransport.builder()
                .listen("127.0.0.1", 0)
                .path("/mcp")
                .tls(profile)
                .limits(Limits.builder().maxBody(LIMIT).build())
                .build();
        var unused = McpServer.sync(transport)
                .serverInfo("echo", "1")
                .capabilities(McpSchema.ServerCapabilities.builder().tools(true).build())
                .toolCall(tool("take"), (exchange, call) -> text("taken"))
                .toolCall(tool("give"), (exchange, call) -> text("x".repeat(3 * LIMIT)))
                .build();
        transport.start();
    }

    @AfterEach
    void stopServer() {
        transport.shutdown(Duration.ZERO).join();
    }

    static Stream<Arguments> erasAndEngines() {
        return Stream.of(Era.LEGACY, Era.MODERN)
                .flatMap(era -> Stream.of(TlsEngine.BORINGSSL, TlsEngine.JDK).map(engine -> Arguments.of(era, engine)));
    }

    @ParameterizedTest
    @MethodSource("erasAndEngines")
    void aRequestAboveTheServersLimitIsToldAsThat(Era era, TlsEngine engine) {
        for (int size : new int[] {LIMIT + 1, 2 * LIMIT, 60 * LIMIT}) {
            try (McpSyncClient client = client(era, engine)) {
                client.initialize();
                assertThatThrownBy(() -> client.callTool(call("take", "x".repeat(size))))
                        .as("%d bytes", size)
                        .hasMessageContaining(String.valueOf(LIMIT));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("erasAndEngines")
    void anAnswerAboveOurLimitIsToldAsThat(Era era, TlsEngine engine) {
        try (McpSyncClient client = client(era, engine)) {
            client.initialize();
            assertThatThrownBy(() -> client.callTool(call("give", "")))
                    .satisfies(thrown -> assertThat(ConnectionException.in(thrown))
                            .hasValueSatisfying(found -> assertThat(found)
                                    .isInstanceOf(UnusableAnswer.class)
                                    .hasMessageContainingAll("500000 bytes", "maxMessageBytes")));
        }
    }

    @ParameterizedTest
    @MethodSource("erasAndEngines")
    void whatIsWithinTheLimitsPasses(Era era, TlsEngine engine) {
        try (McpSyncClient client = client(era, engine)) {
            client.initialize();
            CallToolResult taken = client.callTool(call("take", "x".repeat(LIMIT - 2_000)));
            assertThat(((TextContent) taken.content().get(0)).text()).isEqualTo("taken");
        }
    }

    private McpSyncClient client(Era era, TlsEngine engine) {
        return McpClient.sync(MtlsClientTransport.builder(URI.create(
                                "https://localhost:" + transport.uri().getPort() + "/mcp"))
                        .tls(profile(engine))
                        .era(era)
                        .maxMessageBytes(500_000)
                        .withoutNotifications()
                        .build())
                .requestTimeout(Duration.ofSeconds(20))
                .build();
    }

    private TlsProfile profile(TlsEngine engine) {
        return TlsProfile.builder(
                        CredentialSource.fixed(pki.issue("both")),
                        new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .engine(engine)
                .build();
    }

    private static Tool tool(String name) {
        return Tool.builder(name, Map.of("type", "object")).build();
    }

    private static CallToolRequest call(String tool, String text) {
        return CallToolRequest.builder(tool).arguments(Map.of("text", text)).build();
    }

    private static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }
}
