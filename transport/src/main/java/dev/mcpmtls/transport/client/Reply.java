// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import dev.mcpmtls.transport.tls.TlsConnection;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;

/** The head of an answer and its body, which is paused until {@link #events} or {@link #text} is subscribed to, once. */
final class Reply {

    private final URI server;
    private final TlsConnection connection;
    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final Context context;
    private final int maxMessageBytes;

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
    }

    int status() {
        return response.statusCode();
    }

    boolean succeeded() {
        return status() >= 200 && status() < 300;
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
        return Flux.create(
                sink -> flow(sink, buffer -> stream.feed(buffer.getBytes()).forEach(sink::next)));
    }

    /** The whole body as text. */
    Mono<String> text() {
        Buffer body = Buffer.buffer();
        return Flux.<String>create(sink -> flow(sink, buffer -> {
                    if (body.length() + buffer.length() > maxMessageBytes) {
                        throw new EventStream.TooLargeException(maxMessageBytes);
                    }
                    body.appendBuffer(buffer);
                }))
                .then(Mono.fromSupplier(() -> body.toString(StandardCharsets.UTF_8)));
    }

    /** Lets the body go. */
    void discard() {
        context.runOnContext(now -> response.handler(ignored -> {}).resume());
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
                        request.cancel();
                        sink.error(new UnusableAnswer(server, String.valueOf(e.getMessage()), e));
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
