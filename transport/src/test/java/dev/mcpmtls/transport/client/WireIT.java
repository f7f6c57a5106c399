// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

class WireIT {

    private static final int MEGABYTES = 64;
    private static final String EVENT = "data: " + "x".repeat(1_000) + "\n\n";

    @ParameterizedTest
    @CsvSource({"1, waits", "9223372036854775807, sends all"})
    void aServerSendsNoMoreThanIsTaken(long taken, String outcome) throws Exception {
        Pki pki = new Pki("Test Root");
        TlsProfile profile = TlsProfile.builder(
                        CredentialSource.fixed(pki.issue("both")),
                        new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .build();
        CompletableFuture<String> sending = new CompletableFuture<>();
        Vertx vertx = Vertx.vertx();
        try (ScriptedServer server = new ScriptedServer(profile)) {
            server.answer(request -> pour(
                    request.response().setChunked(true).putHeader("Content-Type", "text/event-stream"),
                    new AtomicInteger(MEGABYTES),
                    sending));
            Limits limits =
                    new Limits(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(5), 1_000_000, 1);
            Wire wire = new Wire(server.uri(), profile, Optional.empty(), vertx, limits, TokenSource.NONE);

            Reply reply = Objects.requireNonNull(wire.exchange(HttpMethod.GET, Map.of(), null, limits.silence())
                    .block(Duration.ofSeconds(20)));
            reply.events(new EventStream(1_000_000)).subscribe(new Taking(taken));

            assertThat(sending).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(outcome);
            wire.close().block(Duration.ofSeconds(20));
        } finally {
            vertx.close().await();
        }
    }

    /** Sends megabyte after megabyte, and gives up when one has not left after two seconds. */
    private static void pour(HttpServerResponse response, AtomicInteger left, CompletableFuture<String> outcome) {
        if (left.getAndDecrement() == 0) {
            outcome.complete("sends all");
            return;
        }
        Vertx vertx = Objects.requireNonNull(Vertx.currentContext()).owner();
        long timer = vertx.setTimer(2_000, due -> outcome.complete("waits"));
        response.write(EVENT.repeat(1_000)).onSuccess(sent -> {
            vertx.cancelTimer(timer);
            pour(response, left, outcome);
        });
    }

    private static final class Taking extends BaseSubscriber<EventStream.Event> {

        private final long events;

        Taking(long events) {
            this.events = events;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            request(events);
        }
    }
}
