// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import dev.mcpmtls.protocol.observe.Observer.Side;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The metrics. Their attributes take few values, whatever peers send. */
final class Durations {

    private static final int MAX_NAMES = 1_000;

    private final DoubleHistogram servedOperations;
    private final DoubleHistogram sentOperations;
    private final DoubleHistogram servedSessions;
    private final DoubleHistogram sentSessions;
    // Names of tools and prompts that exist: each has answered.
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    Durations(Meter meter) {
        servedOperations = histogram(
                meter,
                Convention.SERVER_OPERATIONS,
                "From the arrival of an MCP request or notification to its answer");
        sentOperations = histogram(
                meter,
                Convention.CLIENT_OPERATIONS,
                "From the sending of an MCP request or notification to its answer");
        servedSessions = histogram(meter, Convention.SERVER_SESSIONS, "The duration of an MCP session at its server");
        sentSessions = histogram(meter, Convention.CLIENT_SESSIONS, "The duration of an MCP session at its client");
    }

    private static DoubleHistogram histogram(Meter meter, String name, String description) {
        return meter.histogramBuilder(name)
                .setUnit("s")
                .setDescription(description)
                .setExplicitBucketBoundariesAdvice(Convention.BUCKETS)
                .build();
    }

    /**
     * An operation has ended.
     *
     * @param outcome the attributes of its outcome and of the way it travelled
     * @param hasSucceeded whether its target exists
     */
    void operation(
            Side side, Subject subject, Attributes outcome, boolean hasSucceeded, double seconds, Context context) {
        if (hasSucceeded && names.size() < MAX_NAMES) {
            subject.target().ifPresent(names::add);
        }
        boolean isNamed = subject.target().filter(names::contains).isPresent();
        AttributesBuilder attributes = Attributes.builder();
        subject.addTo(attributes, subject.countedMethod(), isNamed);
        attributes.putAll(outcome);
        (side == Side.SERVER ? servedOperations : sentOperations).record(seconds, attributes.build(), context);
    }

    void session(Side side, Attributes attributes, double seconds) {
        (side == Side.SERVER ? servedSessions : sentSessions).record(seconds, attributes);
    }
}
