// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

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

    /** A sink that keeps nothing; for programs that have no security log. */
    static AuditSink none() {
        return event -> CompletableFuture.allOf();
    }

    /**
     * A sink that hands each event to {@code log}, whose durability counts, then to every listener: one that fails keeps nothing out
     * of the log.
     */
    static AuditSink fanOut(AuditSink log, java.util.List<java.util.function.Consumer<AuditEvent>> listeners) {
        java.util.List<java.util.function.Consumer<AuditEvent>> copy = java.util.List.copyOf(listeners);
        return event -> {
            CompletionStage<Void> recorded = log.record(event);
            copy.forEach(listener -> listener.accept(event));
            return recorded;
        };
    }
}
