// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.ToolCatalog;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.netty.VertxTls;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.Peer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http1ClientConfig;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientBuilder;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server that speaks HTTP. Vert.x's client streams with back-pressure and costs a fraction of the JDK's. Thread-safe. */
public final class HttpUpstream implements Upstream {

    private static final Logger LOG = LoggerFactory.getLogger(HttpUpstream.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);

    // Below the five seconds after which Node closes a connection that we might be about to use.
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(4);

    // Over HTTP/1.1 each legacy session may hold a stream besides its calls. Sessions and calls have bounds of their
    // own; one that waited for a
    // connection here would wait for the end of a session.
    private static final int MAX_CONNECTIONS = 32_768;

    private final String name;
    private final URI url;
    private final RequestOptions target;
    private final Supplier<Map<String, String>> headers;
    private final Optional<TlsProfile> profile;
    private final Map<Vertx, Pool> pools = new ConcurrentHashMap<>();
    private final Map<Peer, Map<String, CharSequence>> callers = Collections.synchronizedMap(new WeakHashMap<>());
    private final Vertx vertx;
    private final Duration timeout;
    private final Executor executor;
    private final UpstreamTokens tokens;
    private volatile boolean tried;
    private volatile boolean down;
    private volatile boolean old;
    private volatile Observer observer = Observer.NONE;

    /** The connections that present a credential of ours; none where the system's anchors verify the server. */
    private record Pool(Optional<Credential> credential, HttpClientAgent client) {}

    private final ToolCatalog tools = new ToolCatalog();

    /**
     * A server.
     *
     * @param headers that every request carries; asked for each request, so that secrets can change
     * @param profile our credential and trust for it; when empty, HTTPS is verified by the system's trust anchors
     * @param tokens of ours for it
     */
    public HttpUpstream(
            String name,
            URI url,
            Supplier<Map<String, String>> headers,
            Optional<TlsProfile> profile,
            TokenSource tokens,
            Vertx vertx,
            Duration timeout,
            Executor executor) {
        this.name = name;
        this.url = url;
        this.headers = headers;
        this.vertx = vertx;
        this.timeout = timeout;
        this.executor = executor;
        this.profile = profile;
        this.tokens = new UpstreamTokens(name, tokens);
        this.target = HttpTarget.of(url);
    }

    /** Connections with a credential that has been replaced get no more requests, and close when they have answered the last. */
    private HttpClientAgent client(Vertx loops) {
        Optional<Credential> current = profile.map(own -> own.credentials().current());
        return pools.compute(loops, (same, before) -> {
                    if (before != null && before.credential().equals(current)) {
                        return before;
                    }
                    if (before == null) {
                        forgetWithThem(loops);
                    } else {
                        var unused = before.client().shutdown(timeout.toMillis(), TimeUnit.MILLISECONDS);
                    }
                    return new Pool(current, made(loops));
                })
                .client();
    }

    /** Vert.x closes a client with its event loops; those may be of a server that was stopped while its backend goes on. */
    private void forgetWithThem(Vertx loops) {
        var unused = loops.deployVerticle(new VerticleBase() {
            @Override
            public Future<?> stop() {
                pools.remove(loops);
                return Future.succeededFuture();
            }
        });
    }

