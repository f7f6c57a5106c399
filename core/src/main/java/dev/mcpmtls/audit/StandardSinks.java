// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The sinks that {@link AuditSink} gives out. */
final class StandardSinks {

    /** See {@link AuditSink#none}. */
    static final AuditSink NONE = new NoAudit();

    private StandardSinks() {}

    private static final class NoAudit implements AuditSink {

        @Override
        public CompletionStage<Void> record(AuditEvent event) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** See {@link AuditSink#fanOut}. */
    record FanOut(AuditSink log, List<Consumer<AuditEvent>> listeners) implements AuditSink {

        @Override
        public CompletionStage<Void> record(AuditEvent event) {
            return recordAll(List.of(event));
        }

        @Override
        public CompletionStage<Void> recordAll(List<AuditEvent> events) {
            CompletionStage<Void> recorded = log.recordAll(events);
            events.forEach(event -> listeners.forEach(listener -> listener.accept(event)));
            return recorded;
        }
    }
}
