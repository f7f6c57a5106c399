// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.telemetry.McpTelemetry;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request through the gateway: the span of its client's request, and in it that of the request to the server. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TracesIT {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    // Odd on purpose: nothing of it but the trace may change.
    private static final String ODD = """
        { "method":"tools/call", "jsonrpc":"2.0","extra":[1.0,1e5], "params":{"_meta":{"own/x":1.50,"traceparent":"%s",\
        "tracestate":"rojo=1"},"name":"say","arguments":{"n":90071992547409931,"s":"\\u00e9\\/"}},"id":"a\\u0062" }\
        """.formatted(PARENT);

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final McpTelemetry observer = McpTelemetry.of(OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(TextMapPropagator.composite(
                    W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
            .build());

    @Test
    void aRequestToAProcessCarriesItsOwnTraceAndIsOtherwiseAsItCame() throws Exception {
        try (Front front = overProcess()) {
            Agent alice = front.agent("alice");
            alice.initialize();
            String said = alice.post(ODD).said();

            SpanData served = span(SpanKind.SERVER, "tools/call say");
            SpanData sent = span(SpanKind.CLIENT, "tools/call say");
            assertThat(served.getTraceId()).isEqualTo(TRACE);
            assertThat(served.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
            assertThat(sent.getParentSpanId()).isEqualTo(served.getSpanId());
            assertThat(attribute(sent, "network.transport")).isEqualTo("pipe");
            assertThat(attribute(sent, "mcp.protocol.version")).isEqualTo("2025-11-25");
            assertThat(attribute(sent, "error.type")).isNull();
            assertThat(said)
                    .isEqualTo(ODD.replace("\"a\\u0062\"", "1")
                            .replace(PARENT, "00-" + TRACE + "-" + sent.getSpanId() + "-01")
                            .replace(
                                    "\"rojo=1\"}",
                                    "\"rojo=1\",\"dev.mcpmtls/caller\":{\"identity\":"
                                            + "\"spiffe://demo.local/agent/alice\",\"assurance\":\"VERIFIED\"}}"));
            assertThat(attribute(span(SpanKind.CLIENT, "initialize"), "mcp.protocol.version"))
                    .isEqualTo("2025-11-25");
        }
    }

    @Test
    void failuresOfTheServerAreErrorsAndADeniedCallNeverReachesIt() throws Exception {
        try (Front front = overProcess()) {
            Agent alice = front.agent("alice");
            alice.initialize();
            alice.call("crash");
            alice.call("secret");

            assertThat(attribute(span(SpanKind.CLIENT, "tools/call crash"), "error.type"))
                    .isEqualTo("bad_gateway");
            assertThat(attribute(span(SpanKind.SERVER, "tools/call crash"), "error.type"))
                    .isEqualTo("502");
            assertThat(attribute(span(SpanKind.SERVER, "tools/call secret"), "error.type"))
                    .isEqualTo("403");
            assertThat(all(SpanKind.CLIENT, "tools/call secret")).isEmpty();
        }
    }

    @Test
    void aModernRequestOverHttpHasTheTraceInItsHeaderToo() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = Front.of(
                        gateway -> {
                            gateway.observe(observer);
                            return gateway.url(
                                    "crm",
                                    upstream.url(),
                                    Map::of,
                                    Optional.empty(),
                                    Duration.ofMinutes(5),
                                    Duration.ofSeconds(30));
                        },
                        settings -> settings.observer(observer))) {
            front.agent("alice").modernCall("say", "");

            SpanData sent = span(SpanKind.CLIENT, "tools/call say");
            assertThat(sent.getParentSpanId())
                    .isEqualTo(span(SpanKind.SERVER, "tools/call say").getSpanId());
            assertThat(attribute(sent, "mcp.protocol.version")).isEqualTo("2026-07-28");
            assertThat(attribute(sent, "server.address")).isEqualTo("127.0.0.1");
            Recorder.Received call = upstream.with("tools/call").get(0);
            assertThat(call.header("traceparent")).contains(sent.getTraceId() + "-" + sent.getSpanId());
            assertThat(call.body()).contains("\"traceparent\":\"" + call.header("traceparent") + "\"");
        }
    }

    private Front overProcess() {
        ServerCommand command =
                ServerCommand.of("node", Front.fixture("server.mjs").toString());
        return Front.of(
                gateway -> {
                    gateway.observe(observer);
                    return gateway.command("files", command, ProcessOptions.defaults());
                },
                settings -> settings.observer(observer)
                        .accessPolicy((peer, call) -> call.target().equals("secret")
                                ? new Decision.Deny("no secrets")
                                : new Decision.Permit()));
    }

    private SpanData span(SpanKind kind, String name) {
        assertThat(Front.comesTrue(() -> !all(kind, name).isEmpty()))
                .as("%s in %s", name, spans.getFinishedSpanItems())
                .isTrue();
        return all(kind, name).get(0);
    }

    private List<SpanData> all(SpanKind kind, String name) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getKind() == kind && span.getName().equals(name))
                .toList();
    }

    private static String attribute(SpanData span, String name) {
        return span.getAttributes().get(AttributeKey.stringKey(name));
    }
}
