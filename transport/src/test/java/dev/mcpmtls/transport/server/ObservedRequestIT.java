// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.transport.Traces;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The spans and durations of a server's requests, in both eras. */
@Timeout(60)
class ObservedRequestIT {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String META = "\"_meta\":{\"traceparent\":\"00-" + TRACE + "-00f067aa0ba902b7-01\"}";
    private static final Traces TRACES = new Traces();
    private static final CountDownLatch ENTERED = new CountDownLatch(1);
    private static final CountDownLatch INTERRUPTED = new CountDownLatch(1);
    private static Station station;

    @BeforeAll
    static void serve() {
        station = Station.open(
                settings -> settings.observer(TRACES.observer).accessPolicy((peer, call) -> switch (call.target()) {
                    case "denied" -> new Decision.Deny("not today");
                    case "limited" ->
                        new Decision.Deny(
                                "too often", Optional.of("some"), Optional.of(Duration.ofSeconds(3)), List.of());
                    default -> new Decision.Permit();
                }),
                ObservedRequestIT::tools);
    }

    private static McpServer.SyncSpecification<McpServer.StreamableSyncSpecification> tools(
            McpServer.SyncSpecification<McpServer.StreamableSyncSpecification> server) {
        McpSchema.Tool wrong =
                McpSchema.Tool.builder("wrong", Map.of("type", "object")).build();
        server.toolCall(
                wrong,
                (exchange, call) -> CallToolResult.builder()
                        .isError(true)
                        .addTextContent("hunter2")
                        .build());
        var traced = Station.tool(
                "traced", (exchange, call) -> Span.current().getSpanContext().getSpanId());
        return Station.stuck(ENTERED, INTERRUPTED).apply(traced.apply(server));
    }

    @AfterAll
    static void stop() {
        station.close();
    }

