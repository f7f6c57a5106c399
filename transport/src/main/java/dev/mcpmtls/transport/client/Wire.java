// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.ConnectionException.NotAuthorized;
import dev.mcpmtls.transport.client.ConnectionException.PeerRefused;
import dev.mcpmtls.transport.client.ConnectionException.RefusedByPeer;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import dev.mcpmtls.transport.client.ConnectionException.Unreachable;
import dev.mcpmtls.transport.netty.TlsConnection;
import dev.mcpmtls.transport.netty.VertxTls;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Rejection;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * HTTP exchanges with one server over mutual TLS. Nothing is sent on a connection whose server was not accepted, is no longer
 * acceptable, or whose acceptance could not be recorded. Redirects are not followed and nothing is sent twice. When the
 * credential changes the pool is retired: exchanges in flight finish on the old connections, new ones present the new credential.
 */
final class Wire {

    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final long GRACE_MILLIS = 1_000;
    private static final int FRESH_STARTS = 2;

    private final URI endpoint;
    private final TlsProfile profile;
    private final Optional<Identity> expected;
    private final Vertx vertx;
    private final Limits limits;
    private final TokenSource tokens;
    private final AtomicReference<HttpClientAgent> client;
    private final CredentialSource.Subscription rotation;
    private final Set<TlsConnection> heardFrom =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
    private volatile @Nullable TlsConnection last;
    private volatile String version = ""; // of HTTP

    Wire(
            URI endpoint,
            TlsProfile profile,
            Optional<Identity> expected,
            Vertx vertx,
            Limits limits,
            TokenSource tokens) {
        this.endpoint = endpoint;
        this.profile = profile;
        this.expected = expected;
        this.vertx = vertx;
        this.limits = limits;
        this.tokens = tokens;
        this.client = new AtomicReference<>(newClient());
        this.rotation = profile.credentials().onChange(this::retirePool);
    }

    /**
     * One exchange. A request that is refused for its access token is sent again with another, a few times at most: it had no effect.
     *
     * @param silence how long the answer may pause; zero for a stream that is kept, which may pause and last for ever
     * @return the head of the answer; its body flows once it is subscribed to; cancelling resets the request
     */
    Mono<Reply> exchange(HttpMethod method, Map<String, String> headers, byte @Nullable [] body, Duration silence) {
        Function<Optional<Authorization>, Mono<Reply>> send = authorization -> {
            Map<String, String> all = new LinkedHashMap<>(headers);
            authorization.ifPresent(token -> all.putAll(token.headers(method.name())));
            return once(method, all, body, silence);
        };
        return tokens.equals(TokenSource.NONE)
                ? once(method, headers, body, silence)
                : token(tokens::current).flatMap(token -> authorized(send, token, TokenSource.MOST_ANSWERS));
    }

    private Mono<Reply> authorized(
            Function<Optional<Authorization>, Mono<Reply>> send, Optional<Authorization> token, int answersLeft) {
        return send.apply(token).flatMap(reply -> {
            Optional<Challenge> challenge = answersLeft > 0 ? reply.challenge() : Optional.empty();
            return challenge.isEmpty()
                    ? Mono.just(reply)
                    : token(() -> tokens.answer(challenge.get(), token))
                            .flatMap(next ->
                                    next.isEmpty() ? Mono.just(reply) : authorized(send, next, answersLeft - 1));
        });
    }

    private Mono<Optional<Authorization>> token(Supplier<CompletionStage<Optional<Authorization>>> source) {
        // A stage that is complete at once cannot be cancelled, and one step serves several requests.
        return Mono.fromFuture(() -> source.get().toCompletableFuture(), true)
                .onErrorMap(thrown -> new NotAuthorized(endpoint, thrown));
    }

