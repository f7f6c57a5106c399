// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the trace context of messages. The propagator judges what it reads; this bounds how much that may be, because a peer
 * wrote it.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/#tracestate-limits">Trace Context, section 3.3.1.5</a>
 * @see <a href="https://www.w3.org/TR/baggage/#limits">Baggage, section 3.3.2</a>
 */
record Propagation(TextMapPropagator propagator) {

    private static final int MAX_LENGTH = 512;
    private static final int MAX_BAGGAGE = 8_192;
    private static final int MAX_MEMBERS = 64;

    private static final TextMapGetter<UnaryOperator<@Nullable String>> GETTER = new TextMapGetter<>() {
        @Override
        public @Nullable String get(@Nullable UnaryOperator<@Nullable String> carrier, String key) {
            String value = carrier == null ? null : carrier.apply(key);
            return value == null || isTooLong(key, value) ? null : value;
        }
    };

    /** The context that the members of {@code _meta} describe. */
    Context from(Map<String, Object> meta) {
        return meta.isEmpty() ? Context.root() : from(key -> meta.get(key) instanceof String text ? text : null);
    }

    /** The context that headers describe. */
    Context from(UnaryOperator<@Nullable String> header) {
        return propagator.extract(Context.root(), header, GETTER);
    }

    private static boolean isTooLong(String key, String value) {
        return key.equals("baggage")
                ? value.length() > MAX_BAGGAGE
                        || value.chars().filter(c -> c == ',').count() >= MAX_MEMBERS
                : value.length() > MAX_LENGTH;
    }

    /** Every member that the propagator knows, without a value where the context has none. */
    Map<String, Optional<String>> of(Context context) {
        Map<String, String> written = new HashMap<>();
        propagator.inject(context, written, (carrier, key, value) -> written.put(key, value));
        Map<String, Optional<String>> all = new LinkedHashMap<>();
        propagator.fields().forEach(field -> all.put(field, Optional.ofNullable(written.get(field))));
        return all;
    }
}
