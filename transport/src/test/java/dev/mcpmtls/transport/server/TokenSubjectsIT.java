// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.SessionRefused;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Limits;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subjects of access tokens that share a certificate: what each owns alone, and what they share. */
@Timeout(60)
class TokenSubjectsIT {

    private static final TokenTable TOKENS =
            new TokenTable().issue("alice1", "desk", "alice", "read").issue("bob1", "desk", "bob", "read");

    private static Station station;

    private final Agent desk = station.agent("desk");

    @BeforeAll
    static void open() {
        station = Station.open(
                settings -> settings.accessTokens(TOKENS.taken()),
                server -> Station.tool("task", (exchange, call) -> {
                            Task.begin(exchange);
                            return "done";
                        })
                        .apply(Station.who().apply(server)));
    }

    @AfterAll
    static void close() {
        station.close();
    }

    @Test
    void answersAnotherSubjectOfTheSameCertificateAsIfTheSessionWereUnknown() throws Exception {
        String ofAlice = initialize(desk, "alice1");
        String ofNone = initialize(desk, null);
        station.events().clear();

        Answer bob = desk.send(legacy(desk, ofAlice, "bob1"));
        Answer unknown = desk.send(legacy(desk, "unknown", "bob1"));
        assertThat(bob.status()).isEqualTo(404);
        assertThat(bob.http().body()).isEqualTo(unknown.http().body());
        assertThat(desk.send(legacy(desk, ofAlice, null)).status()).isEqualTo(404);
        assertThat(desk.send(legacy(desk, ofNone, "alice1")).status()).isEqualTo(404);
        assertThat(desk.send(legacy(desk, ofAlice, "alice1")).status()).isEqualTo(200);
        assertThat(desk.send(legacy(desk, ofNone, null)).status()).isEqualTo(200);
        assertThat(station.events())
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                SessionRefused.class,
                                refused -> assertThat(
                                                refused.token().orElseThrow().subject())
                                        .isEqualTo("bob")));
    }

    @Test
    void subjectsOfACertificateShareItsSessions() throws Exception {
        TokenTable many = new TokenTable().issue("other", "else", "someone", "read");
        for (int i = 0; i < 6; i++) {
            many.issue("t" + i, "desk", "subject-" + i, "read");
        }
        Limits four = Limits.builder().sessionsPerIdentity(4).build();
        try (Station station =
                Station.open(settings -> settings.accessTokens(many.taken()).limits(four), Station.who())) {
            Agent agent = station.agent("desk");
            Agent elsewhere = station.agent("else");
            String others = initialize(elsewhere, "other");
            List<String> sessions = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                sessions.add(initialize(agent, "t" + i));
            }

            for (int i = 0; i < 6; i++) {
                assertThat(agent.send(legacy(agent, sessions.get(i), "t" + i)).status())
                        .as("session %d", i)
                        .isEqualTo(i < 2 ? 404 : 200);
            }
            assertThat(elsewhere.send(legacy(elsewhere, others, "other")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void subjectsOfACertificateShareItsCalls() throws Exception {
        TokenTable many = new TokenTable().issue("other", "else", "someone", "read");
        for (int i = 0; i < 4; i++) {
            many.issue("t" + i, "desk", "subject-" + i, "read");
        }
        CountDownLatch end = new CountDownLatch(1);
        Limits three = Limits.builder().inFlightPerIdentity(3).build();
        try (Station station = Station.open(
                settings -> settings.accessTokens(many.taken()).limits(three), Station.tool("who", (exchange, call) -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return "done";
                }))) {
            List<CompletableFuture<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Agent one = station.agent("desk");
                calls.add(one.sendAsync(one.bearing("t" + i).modernCall("who", "")));
            }
            assertThat(CompletableFuture.anyOf(calls.toArray(new CompletableFuture<?>[0]))
                            .thenApply(Answer.class::cast))
                    .succeedsWithin(Duration.ofSeconds(20))
                    .extracting(Answer::status)
                    .isEqualTo(429);
            Agent elsewhere = station.agent("else");
            CompletableFuture<Answer> others =
                    elsewhere.sendAsync(elsewhere.bearing("other").modernCall("who", ""));
            end.countDown();
            assertThat(calls.stream().map(one -> one.join().status()).toList())
                    .containsExactlyInAnyOrder(200, 200, 200, 429);
            assertThat(others.join().status()).isEqualTo(200);
        }
    }

    @Test
    void aTaskIsKnownToTheSubjectThatBeganItAlone() throws Exception {
        String task = TaskClient.begin(desk.bearing("alice1"), "task");

        assertThat(TaskClient.get(desk.bearing("alice1"), task).at("/taskId").asString())
                .isEqualTo(task);
        for (Agent other : List.of(desk.bearing("bob1"), desk)) {
            assertThat(TaskClient.ask(other, "tasks/get", task)
                            .json()
                            .at("/error/code")
                            .asInt())
                    .isEqualTo(-32602);
        }
    }

    private static Agent as(Agent agent, @Nullable String token) {
        return token == null ? agent : agent.bearing(token);
    }

    private static String initialize(Agent agent, @Nullable String token) throws Exception {
        return as(agent, token).initialize();
    }

    private static HttpRequest.Builder legacy(Agent agent, String session, @Nullable String token) {
        return as(agent, token).legacy(session, Agent.call(1, "who"));
    }
}
