// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Station;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class HandlerRunTest {

    private final Heard heard = new Heard();

    /** As on a system that bounds the processes of a container. */
    @Test
    void givesItsPlaceBackWhenTheSystemHasNoThreadLeft() {
        ExecutorService exhausted =
                new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                });

        HandlerRun.start(exhausted, Mono::empty, heard);

        assertThat(heard.failures).singleElement().isInstanceOf(RejectedExecutionException.class);
        assertThat(heard.over).isEqualTo(1);
    }

    /** Reactor passes such errors on to its caller, not to the subscriber. */
    @Test
    void endsAHandlerThatFailsFatally() {
        List<Error> fatal = List.of(new StackOverflowError(), new NoClassDefFoundError("gone"));

        for (Error each : fatal) {
            HandlerRun.run(() -> Mono.fromRunnable(() -> fail(each)), heard);
        }

        assertThat(heard.failures).isEqualTo(fatal);
        assertThat(heard.over).isEqualTo(fatal.size());
    }

    /** Its schedulers log them and pass them on to no one. */
    @Test
    void endsAHandlerThatFailsFatallyOnAThreadOfReactors() {
        Error fatal = new NoClassDefFoundError("gone");
        List<Mono<Void>> handlers = List.of(
                Mono.<Void>fromRunnable(() -> fail(fatal)).subscribeOn(Schedulers.boundedElastic()),
                Mono.delay(Duration.ofMillis(1)).then(Mono.fromRunnable(() -> fail(fatal))),
                Mono.just(1)
                        .publishOn(Schedulers.boundedElastic())
                        .publishOn(Schedulers.parallel())
                        .doOnNext(next -> fail(fatal))
                        .then());

        for (Mono<Void> handler : handlers) {
            Heard one = new Heard();
            HandlerRun.run(() -> handler, one);
            assertThat(Station.comesTrue(Duration.ofSeconds(10), () -> one.over == 1))
                    .isTrue();
            assertThat(one.failures).containsExactly(fatal);
        }
    }

    private static void fail(Error error) {
        throw error;
    }

    private static final class Heard implements HandlerRun.Follower {

        private final List<Throwable> failures = new CopyOnWriteArrayList<>();
        private volatile int over;

        @Override
        public void running(HandlerRun work) {}

        @Override
        public void failed(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void over() {
            over = over + 1;
        }
    }
}
