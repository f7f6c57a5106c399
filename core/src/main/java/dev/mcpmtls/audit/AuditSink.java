// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Where events go. Thread-safe; never blocks the caller. */
@FunctionalInterface
public interface AuditSink {

    /**
     * Records an event.
     *
     * @return completes when the event is as durable as the sink promises, exceptionally with {@link
     *     AuditUnavailableException} when it could not be written; whoever acts on the event waits for this before answering
     */
    CompletionStage<Void> record(AuditEvent event);

    /**
     * Records events that happened at about the same time, in their order; sinks that can, do so for little more than one costs.
     *
     * @return completes when {@link #record} would have for each of them, exceptionally when it would have for one
     */
    default CompletionStage<Void> recordAll(List<AuditEvent> events) {
        return CompletableFuture.allOf(events.stream()
                .map(event -> record(event).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /** A sink that keeps nothing; for programs that have no security log. */
    static AuditSink none() {
        return event -> CompletableFuture.allOf();
    }

    /**
     * A sink that hands each event to {@code log}, whose durability counts, then to every listener: one that fails keeps nothing out
     * of the log.
     */
    static AuditSink fanOut(AuditSink log, List<Consumer<AuditEvent>> listeners) {
        return new FanOut(log, List.copyOf(listeners));
    }
}
