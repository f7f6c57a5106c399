// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The sink of programs that have no audit log. */
enum NoAudit implements AuditSink {
    NONE;

    @Override
    public CompletionStage<Void> record(AuditEvent event) {
        return CompletableFuture.completedFuture(null);
    }
}