    @Test
    void aLegacySessionIsAServerSpanPerMessageInTheCallersTrace() throws Exception {
        Agent alice = station.agent("alice");
        String session = alice.initialize();
        alice.send(alice.legacy(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
        String told = alice.send(alice.legacy(
                        session,
                        "{\"jsonrpc\":\"2.0\",\"id\":\"c-1\",\"method\":\"tools/call\",\"params\":{\"name\":\"traced\",\"arguments\":{\"secret\":\"hunter2\"},"
                                + META + "}}"))
                .http()
                .body();
        alice.send(alice.request("Mcp-Session-Id", session).DELETE());

        SpanData call = spans("tools/call traced", "jsonrpc.request.id", "c-1").get(0);
        assertThat(call.getTraceId()).isEqualTo(TRACE);
        assertThat(told).as("the span is current in the handler").contains(call.getSpanId());
        assertThat(Traces.attributes(call))
                .containsOnlyKeys(
                        "mcp.method.name",
                        "gen_ai.tool.name",
                        "gen_ai.operation.name",
                        "jsonrpc.request.id",
                        "mcp.protocol.version",
                        "mcp.session.id",
                        "network.transport",
                        "network.protocol.name",
                        "network.protocol.version",
                        "client.address",
                        "client.port",
                        "mcp_mtls.peer.identity")
                .contains(
                        entry("mcp.protocol.version", "2025-11-25"),
                        entry("network.protocol.version", "1.1"),
                        entry("client.address", "127.0.0.1"),
                        entry("mcp_mtls.peer.identity", "spiffe://demo.local/agent/alice"));
        SpanData initialize = TRACES.span(SpanKind.SERVER, "initialize");
        assertThat(Traces.attributes(initialize))
                .containsEntry("mcp.protocol.version", "2025-11-25")
                .containsEntry("mcp.session.id", Traces.attributes(call).get("mcp.session.id"));
        assertThat(initialize.getTraceId()).isNotEqualTo(TRACE);
        TRACES.span(SpanKind.SERVER, "notifications/initialized");
        assertThat(Station.comesTrue(Duration.ofSeconds(10), () -> TRACES.count("mcp.server.session.duration") > 0))
                .isTrue();
        assertThat(TRACES.all().toString()).doesNotContain("hunter2").doesNotContain(session);
        assertThat(decided("traced"))
                .anySatisfy(event -> assertThat(event.trace())
                        .hasValueSatisfying(trace -> assertThat(trace.spanId()).isEqualTo(call.getSpanId())));
    }

    @Test
    void aModernRequestIsAServerSpanInTheTraceOfItsHeaderWhereItsMessageNamesNone() throws Exception {
        Agent bob = station.agent("bob");
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        bob.send(bob.modern("tools/call", "traced", "\"name\":\"traced\"", "traceparent", traceparent));

        SpanData call =
                spans("tools/call traced", "mcp.protocol.version", "2026-07-28").get(0);
        assertThat(call.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(call.getParentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(Traces.attributes(call))
                .containsEntry("jsonrpc.request.id", "1")
                .doesNotContainKey("mcp.session.id");
        bob.send(bob.modern("server/discover", "", ""));
        assertThat(Traces.attributes(TRACES.span(SpanKind.SERVER, "server/discover")))
                .doesNotContainKey("error.type");
    }

    @Test
    void refusalsAreErrors() throws Exception {
        Agent carol = station.agent("carol");
        carol.send(carol.modernCall("denied", ",\"more\":{\"secret\":\"hunter2\"}"));
        carol.send(carol.modernCall("limited", ""));
        carol.send(carol.modernCall("wrong", ""));
        carol.send(carol.modernCall("missing", ""));
        carol.send(carol.modern("no/such", "", ""));
        carol.send(carol.legacy("no-such-session", Agent.call(9, "elsewhere")));

        SpanData denied = TRACES.span(SpanKind.SERVER, "tools/call denied");
        assertThat(Traces.attributes(denied))
                .containsEntry("error.type", "403")
                .containsEntry("rpc.response.status_code", "403");
        assertThat(denied.getStatus().getDescription()).isEqualTo("not today");
        assertThat(error("tools/call limited")).isEqualTo("429");
        assertThat(error("tools/call wrong")).isEqualTo("tool_error");
        assertThat(error("tools/call missing")).isEqualTo("-32602");
        assertThat(error("no/such")).isEqualTo("-32601");
        assertThat(error("tools/call elsewhere")).isEqualTo("-32600");
        assertThat(TRACES.all().toString()).doesNotContain("hunter2");
        assertThat(decided("denied"))
                .allSatisfy(event -> assertThat(event.trace()).isPresent());
    }

    @Test
    void aCallThatItsClientGivesUpIsCancelled() throws Exception {
        try (Socket gone = station.socket("dave")) {
            Station.write(gone, Agent.raw("stuck"));
            assertThat(ENTERED.await(10, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(INTERRUPTED.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(error("tools/call stuck")).isEqualTo("cancelled");
    }

    @Test
    void textsThatAreNoMessagesAreNoSpans() throws Exception {
        int before = TRACES.all().size();
        Agent erin = station.agent("erin");
        assertThat(erin.post("{\"jsonrpc\":\"2.0\"").status()).isEqualTo(400);
        assertThat(erin.post("{\"jsonrpc\":\"2.0\",\"id\":1}").status()).isEqualTo(400);

        assertThat(TRACES.all().stream()
                        .filter(span -> Traces.attributes(span).containsValue("spiffe://demo.local/agent/erin")))
                .isEmpty();
        assertThat(TRACES.all()).hasSizeGreaterThanOrEqualTo(before);
    }

    private static String error(String name) {
        return Traces.attributes(TRACES.span(SpanKind.SERVER, name)).get("error.type");
    }

    private static List<SpanData> spans(String name, String key, String value) {
        TRACES.span(SpanKind.SERVER, name);
        assertThat(Station.comesTrue(
                        Duration.ofSeconds(10),
                        () -> !matching(name, key, value).isEmpty()))
                .as("%s with %s in %s", name, value, TRACES.all())
                .isTrue();
        return matching(name, key, value);
    }

    private static List<SpanData> matching(String name, String key, String value) {
        return TRACES.spans(SpanKind.SERVER, name).stream()
                .filter(span -> value.equals(Traces.attributes(span).get(key)))
                .toList();
    }

    private static List<AuditEvent.CallDecided> decided(String tool) {
        return station.events().stream()
                .filter(AuditEvent.CallDecided.class::isInstance)
                .map(AuditEvent.CallDecided.class::cast)
                .filter(event -> event.call().target().equals(tool))
                .toList();
    }
}
