// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer without end. */
class PatienceIT {

    private static final Duration AMPLE = Duration.ofSeconds(20);
    private static final Limits LIMITS = new Limits(AMPLE, AMPLE, Duration.ofSeconds(1), 1_000_000, 1);

    private final Pki pki = new Pki("Test Root");
    private final TlsProfile profile = TlsProfile.builder(
                    CredentialSource.fixed(pki.issue("both")),
                    new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
            .build();
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedServer server = new ScriptedServer(profile);
    private final Wire wire = new Wire(server.uri(), profile, Optional.empty(), vertx, LIMITS, TokenSource.NONE);

    @AfterEach
    void close() {
        wire.close().block(AMPLE);
        server.close();
        vertx.close().await();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/json"})
    void anAnswerThatNeverEndsIsGivenUp(String type) {
        server.answer(request -> drip(request.response().putHeader("Content-Type", type)));
        Reply reply = exchange(AMPLE);
        assertThatThrownBy(() -> read(reply))
                .isInstanceOf(TimedOut.class)
                .hasMessageContaining("not complete within PT1S");
    }

    @Test
    void anAnswerThatNeverBeginsIsGivenUp() {
        server.answer(request -> {});
        assertThatThrownBy(() -> exchange(AMPLE)).isInstanceOf(TimedOut.class);
    }

    @Test
    void aKeptStreamMayTakeLonger() {
        server.answer(request -> {
            drip(request.response().putHeader("Content-Type", "text/event-stream"));
            vertx.setTimer(1_500, due -> request.response().end("data: late\n\n"));
        });
        assertThat(exchange(Duration.ZERO)
                        .events(new EventStream(1_000))
                        .collectList()
                        .block(AMPLE))
                .extracting(EventStream.Event::data)
                .containsExactly("late");
    }

    @Test
    void aBodyThatNobodyWantsIsNotReadForEver() {
        CompletableFuture<String> end = new CompletableFuture<>();
        server.answer(request -> {
            request.response().setChunked(true).exceptionHandler(reset -> end.complete("reset"));
            pour(request.response());
        });
        exchange(Duration.ZERO).discard();
        assertThat(end).succeedsWithin(AMPLE).isEqualTo("reset");
    }

    @Test
    void aShortBodyThatNobodyWantsIsReadToItsEnd() {
        CompletableFuture<String> end = new CompletableFuture<>();
        server.answer(request -> {
            request.response().exceptionHandler(reset -> end.complete("reset"));
            request.response().end("x".repeat(50_000)).onSuccess(sent -> end.complete("read"));
        });
        exchange(AMPLE).discard();
        assertThat(end).succeedsWithin(AMPLE).isEqualTo("read");
    }

    private Reply exchange(Duration silence) {
        return Objects.requireNonNull(
                wire.exchange(HttpMethod.GET, Map.of(), null, silence).block(AMPLE));
    }

    private static void read(Reply reply) {
        if (reply.isEventStream()) {
            reply.events(new EventStream(1_000_000)).blockLast(AMPLE);
        } else {
            reply.text().block(AMPLE);
        }
    }

    /** A few bytes now and then, for as long as they are taken. */
    private void drip(HttpServerResponse response) {
        response.setChunked(true);
        vertx.setPeriodic(0, 100, tick -> {
            if (response.ended() || response.closed()) {
                vertx.cancelTimer(tick);
            } else {
                response.write(": \n\n");
            }
        });
    }

    private static void pour(HttpServerResponse response) {
        response.write("x".repeat(10_000)).onSuccess(sent -> pour(response));
    }
}
