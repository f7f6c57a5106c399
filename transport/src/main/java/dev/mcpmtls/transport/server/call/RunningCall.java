// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import org.jspecify.annotations.Nullable;

/** A request while it is worked on, in either era: what can be cancelled. */
public abstract class RunningCall implements HandlerRun.Follower {

    private @Nullable HandlerRun work;
    private boolean cancelled;
    private boolean detached;

    @Override
    public final synchronized void running(HandlerRun started) {
        work = started;
        if (detached) {
            started.detach();
        }
        if (cancelled) {
            started.cancel();
        }
    }

    /** The request is answered, and the handler works on as a task. */
    protected final synchronized void detach() {
        detached = true;
        if (work != null) {
            work.detach();
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
