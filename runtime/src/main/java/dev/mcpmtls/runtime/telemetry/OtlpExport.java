// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.telemetry;

import dev.mcpmtls.runtime.settings.HeaderValue;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TelemetryKeys;
import dev.mcpmtls.telemetry.McpTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * OpenTelemetry's SDK with its exporter. The standard {@code OTEL_*} variables refine it, but for those that would lead the data elsewhere:
 * settings name the collector. A variable decides where its setting has its default.
 */
final class OtlpExport {

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(OtlpExport.class);
    private static final Duration FLUSH = Duration.ofSeconds(3);
    // Held, because the logging of the JDK forgets levels of loggers that nothing refers to. ExportWatch tells of
    // failures, once.
    private static final List<Logger> OUTSPOKEN = Stream.of(
                    "io.opentelemetry.exporter",
                    "io.opentelemetry.sdk.trace.export",
                    "io.opentelemetry.sdk.metrics.export")
            .map(Logger::getLogger)
            .toList();

    private OtlpExport() {}

    static Telemetry start(Settings settings, URI collector) {
        OUTSPOKEN.forEach(logger -> logger.setLevel(Level.OFF));
        ExportWatch traces = new ExportWatch("traces", collector, LOG::warn);
        ExportWatch metrics = new ExportWatch("metrics", collector, LOG::warn);
        Map<String, String> fixed = fixed(settings, collector);
        AutoConfiguredOpenTelemetrySdkBuilder building = AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .setServiceClassLoader(OtlpExport.class.getClassLoader())
                .addPropertiesSupplier(() -> defaults(settings))
                .addPropertiesCustomizer(found -> overriding(settings, fixed, found))
                .addSpanExporterCustomizer((exporter, config) -> traces.over(exporter))
                .addMetricExporterCustomizer((exporter, config) -> metrics.over(exporter));
        OpenTelemetrySdk sdk = building.build().getOpenTelemetrySdk();
        McpTelemetry observer = McpTelemetry.builder(sdk)
                .parents(McpTelemetry.Parents.valueOf(
                        settings.get(TelemetryKeys.PARENTS).name()))
                .identities(settings.get(TelemetryKeys.IDENTITY))
                .build();
        return new Telemetry(observer, () -> sdk.shutdown().join(1, TimeUnit.MINUTES), FLUSH);
    }

    /** Not for variables to change: where the data goes, and in which form. */
    private static Map<String, String> fixed(Settings settings, URI collector) {
        Map<String, String> fixed = new HashMap<>();
        fixed.put("otel.exporter.otlp.endpoint", collector.toString());
        fixed.put("otel.exporter.otlp.protocol", "http/protobuf");
        fixed.put("otel.logs.exporter", "none");
        for (String signal : new String[] {"traces", "metrics"}) {
            fixed.put("otel.exporter.otlp." + signal + ".protocol", "http/protobuf");
            String base = collector.toString();
            fixed.put(
                    "otel.exporter.otlp." + signal + ".endpoint",
                    (base.endsWith("/") ? base : base + "/") + "v1/" + signal);
        }
        if (!settings.get(TelemetryKeys.METRICS)) {
            fixed.put("otel.metrics.exporter", "none");
        }
        String headers = settings.get(TelemetryKeys.HEADER_FILES).stream()
                .map(header -> header.getKey() + "=" + value(settings, header))
                .collect(Collectors.joining(","));
        if (!headers.isEmpty()) {
            fixed.put("otel.exporter.otlp.headers", headers);
        }
        return fixed;
    }

    private static String value(Settings settings, Map.Entry<String, Path> header) {
        String line = HeaderValue.inFile(header.getKey(), settings.inStore(header.getValue()));
        return URLEncoder.encode(line, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Map<String, String> defaults(Settings settings) {
        return Map.of(
                "otel.service.name", settings.get(TelemetryKeys.SERVICE_NAME),
                "otel.traces.sampler", "parentbased_traceidratio",
                "otel.traces.sampler.arg", settings.get(TelemetryKeys.SAMPLING).toString());
    }

    private static Map<String, String> overriding(
            Settings settings, Map<String, String> fixed, ConfigProperties variables) {
        Map<String, String> all = new HashMap<>(fixed);
        Map<String, String> defaults = defaults(settings);
        Map.of(
                        "otel.service.name", TelemetryKeys.SERVICE_NAME,
                        "otel.traces.sampler", TelemetryKeys.SAMPLING,
                        "otel.traces.sampler.arg", TelemetryKeys.SAMPLING)
                .forEach((property, key) -> {
                    if (isSet(settings, key)) {
                        all.put(property, String.valueOf(defaults.get(property)));
                    }
                });
        Optional.ofNullable(variables.getString("otel.exporter.otlp.headers"))
                .filter(more -> fixed.containsKey("otel.exporter.otlp.headers"))
                .ifPresent(more ->
                        all.put("otel.exporter.otlp.headers", more + "," + fixed.get("otel.exporter.otlp.headers")));
        return all;
    }

    private static boolean isSet(Settings settings, Key<?> key) {
        return !settings.origin(key).equals("default");
    }
}
