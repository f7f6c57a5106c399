// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A destination for events. Thread-safe; never blocks the caller. */
@FunctionalInterface
public interface AuditSink {

    /**
     * Records an event.
     *
     * @return completes when the event is as durable as the sink promises, exceptionally with {@link AuditUnavailableException}
     *     when it could not be written; callers wait for this before they act on the event
     */
    CompletionStage<Void> record(AuditEvent event);

    /**
     * Records events that happened at about the same time, in their order. A sink may do so at little more than the cost of
     * one.
     *
     * @return completes as {@link #record} would for each of them, exceptionally if one of them fails
     */
    default CompletionStage<Void> recordAll(List<AuditEvent> events) {
        return CompletableFuture.allOf(events.stream()
                .map(event -> record(event).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /** The sink that keeps nothing, always the same one; for programs that have no audit log. */
    static AuditSink none() {
        return StandardSinks.NONE;
    }

    /**
     * A sink that passes each event to {@code log}, whose durability counts, then to every listener. A listener that fails does
     * not affect the log.
     */
    static AuditSink fanOut(AuditSink log, List<Consumer<AuditEvent>> listeners) {
        return new StandardSinks.FanOut(log, List.copyOf(listeners));
    }
}
