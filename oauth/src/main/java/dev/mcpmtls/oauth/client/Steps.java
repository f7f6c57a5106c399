// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Steps that may block, one at a time on a daemon of their own. If one fails, the steps that waited meanwhile fail with it: so no second window opens for
 * a person who closed the first.
 */
final class Steps {

    private static final int MOST_WAITING = 1_000;

    private final ThreadPoolExecutor thread;
    private volatile @Nullable Failure last;

    /** @param at of {@link System#nanoTime()} */
    private record Failure(NoTokenException why, long at) {}

    Steps(String name) {
        thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Runs a step when its turn comes. */
    <T> CompletionStage<T> submit(Supplier<T> step) {
        long asked = System.nanoTime();
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            thread.execute(() -> run(step, asked, result));
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new NoTokenException(
                    Why.UNREACHABLE, "more than " + MOST_WAITING + " requests wait for a token", "try again later"));
        }
        return result;
    }

    private <T> void run(Supplier<T> step, long asked, CompletableFuture<T> result) {
        Failure failure = last;
        if (failure != null && failure.at() - asked > 0) {
            result.completeExceptionally(failure.why());
            return;
        }
        try {
            result.complete(step.get());
        } catch (NoTokenException e) {
            last = new Failure(e, System.nanoTime());
            result.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    /** Whether a step failed within that time. */
    boolean hasFailedWithin(Duration time) {
        Failure failure = last;
        return failure != null && System.nanoTime() - failure.at() < time.toNanos();
    }
}
