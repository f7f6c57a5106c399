// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The spans of the commands that call servers, as a collector receives them. */
@Timeout(60)
class TracesIT extends StoreFixture {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private HttpServer collector;
    private RunningServers running;
    private String echo;

    @BeforeEach
    void serve() throws IOException {
        init();
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            ExportTraceServiceRequest.parseFrom(exchange.getRequestBody().readAllBytes())
                    .getResourceSpansList()
                    .forEach(resource ->
                            resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        Settings settings = Settings.load(Files.writeString(
                temporary.resolve("serve.yaml"),
                "dir: '%s'\nservers: {echo: {listen: '127.0.0.1:0'}}\ntelemetry: {otlp: '%s', metrics: false}\n"
                        .formatted(dir, collectorUrl())));
        running = RunningServers.start(settings, Keys.ECHO);
        echo = running.member("echo").uri().toString();
    }

    private String collectorUrl() {
        return "http://127.0.0.1:" + collector.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        running.close();
        collector.stop(0);
    }

    @Test
    void aQuestionIsOneTraceOfAllThatTheCoordinatorDoes() {
        assertThat(run("", "ask", "echo hunter2")).contains("hunter2");
        running.close();

        Span asked = span(SpanKind.SPAN_KIND_INTERNAL, "invoke_agent coordinator");
        Span called = span(SpanKind.SPAN_KIND_CLIENT, "tools/call echo");
        assertThat(called.getParentSpanId()).isEqualTo(asked.getSpanId());
        assertThat(span(SpanKind.SPAN_KIND_CLIENT, "tools/list").getParentSpanId())
                .isEqualTo(asked.getSpanId());
        assertThat(span(SpanKind.SPAN_KIND_SERVER, "tools/call echo").getParentSpanId())
                .isEqualTo(called.getSpanId());
        assertThat(spans.toString()).doesNotContain("hunter2");
    }

    @Test
    void aCallIsASpanAndAFailedOneAnError() {
        assertThat(run("", "call", echo, "echo", "text=hello")).contains("hello");
        run("", "call", echo, "nonsense");
        running.close();

        assertThat(span(SpanKind.SPAN_KIND_CLIENT, "tools/call echo")
                        .getStatus()
                        .getCodeValue())
                .isZero();
        assertThat(span(SpanKind.SPAN_KIND_CLIENT, "tools/call nonsense")
                        .getStatus()
                        .getCodeValue())
                .isEqualTo(2);
    }

    @Test
    void connectIsAServerToItsHostAndAClientToTheServer() {
        String said = run("""
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            {"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"echo","arguments":{"text":"hunter2"},"_meta":{"traceparent":"00-%s-00f067aa0ba902b7-01"}}}
            """.formatted(TRACE), "connect", echo);
        assertThat(said).contains("hunter2");
        running.close();

        List<Span> heard = spans(SpanKind.SPAN_KIND_SERVER, "tools/call echo");
        Span fromHost = heard.stream()
                .filter(span -> span.getParentSpanId().equals(ByteString.fromHex("00f067aa0ba902b7")))
                .findFirst()
                .orElseThrow();
        Span sent = span(SpanKind.SPAN_KIND_CLIENT, "tools/call echo");
        assertThat(sent.getParentSpanId()).isEqualTo(fromHost.getSpanId());
        assertThat(heard).anyMatch(span -> span.getParentSpanId().equals(sent.getSpanId()));
        assertThat(heard).extracting(Span::getTraceId).containsOnly(ByteString.fromHex(TRACE));
        assertThat(fromHost.getAttributesList().toString()).contains("\"pipe\"").contains("\"2025-06-18\"");
        assertThat(spans.toString()).doesNotContain("hunter2");
    }

    private String run(String in, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)), out, new ByteArrayOutputStream());
        String[] all =
                Stream.concat(Arrays.stream(words), Stream.of("--dir", dir)).toArray(String[]::new);
        int unused = Cli.run(
                console,
                Map.of(
                        "MCP_MTLS_TELEMETRY_OTLP",
                        collectorUrl(),
                        "MCP_MTLS_TELEMETRY_METRICS",
                        "false",
                        "MCP_MTLS_COORDINATOR_SERVERS",
                        echo),
                all);
        return out.toString(StandardCharsets.UTF_8);
    }

    private Span span(SpanKind kind, String name) {
        List<Span> found = spans(kind, name);
        assertThat(found).as("%s in %s", name, spans).isNotEmpty();
        return found.get(0);
    }

    private List<Span> spans(SpanKind kind, String name) {
        return spans.stream()
                .filter(span -> span.getKind() == kind && span.getName().equals(name))
                .toList();
    }
}
