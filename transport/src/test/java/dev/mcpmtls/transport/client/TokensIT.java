// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.ConnectionException.NotAuthorized;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;

/** Servers that want an access token beside the certificate. */
class TokensIT {

    private static final Duration AMPLE = Duration.ofSeconds(20);
    private static final Limits LIMITS = new Limits(AMPLE, AMPLE, AMPLE, 1_000_000, 1);

    private final Pki pki = new Pki("Test Root");
    private final TlsProfile profile = TlsProfile.builder(
                    CredentialSource.fixed(pki.issue("both")),
                    new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
            .build();
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedServer server = new ScriptedServer(profile);
    private final List<String> presented = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        server.close();
        vertx.close().await();
    }

    /** Gives {@code t-0}, {@code t-1}, …, each a while after it was asked for. */
    private static final class Numbered implements TokenSource {

        private final AtomicInteger answers = new AtomicInteger();
        private final List<Challenge> challenges = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<Optional<Authorization>> current() {
            return CompletableFuture.completedStage(
                    answers.get() == 0 ? Optional.empty() : Optional.of(token(answers.get())));
        }

        @Override
        public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
            challenges.add(challenge);
            return CompletableFuture.supplyAsync(() -> Optional.of(token(answers.incrementAndGet())));
        }

        private static Authorization token(int number) {
            return method -> Map.of("Authorization", "Bearer t-" + number + "-" + method);
        }
    }

    private void refuseUntil(String token) {
        server.answer(request -> request.bodyHandler(body -> {
            presented.add(String.valueOf(request.getHeader("Authorization")));
            bodies.add(body.toString());
            if (presented.get(presented.size() - 1).equals(token)) {
                request.response().end("{}");
            } else {
                refuse(request);
            }
        }));
    }

    private static void refuse(HttpServerRequest request) {
        request.response()
                .setStatusCode(401)
                .putHeader("WWW-Authenticate", "Basic realm=x, Bearer scope=\"read\"")
                .end("no");
    }

    private Reply post(TokenSource tokens) {
        Wire wire = new Wire(server.uri(), profile, Optional.empty(), vertx, LIMITS, tokens);
        try {
            return Objects.requireNonNull(
                    wire.exchange(HttpMethod.POST, Map.of(), "the call".getBytes(StandardCharsets.UTF_8), AMPLE)
                            .block(AMPLE));
        } finally {
            wire.close().block(AMPLE);
        }
    }

    @Test
    void sendsTheRequestAgainWithTheTokenThatTheServerAskedFor() {
        Numbered tokens = new Numbered();
        refuseUntil("Bearer t-1-POST");

        assertThat(post(tokens).status()).isEqualTo(200);
        assertThat(presented).containsExactly("null", "Bearer t-1-POST");
        assertThat(bodies).containsExactly("the call", "the call");
        assertThat(tokens.challenges.get(0).parameter("scope")).contains("read");
        assertThat(post(tokens).status()).isEqualTo(200);
        assertThat(presented).hasSize(3);
    }

    @Test
    void cancelsARequestWhoseTokenWasThereAtOnce() {
        List<Throwable> dropped = new CopyOnWriteArrayList<>();
        CountDownLatch arrived = new CountDownLatch(1);
        server.answer(request -> arrived.countDown());
        Wire wire = new Wire(server.uri(), profile, Optional.empty(), vertx, LIMITS, new Numbered());
        Hooks.onErrorDropped(dropped::add);
        try {
            Disposable exchange =
                    wire.exchange(HttpMethod.POST, Map.of(), new byte[0], AMPLE).subscribe();
            assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
            exchange.dispose();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Hooks.resetOnErrorDropped();
            wire.close().block(AMPLE);
        }

        assertThat(dropped).isEmpty();
    }

    @Test
    void givesUpOnAServerThatRefusesEachToken() {
        Numbered tokens = new Numbered();
        refuseUntil("never");

        assertThat(post(tokens).status()).isEqualTo(401);
        assertThat(tokens.challenges).hasSize(TokenSource.MOST_ANSWERS);
        assertThat(presented).hasSize(TokenSource.MOST_ANSWERS + 1);
    }

    @Test
    void leavesARefusalAsItIsWithoutTokens() {
        refuseUntil("never");

        assertThat(post(TokenSource.NONE).status()).isEqualTo(401);
        assertThat(presented).containsExactly("null");
    }

    @Test
    void saysWhyThereIsNoToken() {
        refuseUntil("never");

        assertThatThrownBy(() -> post(new TokenSource() {
                    @Override
                    public CompletionStage<Optional<Authorization>> current() {
                        return CompletableFuture.completedStage(Optional.empty());
                    }

                    @Override
                    public CompletionStage<Optional<Authorization>> answer(
                            Challenge challenge, Optional<Authorization> refused) {
                        return CompletableFuture.failedStage(new IllegalStateException("the person said no"));
                    }
                }))
                .isInstanceOf(NotAuthorized.class)
                .hasMessageContaining("the person said no");
    }

    @Test
    void takesNoTokensForAnotherServer() {
        TokenSource foreign = new TokenSource() {
            @Override
            public Optional<URI> server() {
                return Optional.of(URI.create("https://other.example/mcp"));
            }

            @Override
            public CompletionStage<Optional<Authorization>> current() {
                return CompletableFuture.completedStage(Optional.empty());
            }

            @Override
            public CompletionStage<Optional<Authorization>> answer(
                    Challenge challenge, Optional<Authorization> refused) {
                return current();
            }
        };

        assertThatThrownBy(() -> MtlsClientTransport.builder(server.uri())
                        .tls(profile)
                        .tokens(foreign)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("other.example");
    }

    @Test
    void sendsNoSecondRequestForARefusalThatNoTokenChanges() {
        Numbered tokens = new Numbered();
        server.answer(request -> request.response().setStatusCode(403).end("denied"));

        assertThat(post(tokens).status()).isEqualTo(403);
        assertThat(tokens.challenges).isEmpty();
    }
}
