// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import io.modelcontextprotocol.common.McpTransportContext;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * One run of an SDK handler on a worker. Its place among the requests in work is given back when the handler has really ended,
 * not when its client lost patience: who sends and cancels in a loop keeps waiting for its own handlers.
 */
final class Work {

    private final AtomicInteger open = new AtomicInteger(2); // the worker's task and the handler's promise
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final Runnable whenOver;
    private final Subscriber subscriber;
    private volatile @Nullable Future<?> task;

    private Work(Runnable whenOver, Consumer<Throwable> whenFailed) {
        this.whenOver = whenOver;
        this.subscriber = new Subscriber(whenFailed);
    }

    /**
     * Starts a handler.
     *
     * @param whenOver runs once, when nothing of the handler is left
     * @param whenFailed gets what the handler failed with, or a {@link RefusedException} when no worker is free
     */
    static Work start(
            ExecutorService workers,
            Caller caller,
            Supplier<Mono<Void>> handler,
            Runnable whenOver,
            Consumer<Throwable> whenFailed) {
        Work work = new Work(whenOver, whenFailed);
        Mono<Void> run =
                Mono.defer(handler).contextWrite(context -> context.put(McpTransportContext.KEY, caller.context()));
        try {
            work.task = workers.submit(() -> work.run(run));
        } catch (RejectedExecutionException e) {
            whenFailed.accept(RefusedException.unavailable("the server has no worker free; try again later"));
            whenOver.run();
        }
        return work;
    }

    /** Stops the handler as far as it lets itself be stopped: cancels what it waits for and interrupts its thread. */
    void cancel() {
        subscriber.cancel();
        Future<?> running = task;
        if (running != null) {
            running.cancel(true);
        }
        if (claimed.compareAndSet(false, true)) {
            whenOver.run();
        }
    }

    private void run(Mono<Void> handler) {
        if (!claimed.compareAndSet(false, true)) {
            return;
        }
        try {
            handler.subscribe(subscriber);
        } finally {
            partOver();
        }
    }

    private void partOver() {
        if (open.decrementAndGet() == 0) {
            whenOver.run();
        }
    }

    private final class Subscriber extends BaseSubscriber<Void> {

        private final Consumer<Throwable> whenFailed;

        Subscriber(Consumer<Throwable> whenFailed) {
            this.whenFailed = whenFailed;
        }

        @Override
        protected void hookOnError(Throwable failure) {
            whenFailed.accept(failure);
        }

        @Override
        protected void hookFinally(SignalType how) {
            partOver();
        }
    }
}
