// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Owner;
import java.time.Instant;

/** A task of one caller: at work here, or at an upstream. Thread-safe. */
public abstract sealed class StoredTask permits RunningTask, UpstreamTask {

    private final String id;
    private final TaskOrigin origin;

    StoredTask(String id, TaskOrigin origin) {
        this.id = id;
        this.origin = origin;
    }

    /** Names it to its owner; cannot be guessed. */
    public String id() {
        return id;
    }

    public Owner owner() {
        return origin.owner();
    }

    /** The request that became the task: each later one is decided like it. */
    public Request begun() {
        return origin.request();
    }

    TaskOrigin origin() {
        return origin;
    }

    abstract Instant expiresAt();

    /** Whether nothing of it is at work. */
    abstract boolean hasEnded();

    /** Whether nothing of it is at work and its owner has read how it ended. */
    abstract boolean isSpent();

    /** Its bytes in memory. */
    abstract int bytes();

    /**
     * Ends it if its time is over.
     *
     * @return whether it is, so that the store may drop it: a task that has ended meanwhile has its time before it
     */
    abstract boolean expire(Instant now);

    /** It is no longer in the store. */
    abstract void dropped();
}
