// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.protocol.observe.Wire;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of observing one call of a tool through a gateway: the span of the request, that of the request to the server, both durations. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ObserverBenchmark {

    private static final Map<String, Object> PARAMS = Map.of(
            "name",
            "get-weather",
            "_meta",
            Map.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    private static final Wire WIRE = Wire.http("2", "192.0.2.7", 50_123, "spiffe://demo.local/agent/alice");

    /** Off, on with no trace recorded, or on with each recorded. */
    @Param({"off", "unsampled", "sampled"})
    public String telemetry = "off";

    private Observer observer = Observer.NONE;

    /** The observer of the parameter. */
    @Setup
    public void observe() {
        if (telemetry.equals("off")) {
            return;
        }
        observer = McpTelemetry.of(OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(new Nowhere()).build())
                        .setSampler(telemetry.equals("sampled") ? Sampler.alwaysOn() : Sampler.alwaysOff())
                        .build())
                .setMeterProvider(SdkMeterProvider.builder().build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build());
    }

    /** In place of a collector. */
    private static final class Nowhere implements SpanExporter {

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    /** One call. */
    @Benchmark
    public Object call() {
        Observation served = observer.received(new Operation("tools/call", 7, PARAMS, WIRE), name -> null);
        served.speaks("2025-11-25");
        Observation sent = observer.sent(new Operation("tools/call", 1, PARAMS, WIRE), served);
        Object carried = sent.carried();
        sent.end();
        served.end();
        return carried;
    }
}
