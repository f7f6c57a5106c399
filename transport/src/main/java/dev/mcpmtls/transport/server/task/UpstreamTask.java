// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Owner;
import java.time.Instant;

/** A task at another server: its name there, and how long it is worth knowing. Thread-safe. */
public final class UpstreamTask extends StoredTask {

    private final String upstreamId;
    private final int bytes;
    private final Instant expiresAt;
    private final Runnable gone;
    private volatile boolean spent;

    UpstreamTask(
            String id, Owner owner, Request begun, String upstreamId, int bytes, Instant expiresAt, Runnable gone) {
        super(id, owner, begun);
        this.upstreamId = upstreamId;
        this.bytes = bytes;
        this.expiresAt = expiresAt;
        this.gone = gone;
    }

    /** Its name at the other server. */
    public String upstreamId() {
        return upstreamId;
    }

    /** Its owner was told that it has ended, or has cancelled it. */
    public void spent() {
        spent = true;
    }

    @Override
    Instant expiresAt() {
        return expiresAt;
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
    void expire() {}

    @Override
    void dropped() {
        gone.run();
    }
}