    private HttpClientAgent made(Vertx loops) {
        boolean secure = Boolean.TRUE.equals(target.isSsl());
        HttpClientConfig config = new HttpClientConfig()
                .setSsl(secure)
                .setVersions(
                        secure
                                ? new HttpVersion[] {HttpVersion.HTTP_2, HttpVersion.HTTP_1_1}
                                : new HttpVersion[] {HttpVersion.HTTP_1_1})
                .setConnectTimeout(CONNECT)
                .setDecompressionEnabled(false)
                .setMaxRedirects(0);
        config.setHttp1Config(new Http1ClientConfig().setKeepAliveTimeout(KEEP_ALIVE));
        HttpClientBuilder building = loops.httpClientBuilder();
        if (secure) {
            building = profile.map(own -> VertxTls.secure(loops.httpClientBuilder(), own))
                    .orElseGet(() -> loops.httpClientBuilder()
                            .with(new ClientSSLOptions().setUseAlpn(true).setHostnameVerificationAlgorithm("HTTPS")));
        }
        return building.with(config)
                .with(new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS))
                .build();
    }

    /** Whether HTTP without TLS would leave this machine. */
    public static boolean leavesThisMachineInPlain(URI url) {
        try {
            return url.getScheme().equalsIgnoreCase("http")
                    && !InetAddress.getByName(url.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return true;
        }
    }

    /** Has the requests that it is sent observed. */
    public void observedBy(Observer observing) {
        observer = observing;
    }

    @Override
    public Observer observer() {
        return observer;
    }

    @Override
    public Wire wire() {
        int standard = url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
        return Wire.http("", url.getHost(), url.getPort() < 0 ? standard : url.getPort(), "");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Channel open(Caller caller, Channel.Receiver receiver) {
        return new HttpChannel(this, caller, receiver);
    }

    @Override
    public Optional<Channel> resume(Caller caller, Channel.Receiver receiver, String version, String session) {
        HttpChannel channel = new HttpChannel(this, caller, receiver);
        channel.resumed(version, session);
        return Optional.of(channel);
    }

    /** Connects once, in the background, and closes the connection: a server that is not there is logged before a client calls. */
    public void probe() {
        HttpConnectOptions address = new HttpConnectOptions()
                .setHost(target.getHost())
                .setPort(target.getPort())
                .setSsl(target.isSsl());
        onEventLoop(loop -> client(loop.owner()).connect(address))
                .onFailure(this::unreachable)
                .onSuccess(connection -> {
                    reached();
                    var unused = connection.close();
                });
    }

    /** Whether the last attempt to connect failed. */
    public boolean isDown() {
        return down;
    }

    /** {@link #isDown} in words. */
    public String condition() {
        if (down) {
            return "cannot be reached; it is tried again when a client calls";
        }
        return tried ? "can be reached" : "not tried yet";
    }

    /** Logs that it cannot be reached, once until it can be. */
    private void unreachable(Throwable why) {
        tried = true;
        if (!down) {
            down = true;
            LOG.warn(
                    "the server {} at {}:{} cannot be reached, and is tried again when a client calls: {}",
                    name,
                    url.getHost(),
                    url.getPort(),
                    Printable.clean(String.valueOf(why.getMessage())));
        }
    }

    /** Logs that it can be reached again. */
    private void reached() {
        if (!tried) {
            tried = true;
        }
        if (down) {
            down = false;
            LOG.warn("the server {} can be reached again", name);
        }
    }

    /**
     * Sends a request, with the access token that the server wants, if any.
     *
     * @param begun receives the request before it is sent: more than once when the server refuses it for its token
     * @param answered receives the answer's head on the event loop of the request and sets the handlers of its body before it returns, because
     *     the body may follow at once
     * @return the answer's head; fails with an {@link UpstreamFailure} when the request did not leave, or has no token that the server takes
     */
    Future<HttpClientResponse> send(
            RequestOptions to,
            HttpMethod method,
            Map<String, CharSequence> fields,
            Buffer body,
            Consumer<HttpClientRequest> begun,
            Consumer<HttpClientResponse> answered) {
        return onEventLoop(loop -> tokens.send(
                        method,
                        authorization -> connect(loop.owner(), to, method).compose(made -> {
                            fields.forEach(made::putHeader);
                            authorization.forEach(made::putHeader);
                            made.exceptionHandler(told -> {});
                            begun.accept(made);
                            return method.equals(HttpMethod.POST) ? made.send(body) : made.send();
                        }))
                .onSuccess(answered::accept));
    }

    /**
     * A thread that is an event loop keeps a request to itself: a proxied call changes no thread. Any other thread may be too slow to see the
     * answer begin, and has a context that may belong to whatever it ran before.
     */
    private <T> Future<T> onEventLoop(Function<Context, Future<T>> action) {
        Context here = Vertx.currentContext();
        if (here != null && Context.isOnEventLoopThread()) {
            return action.apply(here);
        }
        Promise<T> done = Promise.promise();
        vertx.runOnContext(now -> Future.succeededFuture()
                .compose(begun -> action.apply(vertx.getOrCreateContext()))
                .onComplete(done));
        return done.future();
    }

    private Future<HttpClientRequest> connect(Vertx loops, RequestOptions to, HttpMethod method) {
        return client(loops)
                .request(new RequestOptions(to).setMethod(method))
                .recover(failure -> {
                    unreachable(failure);
                    return Future.failedFuture(
                            UpstreamFailure.unavailable("the server " + name + " cannot be reached"));
                })
                .onSuccess(made -> reached());
    }

    RequestOptions target() {
        return target;
    }

    URI url() {
        return url;
    }

    /** Whether it was found to have the transport of 2024-11-05 alone. */
    boolean isOld() {
        return old;
    }

    void isOld(boolean is) {
        old = is;
    }

    Map<String, String> headers() {
        return headers.get();
    }

    /** The headers that name a caller. */
    Map<String, CharSequence> naming(Caller caller) {
        return callers.computeIfAbsent(caller.peer(), CallerHeaders::of);
    }

    Vertx vertx() {
        return vertx;
    }

    @Override
    public boolean namesCallersInMessages() {
        return false;
    }

    @Override
    public Duration timeout() {
        return timeout;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public ToolCatalog tools() {
        return tools;
    }
}
