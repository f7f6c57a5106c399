// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.telemetry.McpTelemetry;
import dev.mcpmtls.transport.server.Station;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Observes with OpenTelemetry's SDK, and keeps spans in memory. */
public final class Traces {

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final InMemoryMetricReader metrics = InMemoryMetricReader.create();

    public final OpenTelemetrySdk api = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setMeterProvider(
                    SdkMeterProvider.builder().registerMetricReader(metrics).build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();

    public final McpTelemetry observer =
            McpTelemetry.builder(api).identities(true).build();

    /** The first span of that kind and name, once it has ended. */
    public SpanData span(SpanKind kind, String name) {
        assertThat(Station.comesTrue(
                        Duration.ofSeconds(10), () -> !spans(kind, name).isEmpty()))
                .as("%s in %s", name, spans.getFinishedSpanItems())
                .isTrue();
        return spans(kind, name).get(0);
    }

    public List<SpanData> spans(SpanKind kind, String name) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getKind() == kind && span.getName().equals(name))
                .toList();
    }

    public List<SpanData> all() {
        return spans.getFinishedSpanItems();
    }

    /** How many values the histogram has. */
    public long count(String histogram) {
        return metrics.collectAllMetrics().stream()
                .filter(metric -> metric.getName().equals(histogram))
                .flatMap(metric -> metric.getHistogramData().getPoints().stream())
                .mapToLong(point -> point.getCount())
                .sum();
    }

    /** A span's attributes by their names, as text. */
    public static Map<String, String> attributes(SpanData span) {
        Map<String, String> named = new TreeMap<>();
        span.getAttributes().forEach((key, value) -> named.put(key.getKey(), String.valueOf(value)));
        return named;
    }
}
