// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.transport.server.caller.Caller;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session with a server over Streamable HTTP, or the requests of the modern era, which has none. Each request has its own response,
 * so the channel knows what a message is about. Nothing that may have run is sent twice; redirects are not followed.
 */
final class HttpChannel implements Channel, Exchange.Session {

    private static final Logger LOG = LoggerFactory.getLogger(HttpChannel.class);
    private static final long LISTEN_AGAIN_MILLIS = 1_000;
    private static final String TRACE = "traceparent";
    private static final int MAX_LISTENS = 20;
    private static final Buffer NO_BODY = Buffer.buffer();

    // A server may ask on this stream what a request needs, which some forget where no stream is open yet.
    private static final long TO_LISTEN_MILLIS = 500;

    private final HttpUpstream upstream;
    private final Caller opener;
    private final Receiver receiver;
    // Empty while a request waits for its connection.
    private final Map<Object, Optional<HttpClientRequest>> open = new ConcurrentHashMap<>();
    private volatile Optional<String> session = Optional.empty();
    private volatile Optional<String> version = Optional.empty();
    // The server is to hear that it is initialized before it hears anything else.
    private volatile Future<?> greeted = Future.succeededFuture();
    // Where messages go in the transport of 2024-11-05; null in any other.
    private volatile @Nullable RequestOptions endpoint;
    private volatile boolean closed;
    private int listens;

    HttpChannel(HttpUpstream upstream, Caller opener, Receiver receiver) {
        this.upstream = upstream;
        this.opener = opener;
        this.receiver = receiver;
    }

    @Override
    public void send(JsonRpcMessage message, Caller caller) {
        if (message instanceof Request request) {
            requireOpen();
            afterGreeting(() -> request(request, caller));
        } else {
            var unused = passed(message, caller);
        }
    }

    @Override
    public CompletionStage<?> tell(Notification notification, Caller caller) {
        return passed(notification, caller).toCompletionStage();
    }

    private Future<?> passed(JsonRpcMessage message, Caller caller) {
        requireOpen();
        if (message instanceof Notification told && told.method().equals("notifications/initialized")) {
            greeted = told(message, caller)
                    .eventually(() -> listen(Optional.empty()).timeout(TO_LISTEN_MILLIS, TimeUnit.MILLISECONDS));
            return greeted;
        }
        if (message instanceof Notification told && isOfModernRequest(told)) {
            return Future.succeededFuture();
        }
        return greeted.isComplete() ? told(message, caller) : greeted.eventually(() -> told(message, caller));
    }

    private void requireOpen() {
        if (closed) {
            throw UpstreamFailure.of("the session with the server " + upstream.name() + " has ended");
        }
    }

    /** In this thread, if that has been: a future calls back in a thread of its own. */
    private void afterGreeting(Runnable action) {
        if (greeted.isComplete()) {
            action.run();
        } else {
            greeted.onComplete(done -> action.run());
        }
    }

    /** In the modern era the end of the response stream is the cancellation. */
    private boolean isOfModernRequest(Notification told) {
        return told.method().equals("notifications/cancelled") && version.isEmpty() && endpoint == null;
    }

    @Override
    public void abandon(Object id) {
        Optional<HttpClientRequest> sent = open.remove(id);
        if (sent != null) {
            sent.ifPresent(HttpClientRequest::reset);
        }
    }

    private void request(Request request, Caller caller) {
        Exchange exchange = new Exchange(this, request);
        if (endpoint == null && upstream.isOld() && request.method().equals(Method.INITIALIZE.text())) {
            fallBack(exchange, "does not answer any more as it did");
            return;
        }
        begin(
                        request.id(),
                        target(),
                        HttpMethod.POST,
                        headers(request, caller),
                        body(request),
                        endpoint == null ? exchange::answered : exchange::taken)
                .onFailure(failure -> exchange.unanswered(failure, "did not answer; the call may have run"));
    }

