// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** OpenTelemetry's SDK with memory in place of exporters. */
final class Reports {

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
    final OpenTelemetrySdk api;

    Reports(Sampler sampler) {
        api = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setSampler(sampler)
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setMeterProvider(
                        SdkMeterProvider.builder().registerMetricReader(metrics).build())
                .setPropagators(ContextPropagators.create(TextMapPropagator.composite(
                        W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
                .build();
    }

    List<SpanData> spans() {
        return spans.getFinishedSpanItems();
    }

    SpanData span() {
        List<SpanData> all = spans();
        if (all.size() != 1) {
            throw new AssertionError("not one span: " + all);
        }
        return all.get(0);
    }

    Collection<MetricData> metrics() {
        return metrics.collectAllMetrics();
    }

    /** The points of a histogram. */
    List<HistogramPointData> points(String name) {
        return metrics().stream()
                .filter(metric -> metric.getName().equals(name))
                .flatMap(metric -> metric.getHistogramData().getPoints().stream())
                .toList();
    }

    /** Attributes by their names, as text. */
    static TreeMap<String, String> named(io.opentelemetry.api.common.Attributes attributes) {
        TreeMap<String, String> named = new TreeMap<>();
        attributes.forEach((key, value) -> named.put(key.getKey(), String.valueOf(value)));
        return named;
    }
}
