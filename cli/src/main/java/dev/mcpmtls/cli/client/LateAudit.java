// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Settings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A client's audit log that is opened beside the work that comes before the first connection. Events wait for it. */
final class LateAudit implements AuditSink, AutoCloseable {

    private final CompletableFuture<AuditLog> opening;

    /** @param program that records, for example {@code mcp-mtls-call} */
    LateAudit(Settings settings, String program) {
        this.opening = CompletableFuture.supplyAsync(() -> Stores.clientAudit(settings, program));
    }

    @Override
    public CompletionStage<Void> record(AuditEvent event) {
        return opening.thenCompose(log -> log.record(event));
    }

    /**
     * The log, once it is open: nothing may be sent before.
     *
     * @throws RuntimeException when it cannot be opened, as the log says it
     */
    AuditLog opened() {
        try {
            return opening.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException why ? why : e;
        }
    }

    /** Closes the log if it could be opened. */
    @Override
    public void close() {
        opening.handle((log, failed) -> {
                    if (log != null) {
                        log.close();
                    }
                    return failed;
                })
                .join();
    }
}
