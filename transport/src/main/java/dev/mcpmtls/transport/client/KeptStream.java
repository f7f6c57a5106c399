// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpTransportSessionNotFoundException;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Keeps a stream of notifications open: when it ends or breaks it is opened again, after pauses that grow while it cannot be. */
final class KeptStream {

    private static final Logger LOG = LoggerFactory.getLogger(KeptStream.class);
    private static final int MAX_DOUBLINGS = 5;

    /** How a stream ended. */
    enum End {
        /** It was open; open it again. */
        OVER,
        /** The server does not have such a stream. */
        NONE
    }

    private final Supplier<Mono<End>> stream;
    private final Supplier<Duration> pause;
    private int failures;
    private boolean ended;

    private KeptStream(Supplier<Mono<End>> stream, Supplier<Duration> pause) {
        this.stream = stream;
        this.pause = pause;
    }

    /**
     * Opens {@code stream}, again and again.
     *
     * @param pause how long to wait before it is opened again
     * @return disposing ends it
     */
    static Disposable open(Supplier<Mono<End>> stream, Supplier<Duration> pause) {
        KeptStream kept = new KeptStream(stream, pause);
        return Mono.defer(kept::once)
                .repeat(() -> !kept.ended)
                .subscribe(
                        done -> {}, thrown -> LOG.debug("the stream of notifications ended with its session", thrown));
    }

    private Mono<Void> once() {
        return Mono.defer(stream)
                .doOnNext(end -> {
                    ended = end == End.NONE;
                    failures = 0;
                })
                .onErrorResume(thrown -> !(thrown instanceof McpTransportSessionNotFoundException), broken -> {
                    if (!(broken instanceof ConnectionException)) {
                        LOG.warn("the stream of notifications broke; it will be opened again", broken);
                    }
                    failures = Math.min(failures + 1, MAX_DOUBLINGS);
                    return Mono.empty();
                })
                .then(Mono.defer(() -> ended
                        ? Mono.empty()
                        : Mono.delay(pause.get().multipliedBy(1L << failures)).then()));
    }
}
