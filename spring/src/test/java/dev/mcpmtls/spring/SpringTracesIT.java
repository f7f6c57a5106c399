// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static dev.mcpmtls.spring.Programs.start;
import static dev.mcpmtls.spring.Programs.uri;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.testkit.ThrowawayCa;
import io.modelcontextprotocol.client.McpSyncClient;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Programs that have an {@code OpenTelemetry} of their own, and one that has none. */
@Timeout(90)
class SpringTracesIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Spring CA");
    private static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();

    @TempDir
    private static Path directory;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Programs.WhoAmI.class, Traced.class})
    static class TracedServer extends Programs.Server {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Traced.class)
    static class TracedClient {}

    @Configuration(proxyBeanMethods = false)
    static class Traced {

        @Bean
        OpenTelemetry openTelemetry() {
            return OpenTelemetrySdk.builder()
                    .setTracerProvider(SdkTracerProvider.builder()
                            .addSpanProcessor(SimpleSpanProcessor.create(SPANS))
                            .build())
                    .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                    .build();
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void aCallIsASpanAtBothEnds() {
        try (var server = start(
                        TracedServer.class,
                        "mcp.mtls.telemetry.identity=true",
                        "mcp.mtls.server.credential="
                                + CA.server("whoami").writeTo(directory.resolve("server"), CA.certificate()));
                var client = start(
                        TracedClient.class,
                        "mcp.mtls.client.connections.direct.url=" + uri(server),
                        "mcp.mtls.client.connections.direct.credential="
                                + CA.client("planner").writeTo(directory.resolve("planner"), CA.certificate()))) {
            Programs.whoami(((List<McpSyncClient>) client.getBean("mcpSyncClients")).get(0));

            // Read before the programs close: that closes their OpenTelemetry, too.
            SpanData sent = span(SpanKind.CLIENT);
            SpanData served = span(SpanKind.SERVER);
            assertThat(served.getParentSpanId()).isEqualTo(sent.getSpanId());
            assertThat(served.getAttributes().get(AttributeKey.stringKey("mcp_mtls.peer.identity")))
                    .isEqualTo("spiffe://demo.local/agent/planner");
            assertThat(sent.getAttributes().get(AttributeKey.stringKey("mcp_mtls.peer.identity")))
                    .isNull();
        }
    }

    @Test
    void aProgramWithoutOpenTelemetryHasNoObserver() {
        try (var server = start(
                Programs.Server.class,
                "mcp.mtls.server.credential="
                        + CA.server("whoami").writeTo(directory.resolve("plain"), CA.certificate()))) {
            assertThat(server.getBeanProvider(Observer.class).getIfAvailable()).isNull();
        }
    }

    private static SpanData span(SpanKind kind) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (spans(kind).isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
        }
        return spans(kind).get(0);
    }

    private static List<SpanData> spans(SpanKind kind) {
        return SPANS.getFinishedSpanItems().stream()
                .filter(span -> span.getKind() == kind && span.getName().equals("tools/call whoami"))
                .toList();
    }
}
