// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.Traces;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.Station;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The spans of the SDK's client through our transport, and those of the server that it calls. */
@Timeout(60)
class ObservedMessagesIT {

    private static final Pki PKI = new Pki("Test Root");
    private static final BlockingQueue<Map<String, Object>> METAS = new LinkedBlockingQueue<>();
    private static final Traces SERVED = new Traces();
    private static MtlsServerTransport server;

    private final Traces sent = new Traces();

    @BeforeAll
    static void serve() {
        server = MtlsServerTransport.builder()
                .tls(profile("weather", PKI))
                .observer(SERVED.observer)
                .build();
        McpServer.sync(server)
                .serverInfo("weather-mcp", "1")
                .immediateExecution(true)
                .capabilities(McpSchema.ServerCapabilities.builder().tools(true).build())
                .toolCall(tool("say"), (exchange, call) -> {
                    METAS.add(call.meta() == null ? Map.of() : call.meta());
                    return CallToolResult.builder().addTextContent("hello").build();
                })
                .toolCall(
                        tool("fail"),
                        (exchange, call) -> CallToolResult.builder()
                                .isError(true)
                                .addTextContent("hunter2")
                                .build())
                .build();
        server.start();
    }

    @AfterAll
    static void stop() {
        server.shutdown(Duration.ZERO).join();
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void aCallIsPartOfWhatIsCurrentAndTheServersSpanAPartOfTheCall(Era era) {
        String secret = "hunter2-" + era;
        Span question = sent.api.getTracer("test").spanBuilder("question").startSpan();
        try (McpSyncClient client = client(server.uri(), era, sent.observer, PKI);
                Scope current = question.makeCurrent()) {
            assertThat(current).isNotNull();
            client.initialize();
            client.callTool(CallToolRequest.builder("say")
                    .arguments(Map.of("city", secret))
                    .build());
        }

        SpanData call = sent.span(SpanKind.CLIENT, "tools/call say");
        assertThat(call.getParentSpanId()).isEqualTo(question.getSpanContext().getSpanId());
        SpanData served = SERVED.spans(SpanKind.SERVER, "tools/call say").stream()
                .filter(span -> span.getParentSpanId().equals(call.getSpanId()))
                .findFirst()
                .orElseThrow();
        assertThat(served.getTraceId()).isEqualTo(question.getSpanContext().getTraceId());
        assertThat(Traces.attributes(call))
                .containsEntry("mcp.protocol.version", era == Era.LEGACY ? "2025-11-25" : "2026-07-28")
                .containsEntry("server.address", "localhost")
                .containsEntry("server.port", String.valueOf(server.address().getPort()))
                .containsEntry("network.protocol.version", "2")
                .containsEntry("mcp_mtls.peer.identity", "spiffe://demo.local/server/weather")
                .containsKey("jsonrpc.request.id")
                .doesNotContainKey("error.type");
        assertThat(Traces.attributes(call).get("mcp.session.id"))
                .isEqualTo(Traces.attributes(served).get("mcp.session.id"));
        SpanData introduction = sent.span(SpanKind.CLIENT, era == Era.LEGACY ? "initialize" : "server/discover");
        assertThat(Traces.attributes(introduction))
                .as("each of its own era")
                .containsEntry("mcp.protocol.version", era == Era.LEGACY ? "2025-11-25" : "2026-07-28");
        assertThat(Station.comesTrue(
                        Duration.ofSeconds(10),
                        () -> sent.count("mcp.client.operation.duration")
                                == sent.all().stream()
                                        .filter(span -> span.getKind() == SpanKind.CLIENT)
                                        .count()))
                .isTrue();
        assertThat(Station.comesTrue(
                        Duration.ofSeconds(10),
                        () -> sent.count("mcp.client.session.duration") == (era == Era.LEGACY ? 1 : 0)))
                .isTrue();
        assertThat(sent.all().toString() + SERVED.all()).doesNotContain(secret);
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void failuresAreErrors(Era era) {
        try (McpSyncClient client = client(server.uri(), era, sent.observer, PKI)) {
            client.callTool(CallToolRequest.builder("fail").build());
            assertThatThrownBy(() ->
                            client.callTool(CallToolRequest.builder("missing").build()))
                    .isNotNull();
        }

        assertThat(error("tools/call fail")).isEqualTo("tool_error");
        assertThat(error("tools/call missing")).isEqualTo("-32602");
        assertThat(sent.all().toString()).doesNotContain("hunter2");
    }

    @Test
    void aServerThatIsRefusedOrOutOfReachIsAnError() {
        try (McpSyncClient client = client(server.uri(), Era.MODERN, sent.observer, new Pki("Elsewhere"))) {
            assertThatThrownBy(client::initialize).isNotNull();
        }
        assertThat(error("server/discover")).isEqualTo("server_certificate_invalid");

        try (McpSyncClient client = client(URI.create("https://localhost:1/mcp"), Era.LEGACY, sent.observer, PKI)) {
            assertThatThrownBy(client::initialize).isNotNull();
        }
        assertThat(error("initialize")).isEqualTo("dev.mcpmtls.transport.client.ConnectionException.Unreachable");
    }

    @Test
    void aServerThatSaysNothingIsATimeout() {
        try (ScriptedServer silent = ScriptedServer.http1(profile("silent", PKI))) {
            silent.answer(request -> {});
            try (McpSyncClient client = client(silent.uri(), Era.LEGACY, sent.observer, PKI)) {
                assertThatThrownBy(client::initialize).isNotNull();
            }
        }
        assertThat(error("initialize")).isEqualTo("timeout");
    }

    @Test
    void theTraceIsInTheMessageAndItsHeader() {
        BlockingQueue<String> headers = new LinkedBlockingQueue<>();
        try (ScriptedServer server = ScriptedServer.http1(profile("scripted", PKI))) {
            server.answer(request -> request.body().onSuccess(body -> {
                headers.add(request.getHeader("traceparent") + " "
                        + body.toJsonObject()
                                .getJsonObject("params")
                                .getJsonObject("_meta")
                                .getString("traceparent"));
                request.response().setStatusCode(500).end();
            }));
            try (McpSyncClient client = client(server.uri(), Era.LEGACY, sent.observer, PKI)) {
                assertThatThrownBy(client::initialize).isNotNull();
            }
        }
        SpanData initialize = sent.span(SpanKind.CLIENT, "initialize");
        String trace = "00-" + initialize.getTraceId() + "-" + initialize.getSpanId() + "-0[13]";
        assertThat(headers).singleElement().satisfies(both -> assertThat(both).matches(trace + " " + trace));
    }

    @ParameterizedTest
    @EnumSource(names = {"LEGACY", "MODERN"})
    void withoutAnObserverMessagesCarryNoTrace(Era era) {
        METAS.clear();
        try (McpSyncClient client = client(server.uri(), era, Observer.NONE, PKI)) {
            client.callTool(CallToolRequest.builder("say").build());
        }
        assertThat(METAS)
                .singleElement()
                .satisfies(meta -> assertThat(meta).doesNotContainKeys("traceparent", "tracestate"));
        assertThat(sent.all()).isEmpty();
    }

    private String error(String name) {
        SpanData span = sent.span(SpanKind.CLIENT, name);
        return Traces.attributes(span).get("error.type");
    }

    private static McpSyncClient client(URI uri, Era era, Observer observer, Pki trusted) {
        MtlsClientTransport through = MtlsClientTransport.builder(uri)
                .tls(profile("coordinator", trusted))
                .era(era)
                .observer(observer)
                .answerTimeout(Duration.ofSeconds(1))
                .withoutNotifications()
                .build();
        return McpClient.sync(through)
                .requestTimeout(Duration.ofSeconds(20))
                .initializationTimeout(Duration.ofSeconds(20))
                .build();
    }

    private static TlsProfile profile(String name, Pki trusted) {
        return TlsProfile.builder(
                        CredentialSource.fixed(PKI.issue(name)),
                        new ChainVerifier(TrustPolicy.strict(trusted.anchors()), InstantSource.system()))
                .build();
    }

    private static Tool tool(String name) {
        return Tool.builder(name, Map.of("type", "object")).build();
    }
}
