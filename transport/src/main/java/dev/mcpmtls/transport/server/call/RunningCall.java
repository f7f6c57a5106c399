// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import org.jspecify.annotations.Nullable;

/** A request while it is worked on, in either era: what can be cancelled. */
public abstract class RunningCall implements HandlerRun.Follower {

    private @Nullable HandlerRun work;
    private boolean cancelled;
    private volatile @Nullable Slot slot;

    final void holds(Slot taken) {
        slot = taken;
    }

    /** The answer is about to be written: the slot is free before the client can know that. */
    protected final void answering() {
        Slot taken = slot;
        if (taken != null) {
            taken.answered();
        }
    }

    @Override
    public final synchronized void running(HandlerRun started) {
        work = started;
        if (cancelled) {
            started.cancel();
        }
    }

    /** Stops the handler, also one that is only about to run. */
    public synchronized void cancel() {
        cancelled = true;
        if (work != null) {
            work.cancel();
        }
    }
}
