// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The traces of a client, a gateway and a server behind it, as a collector receives them. */
@Timeout(60)
class TracesIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Runtime Root");

    @TempDir
    private Path store;

    @BeforeEach
    void makeCredentials() {
        CA.server("echo").writeTo(store.resolve("credentials/echo"), CA.certificate());
        CA.client("front").writeTo(store.resolve("credentials/front"), CA.certificate());
    }

    @Test
    void aCallThroughTheGatewayIsOneTraceFromTheClientToTheServer() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(store.resolve("collector.token"), "Bearer collector-secret\n");
        try (Collector collector = new Collector()) {
            Settings settings = settings("""
                servers:
                  echo: {listen: "127.0.0.1:%d"}
                  front: {listen: "127.0.0.1:0", credential: echo, url: "https://localhost:%d/mcp", client-credential: front}
                telemetry:
                  otlp: %s
                  service-name: fleet
                  identity: true
                  header-files: [Authorization=collector.token]
                """.formatted(port, port, collector.uri()));
            try (AuditLog audit = Stores.audit(settings);
                    Telemetry ours = Telemetry.start(settings);
                    RunningServers running = RunningServers.start(
                            settings, List.of(Keys.ECHO), settings.entries(), Optional.empty(), audit)) {
                call(running.member("front").uri(), ours.observer());
            }

            Span asked = outer(collector.spans(SpanKind.SPAN_KIND_CLIENT, "tools/call echo"), ByteString.EMPTY);
            Span front = outer(collector.spans(SpanKind.SPAN_KIND_SERVER, "tools/call echo"), asked.getSpanId());
            Span passed = outer(collector.spans(SpanKind.SPAN_KIND_CLIENT, "tools/call echo"), front.getSpanId());
            Span echo = outer(collector.spans(SpanKind.SPAN_KIND_SERVER, "tools/call echo"), passed.getSpanId());
            assertThat(List.of(asked, front, passed, echo))
                    .extracting(Span::getTraceId)
                    .containsOnly(asked.getTraceId());
            assertThat(Collector.named(front.getAttributesList()))
                    .containsEntry("mcp_mtls.peer.identity", "spiffe://demo.local/agent/agent")
                    .containsEntry("gen_ai.tool.name", "echo");
            assertThat(Collector.named(echo.getAttributesList()))
                    .containsEntry("mcp_mtls.peer.identity", "spiffe://demo.local/agent/front");
            assertThat(Collector.named(passed.getAttributesList()))
                    .containsEntry("server.port", String.valueOf(port))
                    .containsEntry("network.transport", "tcp");
            assertThat(Collector.named(collector
                            .traces
                            .get(0)
                            .getResourceSpans(0)
                            .getResource()
                            .getAttributesList()))
                    .containsEntry("service.name", "fleet");
            assertThat(collector.metricNames())
                    .contains("mcp.server.operation.duration", "mcp.client.operation.duration");
            assertThat(collector.tokens).containsOnly("Bearer collector-secret");
            assertThat(collector.traces.toString()).doesNotContain("hunter2").doesNotContain("collector-secret");
            assertThat(Files.readString(store.resolve("audit.jsonl")))
                    .contains("\"trace.id\":\""
                            + HexFormat.of().formatHex(asked.getTraceId().toByteArray()) + "\"")
                    .contains("\"span.id\":\""
                            + HexFormat.of().formatHex(echo.getSpanId().toByteArray()) + "\"");
        }
    }

    @Test
    void withoutACollectorNothingIsObserved() throws Exception {
        try (Telemetry off = Telemetry.start(settings(""))) {
            assertThat(off.observer()).isSameAs(Observer.NONE);
            assertThat(off.observer().current()).isSameAs(Observation.NONE);
        }
    }

    @Test
    void aSamplingOfNoneSendsNoSpansAndMetricsAreSentUnlessTheyAreSwitchedOff() throws Exception {
        try (Collector collector = new Collector()) {
            try (Telemetry none =
                    Telemetry.start(settings("telemetry: {otlp: '%s', sampling: 0, parents: link, metrics: false}"
                            .formatted(collector.uri())))) {
                operation(none);
            }
            assertThat(collector.spans()).isEmpty();
            assertThat(collector.metricNames()).isEmpty();
            try (Telemetry metrics =
                    Telemetry.start(settings("telemetry: {otlp: '%s/', sampling: 0}".formatted(collector.uri())))) {
                operation(metrics);
            }
            assertThat(collector.spans()).isEmpty();
            assertThat(collector.metricNames()).contains("mcp.client.operation.duration");
        }
    }

    @Test
    void aHeaderWhoseFileIsMissingIsRefusedAndNoMessageHoldsASecret() throws Exception {
        Settings missing =
                settings("telemetry: {otlp: 'http://localhost:1', header-files: ['Authorization=no.token']}");
        assertThatThrownBy(() -> Telemetry.start(missing))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("no.token");
        Files.writeString(store.resolve("odd.token"), "hunter2\u0007");
        Settings odd = settings("telemetry: {otlp: 'http://localhost:1', header-files: ['Authorization=odd.token']}");
        assertThatThrownBy(() -> Telemetry.start(odd))
                .isInstanceOf(BadSettingException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aCollectorThatTakesNothingIsOneSentenceAndAnotherWhenItDoesAgain() throws Exception {
        List<String> log = new CopyOnWriteArrayList<>();
        try (Collector collector = new Collector()) {
            collector.status = 404;
            ExportWatch watch = new ExportWatch("traces", collector.uri(), log::add);
            try (SdkTracerProvider tracer = exporting(collector.uri(), watch)) {
                tracer.get("test").spanBuilder("one").startSpan().end();
                tracer.get("test").spanBuilder("two").startSpan().end();
                assertThat(tracer.forceFlush().join(10, TimeUnit.SECONDS).isDone())
                        .isTrue();
                assertThat(log)
                        .containsExactly("cannot send traces to the collector " + collector.uri()
                                + ": it answers HTTP 404, as one that does not know them; they are dropped"
                                + " until it takes them");
                collector.status = 200;
                tracer.get("test").spanBuilder("three").startSpan().end();
                assertThat(tracer.forceFlush().join(10, TimeUnit.SECONDS).isDone())
                        .isTrue();
                assertThat(log).hasSize(2).last().asString().endsWith("takes traces again");
            }
        }
    }

    @Test
    void aCollectorThatIsNotThereIsSaidToBeSo() throws Exception {
        List<String> log = new CopyOnWriteArrayList<>();
        URI nowhere;
        try (Collector closed = new Collector()) {
            nowhere = closed.uri();
        }
        try (SdkTracerProvider tracer = exporting(nowhere, new ExportWatch("traces", nowhere, log::add))) {
            tracer.get("test").spanBuilder("one").startSpan().end();
            assertThat(tracer.forceFlush().join(10, TimeUnit.SECONDS).isDone()).isTrue();
        }
        assertThat(log).singleElement().asString().contains("nothing listens there");
    }

    private static SdkTracerProvider exporting(URI collector, ExportWatch watch) {
        return SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(watch.over(OtlpHttpSpanExporter.builder()
                        .setEndpoint(collector + "/v1/traces")
                        .setRetryPolicy(null)
                        .build())))
                .build();
    }

    private static void operation(Telemetry telemetry) {
        telemetry
                .observer()
                .sent(
                        new dev.mcpmtls.protocol.observe.Operation(
                                "ping", 1, Map.of(), dev.mcpmtls.protocol.observe.Wire.PIPE),
                        Observation.NONE)
                .end();
    }

    /** The one whose parent that is. */
    private static Span outer(List<Span> spans, ByteString parent) {
        return spans.stream()
                .filter(span -> span.getParentSpanId().equals(parent))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no part of " + parent + " in " + spans));
    }

    private Settings settings(String text) throws IOException {
        return Settings.load(
                Files.writeString(store.resolve("mcp-mtls.yaml"), "dir: '%s'\n%s\n".formatted(store, text)));
    }

    private void call(URI server, Observer observer) {
        TlsProfile tls = TlsProfile.strict(CA.client("agent").writeTo(store.resolve("agent"), CA.certificate()));
        try (McpSyncClient client = McpClient.sync(MtlsClientTransport.builder(server)
                        .tls(tls)
                        .observer(observer)
                        .build())
                .build()) {
            client.initialize();
            client.callTool(CallToolRequest.builder("echo")
                    .arguments(Map.of("text", "hunter2"))
                    .build());
        }
    }
}
