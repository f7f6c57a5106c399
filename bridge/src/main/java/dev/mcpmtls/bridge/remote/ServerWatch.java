// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Passes a profile's events on, and remembers the last accepted server. Its presence shows that a server can be reached, and it can be
 * verified again. Thread-safe.
 */
public final class ServerWatch implements AuditSink {

    private final AuditSink log;
    private final AtomicLong accepted = new AtomicLong();
    private volatile AuditEvent.@Nullable TlsAccepted last;

    /** A watch of the profile whose {@code audit} it is. */
    public ServerWatch(AuditSink log) {
        this.log = log;
    }

    @Override
    public CompletionStage<Void> record(AuditEvent event) {
        if (event instanceof AuditEvent.TlsAccepted handshake) {
            last = handshake;
            accepted.incrementAndGet();
        }
        return log.record(event);
    }

    /** How many handshakes ended with a server that was accepted. */
    long accepted() {
        return accepted.get();
    }

    /** The latest of them, with the server and the connection. */
    public Optional<AuditEvent.TlsAccepted> last() {
        return Optional.ofNullable(last);
    }
}
