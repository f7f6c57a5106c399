// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.transport.server.call.HandlerRun;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows the handler of a notification or of an answer. The client gets 202 when the handler has ended, so that its next message cannot
 * overtake this one. A handler that blocks, or asks its client in turn, goes on behind a 202 that is sent after 500 ms.
 */
final class TakenMessage implements HandlerRun.Follower {

    private static final long PATIENCE_MILLIS = 500;

    private final Runnable release;
    private final CompletableFuture<Void> taken = new CompletableFuture<>();
    private volatile @Nullable Throwable failure;

    /** @param release runs when the handler has ended, before the client can know that */
    TakenMessage(IncomingRequest incoming, Runnable release) {
        this.release = release;
        var unused = taken.completeOnTimeout(null, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((nothing, failed) -> {
                    if (failed == null) {
                        incoming.reply().accepted();
                    } else {
                        incoming.reply().refuse(null, notTaken(failed));
                    }
                });
    }

    /** A request can be answered with an error and HTTP 200, a message without an answer cannot. */
    private static RefusedException notTaken(Throwable failed) {
        RefusedException refused = RefusedException.of(failed);
        return refused.status() < 300
                ? new RefusedException(502, refused.code(), refused.message(), refused.data())
                : refused;
    }

    @Override
    public void running(HandlerRun work) {}

    @Override
    public void failed(Throwable failed) {
        failure = failed;
    }

    @Override
    public void over() {
        release.run();
        Throwable failed = failure;
        var unused = failed == null ? taken.complete(null) : taken.completeExceptionally(failed);
    }
}
