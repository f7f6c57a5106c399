// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our access token for one server, on every request to it. A request that the server refuses for its token was not run, and is sent again with
 * another, a few times at most. No thread waits. Thread-safe.
 */
final class UpstreamTokens {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamTokens.class);
    private static final long TO_GET_SECONDS = 30;

    private final String name;
    private final TokenSource source;
    private volatile String logged = "";

    /** @param name of the server */
    UpstreamTokens(String name, TokenSource source) {
        this.name = name;
        this.source = source;
    }

    /**
     * Sends a request; on an event loop.
     *
     * @param send sends it once, with these headers besides its own
     * @return the head of the answer; fails with an {@link UpstreamFailure} when there is no token that the server takes
     */
    Future<HttpClientResponse> send(HttpMethod method, Function<Map<String, String>, Future<HttpClientResponse>> send) {
        return source.equals(TokenSource.NONE)
                ? send.apply(Map.of())
                : got(TokenSource::current).compose(token -> sent(method, send, token, TokenSource.MOST_ANSWERS));
    }

    private Future<HttpClientResponse> sent(
            HttpMethod method,
            Function<Map<String, String>, Future<HttpClientResponse>> send,
            Optional<Authorization> token,
            int answersLeft) {
        Map<String, String> headers =
                token.map(own -> own.headers(method.name())).orElse(Map.of());
        return send.apply(headers).compose(response -> {
            Optional<Challenge> challenge = Challenge.of(
                    response.statusCode(),
                    response.headers().getAll("WWW-Authenticate"),
                    Optional.ofNullable(response.getHeader("DPoP-Nonce")));
            if (challenge.isEmpty()) {
                if (!logged.isEmpty()) {
                    logged = "";
                }
                return Future.succeededFuture(response);
            }
            response.exceptionHandler(reset -> {});
            var unused = response.request().reset();
            return answersLeft == 0
                    ? refused(response.statusCode())
                    : got(tokens -> tokens.answer(challenge.get(), token))
                            .compose(next -> next.isEmpty()
                                    ? refused(response.statusCode())
                                    : sent(method, send, next, answersLeft - 1));
        });
    }

    private Future<HttpClientResponse> refused(int status) {
        return Future.failedFuture(failure("it answered HTTP " + status + " to each that we have"));
    }

    private Future<Optional<Authorization>> got(Function<TokenSource, CompletionStage<Optional<Authorization>>> asked) {
        Context here = Objects.requireNonNull(Vertx.currentContext(), "on an event loop only");
        CompletableFuture<Optional<Authorization>> token = CompletableFuture.completedFuture(source)
                .thenCompose(asked)
                .orTimeout(TO_GET_SECONDS, TimeUnit.SECONDS);
        return Future.fromCompletionStage(token, here).recover(thrown -> Future.failedFuture(failure(reason(thrown))));
    }

    private static String reason(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof TimeoutException
                ? "none came within " + TO_GET_SECONDS + " seconds; check that the authorization server answers"
                : String.valueOf(cause.getMessage());
    }

    /** The reason has names of our side, so it is for the log: each once, until another comes or a token is taken. */
    private UpstreamFailure failure(String why) {
        if (!why.equals(logged)) {
            logged = why;
            LOG.warn("no access token for the server {}: {}", name, Printable.clean(why));
        }
        return UpstreamFailure.unavailable("the server " + name
                + " wants an access token, and the gateway has none that it takes; ask the gateway's operator, whose"
                + " log says why");
    }
}
