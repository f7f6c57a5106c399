// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Owner;
import java.time.Instant;

/** A task of one caller: at work here, or at an upstream. Thread-safe. */
public abstract sealed class StoredTask permits RunningTask, UpstreamTask {

    private final String id;
    private final Owner owner;
    private final Request begun;

    StoredTask(String id, Owner owner, Request begun) {
        this.id = id;
        this.owner = owner;
        this.begun = begun;
    }

    /** Names it to its owner; cannot be guessed. */
    public String id() {
        return id;
    }

    public Owner owner() {
        return owner;
    }

    /** The request that became the task: each later one is decided like it. */
    public Request begun() {
        return begun;
    }

    abstract Instant expiresAt();

    /** Whether nothing of it is at work and its owner has read how it ended. */
    abstract boolean isSpent();

    /** Its bytes in memory. */
    abstract int bytes();

    /** Its time is over, or the server stops. */
    abstract void expire();

    /** It is no longer in the store. */
    abstract void dropped();
}