    private Mono<Reply> once(HttpMethod method, Map<String, String> headers, byte @Nullable [] body, Duration silence) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(endpoint.toString())
                .setFollowRedirects(false)
                .setConnectTimeout(limits.connect().toMillis())
                .setIdleTimeout(silence.toMillis());
        headers.forEach(options::putHeader);
        Mono<Reply> reply = Mono.create(sink -> start(sink, options, body, FRESH_STARTS));
        return silence.isZero() ? reply : inTime(reply);
    }

    /** The head in time, and the body in what is left of it. */
    private Mono<Reply> inTime(Mono<Reply> reply) {
        return Mono.defer(() -> {
            long until = System.nanoTime() + limits.exchange().toNanos();
            return reply.timeout(limits.exchange(), Mono.error(this::tooLong))
                    .doOnNext(head -> head.endBy(until, this::tooLong));
        });
    }

    private TimedOut tooLong() {
        return new TimedOut(endpoint, "the answer was not complete within " + limits.exchange(), null);
    }

    URI endpoint() {
        return endpoint;
    }

    Limits limits() {
        return limits;
    }

    /** How messages travel, as far as it is known. */
    dev.mcpmtls.protocol.observe.Wire facts() {
        int port = endpoint.getPort() < 0 ? 443 : endpoint.getPort();
        return dev.mcpmtls.protocol.observe.Wire.http(
                version,
                endpoint.getHost(),
                port,
                lastConnection()
                        .map(connection -> connection.peer().identity().text())
                        .orElse(""));
    }

    /** The connection of the latest exchange. */
    Optional<TlsConnection> lastConnection() {
        return Optional.ofNullable(last);
    }

    Mono<Void> close() {
        rotation.close();
        return Mono.fromCompletionStage(() -> client.get().close().toCompletionStage());
    }

    /**
     * Asks the pool for a connection. It asks again when the pool was retired meanwhile, or gave a connection that must not be used any
     * more: nothing was sent then.
     */
    @SuppressWarnings("ReferenceEquality") // the very pool that was asked
    private void start(MonoSink<Reply> sink, RequestOptions options, byte @Nullable [] body, int freshStarts) {
        HttpClientAgent pool = client.get();
        pool.request(options)
                .onFailure(thrown -> {
                    if (!pool.equals(client.get()) && freshStarts > 0) {
                        start(sink, options, body, freshStarts - 1);
                    } else {
                        sink.error(connecting(thrown));
                    }
                })
                .onSuccess(request -> {
                    // Vert.x logs exceptions without a handler, our own cancelling too; the response reports failures.
                    request.exceptionHandler(told -> {});
                    if (hasLapsed(request) && freshStarts > 0) {
                        request.cancel();
                        start(sink, options, body, freshStarts - 1);
                    } else {
                        connected(sink, request, body);
                    }
                });
    }

    private static boolean hasLapsed(HttpClientRequest request) {
        return TlsConnection.of(request.connection())
                .flatMap(TlsConnection::recheck)
                .isPresent();
    }

    private RuntimeException connecting(Throwable thrown) {
        TlsConnection handshaken = last;
        boolean heard = handshaken == null || heardFrom.contains(handshaken);
        return blamed(Failures.connecting(endpoint, handshaken, heard, thrown));
    }

    /** Adds our own objections to our certificate: the alert of a server that refuses it says little, or is missing. */
    private RuntimeException blamed(RuntimeException failure) {
        return failure instanceof RefusedByPeer refused
                ? refused.because(
                        profile.objections(Purpose.CLIENT),
                        profile.credentials().current())
                : failure;
    }

    private void connected(MonoSink<Reply> sink, HttpClientRequest request, byte @Nullable [] body) {
        sink.onCancel(request::cancel);
        Optional<TlsConnection> found = TlsConnection.of(request.connection());
        if (found.isEmpty()) {
            request.cancel();
            sink.error(new Unreachable(endpoint, "the connection closed after the handshake", null));
            return;
        }
        TlsConnection connection = found.get();
        Optional<Rejection> lapsed = connection.recheck();
        if (lapsed.isPresent()) {
            request.cancel();
            sink.error(new PeerRefused(endpoint, List.of(lapsed.get()), null));
            return;
        }
        last = connection;
        version = request.version() == HttpVersion.HTTP_2 ? "2" : "1.1";
        if (request.version() == HttpVersion.HTTP_2) {
            // Vert.x calls an HTTP/2 connection open when the server has sent its settings.
            heardFrom.add(connection);
        }
        Context context = vertx.getOrCreateContext();
        Future.fromCompletionStage(connection.recorded(), context)
                .onFailure(thrown -> {
                    request.cancel();
                    sink.error(thrown);
                })
                .onSuccess(recorded -> send(sink, request, connection, context, body));
    }

    private void send(
            MonoSink<Reply> sink,
            HttpClientRequest request,
            TlsConnection connection,
            Context context,
            byte @Nullable [] body) {
        Future<HttpClientResponse> response = body == null ? request.send() : request.send(Buffer.buffer(body));
        boolean heard = heardFrom.contains(connection);
        response.onFailure(thrown -> sink.error(blamed(Failures.answering(endpoint, connection, heard, thrown))))
                .onSuccess(head -> {
                    heardFrom.add(connection);
                    sink.success(new Reply(endpoint, connection, request, head, context, limits.maxMessageBytes()));
                });
    }

    private void retirePool() {
        HttpClientAgent retired = client.getAndSet(newClient());
        // Not at once: an exchange may hold one of its connections and be about to send.
        vertx.setTimer(GRACE_MILLIS, due -> retired.shutdown(DRAIN));
    }

    private HttpClientAgent newClient() {
        HttpClientConfig config = new HttpClientConfig()
                .setSsl(true)
                .setVersions(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1)
                .setConnectTimeout(limits.connect())
                .setDecompressionEnabled(false)
                .setMaxRedirects(0);
        return VertxTls.secure(vertx.httpClientBuilder(), profile, expected, connection -> last = connection)
                .with(config)
                .with(new PoolOptions().setHttp1MaxSize(limits.maxConnections()))
                .build();
    }
}
