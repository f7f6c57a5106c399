// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.protocol.observe.Observation;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * One run of a handler, on a worker or, when it never blocks, on the event loop. It releases its slot among the requests in progress when
 * the handler has ended, not when its client gives up. So a client that sends and cancels in a loop waits for its own handlers.
 */
public final class HandlerRun {

    /** Follows a run. */
    public interface Follower {

        /** It is about to run, or has been handed to a worker. */
        void running(HandlerRun work);

        /** The observation of its request, which is current while it runs. */
        default Observation observation() {
            return Observation.NONE;
        }

        /** The handler has returned; what it promised may still come. */
        default void returned() {}

        /** It failed, or found no worker. */
        void failed(Throwable failure);

        /** Nothing of it is left; the last call, made once. */
        void over();
    }

    private static final ThreadLocal<HandlerRun> CURRENT = new ThreadLocal<>();

    // The SDK creates one for each question to a client, and hands it the answer.
    private static final Class<?> QUESTION = Mono.create(sink -> {}).getClass();

    static {
        // Such a Mono tells no subscriber of a fatal error that a handler meets behind the answer (FatalHandlerIT).
        // Outside
        // of handlers these hooks change nothing, and Reactor has no narrower place for them.
        Hooks.onEachOperator(HandlerRun.class.getName(), HandlerRun::resumingHere);
        // Reactor's schedulers log a fatal error of a task, a stack overflow or a missing class, and tell no
        // subscriber (HandlerRunTest).
        Schedulers.onScheduleHook(HandlerRun.class.getName(), task -> {
            HandlerRun scheduling = CURRENT.get();
            return scheduling == null ? task : () -> scheduling.runPart(task);
        });
    }

    private final AtomicInteger open = new AtomicInteger(2); // the worker's task and the handler's promise
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final Follower follower;
    private final Subscriber subscriber;
    private volatile @Nullable Future<?> task;

    private HandlerRun(Follower follower) {
        this.follower = follower;
        this.subscriber = new Subscriber();
    }

    /** Runs a handler that never blocks in this thread. */
    static void run(Supplier<Mono<Void>> handler, Follower follower) {
        HandlerRun work = new HandlerRun(follower);
        follower.running(work);
        work.run(handler);
    }

    /** Starts a handler on a worker. */
    public static void start(ExecutorService workers, Supplier<Mono<Void>> handler, Follower follower) {
        HandlerRun work = new HandlerRun(follower);
        try {
            work.task = workers.submit(() -> work.run(handler));
        } catch (RejectedExecutionException e) {
            follower.failed(e);
            follower.over();
            return;
        } catch (OutOfMemoryError e) {
            // So Java says that the system gives this process no more threads.
            follower.failed(new RejectedExecutionException(e));
            follower.over();
            return;
        }
        follower.running(work);
    }

    /** Stops the handler as far as it lets itself be stopped: cancels what it waits for and interrupts its thread. */
    void cancel() {
        subscriber.cancel();
        Future<?> running = task;
        if (running != null) {
            running.cancel(true);
        }
        if (claimed.compareAndSet(false, true)) {
            follower.over();
        }
    }

    private void run(Supplier<Mono<Void>> handler) {
        if (!claimed.compareAndSet(false, true)) {
            return;
        }
        try {
            runPart(() -> {
                Mono.defer(handler).subscribe(subscriber);
                follower.returned();
            });
        } catch (RuntimeException | Error told) {
            // The follower has received the failure.
        } finally {
            partOver();
        }
    }

    /** Runs a part of the handler's work, here or on a thread of Reactor's; the follower receives its failure. */
    private void runPart(Runnable part) {
        HandlerRun outer = CURRENT.get();
        CURRENT.set(this);
        Observation.Scope observed = follower.observation().makeCurrent();
        try {
            part.run();
        } catch (RuntimeException | Error fatal) {
            follower.failed(fatal);
            subscriber.cancel();
            subscriber.end();
            throw fatal;
        } finally {
            observed.close();
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /** Makes an answer resume the run of the handler that asks, on whatever thread the answer arrives. */
    private static Publisher<Object> resumingHere(Publisher<Object> assembled) {
        if (!QUESTION.isInstance(assembled)) {
            return assembled;
        }
        HandlerRun asking = CURRENT.get();
        return asking == null
                ? assembled
                : Operators.<Object, Object>lift((source, subscriber) -> asking.resumedBy(subscriber))
                        .apply(assembled);
    }

    private CoreSubscriber<Object> resumedBy(CoreSubscriber<Object> subscriber) {
        return new CoreSubscriber<>() {
            @Override
            public Context currentContext() {
                return subscriber.currentContext();
            }

            @Override
            public void onSubscribe(Subscription subscription) {
                subscriber.onSubscribe(subscription);
            }

            @Override
            public void onNext(Object answer) {
                runPart(() -> subscriber.onNext(answer));
            }

            @Override
            public void onError(Throwable failure) {
                runPart(() -> subscriber.onError(failure));
            }

            @Override
            public void onComplete() {
                runPart(subscriber::onComplete);
            }
        };
    }

    private void partOver() {
        if (open.decrementAndGet() == 0) {
            follower.over();
        }
    }

    private final class Subscriber extends BaseSubscriber<Void> {

        private final AtomicBoolean ended = new AtomicBoolean();

        @Override
        protected void hookOnError(Throwable failure) {
            follower.failed(failure);
        }

        @Override
        protected void hookFinally(SignalType how) {
            end();
        }

        void end() {
            if (ended.compareAndSet(false, true)) {
                partOver();
            }
        }
    }
}