    /** Sends a request that may be abandoned, also before there is a connection for it. */
    private Future<HttpClientResponse> begin(
            Object id,
            RequestOptions to,
            HttpMethod method,
            Map<String, CharSequence> headers,
            Buffer body,
            Consumer<HttpClientResponse> answered) {
        open.put(id, Optional.empty());
        return upstream.send(to, method, headers, body, made -> goesOn(id, made), answered);
    }

    private void goesOn(Object id, HttpClientRequest made) {
        if (open.replace(id, Optional.of(made)) == null || closed) {
            open.remove(id);
            var unused = made.reset();
        }
    }

    private static Buffer body(JsonRpcMessage message) {
        return Buffer.buffer(Messages.text(message).getBytes(StandardCharsets.UTF_8));
    }

    private RequestOptions target() {
        RequestOptions other = endpoint;
        return other == null ? upstream.target() : other;
    }

    @Override
    public void fallBack(Exchange exchange, String otherwise) {
        OldStream stream = new OldStream(upstream.name(), upstream.url(), receiver);
        stream.endpoint(begin(
                        "stream", upstream.target(), HttpMethod.GET, headers(null, opener), NO_BODY, stream::begun))
                .onComplete(opened -> upstream.isOld(opened.succeeded()))
                .onFailure(none -> {
                    abandon("stream");
                    exchange.failed(otherwise);
                })
                .onSuccess(address -> {
                    endpoint = address;
                    request(exchange.request(), opener);
                });
    }

    /** Sends a message that is not answered; completes when the server has taken it. */
    private Future<?> told(JsonRpcMessage message, Caller caller) {
        return upstream.send(
                        target(),
                        HttpMethod.POST,
                        headers(message, caller),
                        body(message),
                        made -> made.idleTimeout(upstream.patience().toMillis()),
                        response -> {})
                .compose(response -> {
                    if (response.statusCode() >= 300) {
                        LOG.warn(
                                "the server {} answered a message with HTTP {}",
                                upstream.name(),
                                response.statusCode());
                    }
                    return response.end();
                })
                .recover(failure -> {
                    LOG.warn("a message did not reach the server {}", upstream.name());
                    return Future.failedFuture(
                            UpstreamFailure.of("a message did not reach the server " + upstream.name()));
                });
    }

    /**
     * Opens the stream for messages of the server's own accord, if the server has one.
     *
     * @return completes when the server has answered
     */
    private Future<?> listen(Optional<String> lastEventId) {
        if (closed || session.isEmpty() || ++listens > MAX_LISTENS) {
            return Future.succeededFuture();
        }
        Map<String, CharSequence> headers = headers(null, opener);
        lastEventId.ifPresent(id -> headers.put(HeaderName.LAST_EVENT_ID, id));
        return begin("listen", upstream.target(), HttpMethod.GET, headers, NO_BODY, this::listening)
                .onFailure(failure -> listenAgain(lastEventId));
    }

