// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import dev.mcpmtls.transport.netty.TlsConnection;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.StreamResetException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;

/**
 * The head of an answer and its body, which is paused until {@link #events} or {@link #text} is subscribed to, once. The body of an
 * error is read at once. A server that refuses a request before it has arrived may reset its stream right after the answer
 * (RFC 9113, section 8.1), and unread data would be lost.
 */
final class Reply {

    private static final int MAX_DISCARDED = 64 * 1024;
    private static final int MAX_ERROR = 64 * 1024;
    private static final long NO_ERROR = 0;

    private final URI server;
    private final TlsConnection connection;
    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final Context context;
    private final int maxMessageBytes;
    private final @Nullable CompletableFuture<Buffer> error;
    private Mono<Void> deadline = Mono.never();

    /** On the event loop, as soon as the head is there. */
    Reply(
            URI server,
            TlsConnection connection,
            HttpClientRequest request,
            HttpClientResponse response,
            Context context,
            int maxMessageBytes) {
        this.server = server;
        this.connection = connection;
        this.request = request;
        this.response = response;
        this.context = context;
        this.maxMessageBytes = maxMessageBytes;
        this.error = succeeded() ? null : readError();
        if (error == null) {
            response.pause();
        }
    }

    private CompletableFuture<Buffer> readError() {
        CompletableFuture<Buffer> whole = new CompletableFuture<>();
        Buffer body = Buffer.buffer();
        response.exceptionHandler(thrown -> {
                    if (thrown instanceof StreamResetException reset && reset.getCode() == NO_ERROR) {
                        whole.complete(body);
                    } else {
                        whole.completeExceptionally(Failures.answering(server, connection, true, thrown));
                    }
                })
                .endHandler(end -> whole.complete(body))
                .handler(part -> {
                    if (body.length() + part.length() <= MAX_ERROR) {
                        body.appendBuffer(part);
                    } else if (whole.complete(body)) {
                        request.cancel();
                    }
                });
        return whole;
    }

    /**
     * Limits how long the body may take.
     *
     * @param until the instant of {@link System#nanoTime()}
     */
    void endBy(long until, Supplier<? extends RuntimeException> failure) {
        deadline = Mono.defer(() -> Mono.delay(Duration.ofNanos(Math.max(0, until - System.nanoTime()))))
                .then(Mono.error(failure));
    }

    int status() {
        return response.statusCode();
    }

    boolean succeeded() {
        return status() >= 200 && status() < 300;
    }

    /** The server's challenge, when it refused the request for its access token. */
    Optional<Challenge> challenge() {
        return Challenge.of(status(), response.headers().getAll("WWW-Authenticate"), header("DPoP-Nonce"));
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(response.getHeader(name));
    }

    /** The media type without parameters, in lower case; empty when there is none. */
    String mediaType() {
        return header("Content-Type").orElse("").split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    }

    boolean isEventStream() {
        return mediaType().equals("text/event-stream");
    }

    /** The body as events, to be read by {@code stream}; cancelling resets the request. */
    Flux<EventStream.Event> events(EventStream stream) {
        if (error != null) {
            return Mono.fromFuture(error)
                    .takeUntilOther(deadline)
                    .flatMapIterable(body -> stream.feed(body.getBytes()));
        }
        return Flux.<EventStream.Event>create(sink ->
                        flow(sink, buffer -> stream.feed(buffer.getBytes()).forEach(sink::next)))
                .takeUntilOther(deadline);
    }

    /** The whole body as text. */
    Mono<String> text() {
        if (error != null) {
            return Mono.fromFuture(error).takeUntilOther(deadline).map(body -> body.toString(StandardCharsets.UTF_8));
        }
        Buffer body = Buffer.buffer();
        return Flux.<String>create(sink -> flow(sink, buffer -> {
                    if (body.length() + buffer.length() > maxMessageBytes) {
                        throw new EventStream.TooLargeException(maxMessageBytes);
                    }
                    body.appendBuffer(buffer);
                }))
                .takeUntilOther(deadline)
                .then(Mono.fromSupplier(() -> body.toString(StandardCharsets.UTF_8)));
    }

    /** Lets the body go: reads the end of a short one, so that the connection can be used again, and resets the request else. */
    void discard() {
        if (error != null) {
            return;
        }
        AtomicInteger left = new AtomicInteger(MAX_DISCARDED);
        Flux.create(sink -> flow(sink, buffer -> {
                    if (left.addAndGet(-buffer.length()) < 0) {
                        throw new EventStream.TooLargeException(MAX_DISCARDED);
                    }
                }))
                .takeUntilOther(deadline)
                .subscribe(ignored -> {}, endless -> {});
    }

    private <T> void flow(FluxSink<T> sink, Consumer<Buffer> read) {
        sink.onCancel(request::cancel);
        context.runOnContext(now -> response.exceptionHandler(
                        thrown -> sink.error(Failures.answering(server, connection, true, thrown)))
                .endHandler(end -> sink.complete())
                .handler(buffer -> {
                    try {
                        read.accept(buffer);
                    } catch (EventStream.TooLargeException e) {
                        sink.error(new UnusableAnswer(
                                server, e.getMessage() + ", or raise it (maxMessageBytes of MtlsClientTransport)", e));
                        request.cancel();
                    }
                    if (sink.requestedFromDownstream() == 0) {
                        // A server must not fill our memory faster than its messages are taken.
                        response.pause();
                    }
                })
                .resume());
        sink.onRequest(more -> context.runOnContext(now -> response.resume()));
    }
}
