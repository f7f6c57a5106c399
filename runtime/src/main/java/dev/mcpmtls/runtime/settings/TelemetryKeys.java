// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The settings of {@code telemetry}. */
public final class TelemetryKeys {

    private static final KeyTable TABLE = new KeyTable();
    private static final String EXAMPLE = "http://localhost:4318";

    /** The relation of a request's span to the one that its caller names. */
    public enum Parents {
        /** The caller's trace goes on. */
        FOLLOW,
        /** Each request begins a trace, which links to the caller's. */
        LINK
    }

    /** Where traces and metrics go. */
    public static final Key<URI> OTLP = TABLE.optional(
            "telemetry.otlp",
            Type.of("URL", TelemetryKeys::url),
            "the collector that traces and metrics go to, by OTLP over HTTP, such as " + EXAMPLE + "; off when absent");

    /** The secrets that the collector wants. */
    public static final Key<List<Map.Entry<String, Path>>> HEADER_FILES = TABLE.list(
            "telemetry.header-files",
            Type.of("NAME=PATH", TelemetryKeys::header),
            List.of(),
            "headers for the collector, each the first line of a file: a token for example");

    /** The program's name in traces. */
    public static final Key<String> SERVICE_NAME = TABLE.key(
            "telemetry.service-name", Type.text("NAME"), "mcp-mtls", "the name of this program in traces and metrics");

    /** How many traces are kept. */
    public static final Key<Double> SAMPLING = TABLE.key(
            "telemetry.sampling",
            Type.of("FRACTION", TelemetryKeys::fraction),
            "1",
            "the fraction of the traces that begin here to record, from 0 to 1");

    /** Whether callers decide. */
    public static final Key<Parents> PARENTS = TABLE.key(
            "telemetry.parents",
            Type.words(Parents.values()),
            "follow",
            "whether a caller's trace goes on here, with its decision to record, or each request begins one that links"
                    + " to it");

    /** Whether identities are reported. */
    public static final Key<Boolean> IDENTITY =
            TABLE.key("telemetry.identity", Type.bool(), "false", "whether spans name the identities that peers prove");

    /** Whether metrics are sent. */
    public static final Key<Boolean> METRICS = TABLE.key(
            "telemetry.metrics",
            Type.bool(),
            "true",
            "whether the collector gets metrics, too; Jaeger takes traces alone");

    private TelemetryKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }

    private static URI url(String text) {
        try {
            URI url = URI.create(text);
            String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https"))
                    && url.getHost() != null
                    && url.getUserInfo() == null
                    && url.getQuery() == null
                    && url.getFragment() == null) {
                if (url.getPath().endsWith("/v1/traces") || url.getPath().endsWith("/v1/metrics")) {
                    throw new IllegalArgumentException(Printable.quote(text)
                            + " is the address of one signal; name the collector's, without /v1/…");
                }
                return url;
            }
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).contains("one signal")) {
                throw e;
            }
            // Told below.
        }
        throw new IllegalArgumentException(Printable.quote(text) + " is no address of a collector, such as " + EXAMPLE);
    }

    private static Map.Entry<String, Path> header(String text) {
        int equals = text.indexOf('=');
        if (equals < 1
                || !text.substring(0, equals).matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
                || equals == text.length() - 1) {
            throw new IllegalArgumentException(
                    Printable.quote(text) + " is no header with its file, such as Authorization=collector.token");
        }
        return Map.entry(text.substring(0, equals), Path.of(text.substring(equals + 1)));
    }

    private static Double fraction(String text) {
        if (!text.matches("[01](\\.\\d{1,9})?") || new BigDecimal(text).compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException(Printable.quote(text) + " is no fraction from 0 to 1, such as 0.1");
        }
        return Double.valueOf(text);
    }
}
