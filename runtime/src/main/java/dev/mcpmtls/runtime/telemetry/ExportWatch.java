// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.telemetry;

import dev.mcpmtls.identity.Printable;
import io.opentelemetry.exporter.internal.FailedExportException.HttpExportException;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Logs one sentence when the collector stops taking one signal, and one when it takes it again. Thread-safe. */
final class ExportWatch {

    private final String signal;
    private final URI collector;
    private final Consumer<String> log;
    private final AtomicBoolean failing = new AtomicBoolean();

    /** @param signal for example {@code traces} */
    ExportWatch(String signal, URI collector, Consumer<String> log) {
        this.signal = signal;
        this.collector = collector;
        this.log = log;
    }

    private CompletableResultCode watched(CompletableResultCode result) {
        return result.whenComplete(() -> {
            if (result.isSuccess()) {
                if (failing.compareAndSet(true, false)) {
                    log.accept("the collector " + collector + " takes " + signal + " again");
                }
            } else if (failing.compareAndSet(false, true)) {
                log.accept("cannot send " + signal + " to the collector " + collector + ": "
                        + why(result.getFailureThrowable()) + "; they are dropped until it takes them");
            }
        });
    }

    private static String why(@Nullable Throwable failure) {
        if (failure instanceof HttpExportException answered && answered.getResponse() != null) {
            int status = answered.getResponse().getStatusCode();
            return "it answers HTTP " + status + (status == 404 ? ", as one that does not know them" : "");
        }
        Throwable cause = failure;
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ConnectException || cause instanceof java.nio.channels.ClosedChannelException) {
            return "nothing listens there";
        }
        if (cause instanceof HttpTimeoutException) {
            return "it does not answer in time";
        }
        return cause == null ? "it does not answer" : Printable.clean(cause.toString());
    }

    /** The exporter, watched. */
    SpanExporter over(SpanExporter exporter) {
        return new SpanExporter() {
            @Override
            public CompletableResultCode export(Collection<SpanData> spans) {
                return watched(exporter.export(spans));
            }

            @Override
            public CompletableResultCode flush() {
                return exporter.flush();
            }

            @Override
            public CompletableResultCode shutdown() {
                return exporter.shutdown();
            }
        };
    }

    /** As the other, for metrics. */
    MetricExporter over(MetricExporter exporter) {
        return new MetricExporter() {
            @Override
            public CompletableResultCode export(Collection<MetricData> metrics) {
                return watched(exporter.export(metrics));
            }

            @Override
            public AggregationTemporality getAggregationTemporality(InstrumentType instrument) {
                return exporter.getAggregationTemporality(instrument);
            }

            @Override
            public Aggregation getDefaultAggregation(InstrumentType instrument) {
                return exporter.getDefaultAggregation(instrument);
            }

            @Override
            public MemoryMode getMemoryMode() {
                return exporter.getMemoryMode();
            }

            @Override
            public CompletableResultCode flush() {
                return exporter.flush();
            }

            @Override
            public CompletableResultCode shutdown() {
                return exporter.shutdown();
            }
        };
    }
}