    private void listening(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            over("listen"); // 405: the server says nothing of its own accord
            return;
        }
        Events events = new Events(upstream.name());
        response.handler(buffer -> events.feed(buffer.getBytes(), message -> {
            listens = 0;
            receiver.received(message, null);
        }));
        response.exceptionHandler(broken -> listenAgain(events.lastId()));
        response.endHandler(ended -> listenAgain(events.lastId()));
    }

    private void listenAgain(Optional<String> lastEventId) {
        if (!closed) {
            upstream.vertx().setTimer(LISTEN_AGAIN_MILLIS, due -> listen(lastEventId));
        }
    }

    @Override
    public void resume(Exchange exchange, String lastEventId) {
        Map<String, CharSequence> headers = headers(null, opener);
        headers.put(HeaderName.LAST_EVENT_ID, lastEventId);
        upstream.send(
                        upstream.target(),
                        HttpMethod.GET,
                        headers,
                        NO_BODY,
                        made -> goesOn(exchange.id(), made),
                        exchange::answered)
                .onFailure(failure -> exchange.failed("ended the stream; the call may have run"));
    }

    /** All headers of a request: none comes from a client's request. */
    private Map<String, CharSequence> headers(@Nullable JsonRpcMessage message, Caller caller) {
        Map<String, CharSequence> headers = new LinkedHashMap<>(upstream.headers());
        headers.put("Accept", message == null ? "text/event-stream" : "application/json, text/event-stream");
        if (message != null) {
            headers.put("Content-Type", "application/json");
        }
        session.ifPresent(id -> headers.put(HeaderName.SESSION_ID, id));
        version.ifPresent(negotiated -> headers.put(HeaderName.PROTOCOL_VERSION, negotiated));
        if (message instanceof Request request && request.meta().get(Revision.META_KEY) instanceof String modern) {
            headers.put(HeaderName.PROTOCOL_VERSION, modern);
            headers.put(HeaderName.METHOD, request.method());
            mirror(request, headers);
        }
        headers.putAll(upstream.naming(caller));
        if (message instanceof Request && !upstream.observer().equals(Observer.NONE)) {
            JsonText.find(Messages.text(message), "params", "_meta", TRACE)
                    .filter(text -> text.matches("\"[0-9a-f-]{55}\""))
                    .ifPresent(text -> headers.put(TRACE, text.substring(1, text.length() - 1)));
        }
        return headers;
    }

    private void mirror(Request request, Map<String, CharSequence> headers) {
        if (Method.of(request.method()).flatMap(Method::named).isPresent()) {
            headers.put(HeaderName.NAME, HeaderValue.encode(request.target()));
        }
        if (request.method().equals(Method.TOOLS_CALL.text())) {
            for (Mirrored mirrored : upstream.tools().mirrored(request.target()).orElse(List.of())) {
                Object value = mirrored.in(request.params().get("arguments"));
                HeaderValue.encodeArgument(value).ifPresent(text -> headers.put(mirrored.header(), text));
            }
        }
    }

    @Override
    public void opened(Optional<String> id, Response welcome) {
        session = id.filter(text -> text.matches("[!-~]{1,1024}"));
        Object negotiated = JsonRpcMessage.object(welcome.whole().get("result")).get("protocolVersion");
        version = Optional.ofNullable(negotiated).map(String::valueOf).filter(text -> text.matches("[0-9-]{1,32}"));
    }

    /** The session is open already. */
    void resumed(String negotiated, String id) {
        session = Optional.of(id);
        version = Optional.of(negotiated);
        listen(Optional.empty());
    }

    @Override
    public Optional<String> session() {
        return session;
    }

    @Override
    public void lost() {
        if (!closed) {
            closed = true;
            stop();
            receiver.ended(UpstreamFailure.of("the server " + upstream.name() + " has lost the session"), false);
        }
    }

    @Override
    public boolean hasSession() {
        return session.isPresent();
    }

    @Override
    public Receiver receiver() {
        return receiver;
    }

    @Override
    public String name() {
        return upstream.name();
    }

    @Override
    public boolean awaits(Object id) {
        return open.containsKey(id);
    }

    @Override
    public void over(Object id) {
        open.remove(id);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop();
        if (session.isPresent()) {
            upstream.send(
                            upstream.target(),
                            HttpMethod.DELETE,
                            headers(null, opener),
                            NO_BODY,
                            made -> {},
                            response -> {})
                    .onFailure(
                            failure -> LOG.debug("the server {} was not told of the session's end", upstream.name()));
        }
        receiver.ended(UpstreamFailure.of("the session with the server " + upstream.name() + " has ended"), true);
    }

    @Override
    public void release() {
        session = Optional.empty();
        close();
    }

    private void stop() {
        List.copyOf(open.keySet()).forEach(this::abandon);
    }
}
