// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.audit.AuditEvent.TaskEnded;
import java.time.Instant;
import java.util.function.Consumer;

/** A task at another server: its name there, and how long it is worth knowing. Thread-safe. */
public final class UpstreamTask extends StoredTask {

    private final String upstreamId;
    private final int bytes;
    private final Instant expiresAt;
    private final Consumer<TaskEnded.End> atEnd;
    private final Runnable gone;
    private volatile boolean spent;

    UpstreamTask(
            String id,
            TaskOrigin origin,
            String upstreamId,
            int bytes,
            Instant expiresAt,
            Consumer<TaskEnded.End> atEnd,
            Runnable gone) {
        super(id, origin);
        this.atEnd = atEnd;
        this.upstreamId = upstreamId;
        this.bytes = bytes;
        this.expiresAt = expiresAt;
        this.gone = gone;
    }

    /** Its name at the other server. */
    public String upstreamId() {
        return upstreamId;
    }

    /** Its owner was told that it has ended. */
    public void ended(TaskEnded.End end) {
        synchronized (this) {
            if (spent) {
                return;
            }
            spent = true;
        }
        atEnd.accept(end);
    }

    @Override
    Instant expiresAt() {
        return expiresAt;
    }

    @Override
    boolean hasEnded() {
        return spent;
    }

    @Override
    boolean isSpent() {
        return spent;
    }

    @Override
    int bytes() {
        return bytes;
    }

    @Override
    boolean expire(Instant now) {
        return !now.isBefore(expiresAt);
    }

    @Override
    void dropped() {
        gone.run();
    }
}
