// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.Recorder.Received;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that wants an access token gets the gateway's own, on all that goes to it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UpstreamTokensIT {

    /** Gets what {@code next} gives, elsewhere, and keeps it. */
    private static final class Fetching implements TokenSource {

        private final Queue<Challenge> challenges = new ConcurrentLinkedQueue<>();
        private final Supplier<Optional<String>> next;
        private volatile Optional<Authorization> held = Optional.empty();

        Fetching(Supplier<Optional<String>> next) {
            this.next = next;
        }

        @Override
        public CompletionStage<Optional<Authorization>> current() {
            return CompletableFuture.completedStage(held);
        }

        @Override
        public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
            challenges.add(challenge);
            return CompletableFuture.supplyAsync(() -> {
                held = next.get().map(token -> method -> Map.of("Authorization", "Bearer " + token));
                return held;
            });
        }
    }

    private static Front front(Recorder upstream, TokenSource tokens) {
        return front(upstream, tokens, Duration.ofMinutes(5));
    }

    private static Front front(Recorder upstream, TokenSource tokens, Duration idle) {
        return Front.of(gateway ->
                gateway.url("crm", upstream.url(), Map::of, Optional.empty(), tokens, idle, Duration.ofSeconds(30)));
    }

    private static Answer call(Agent agent) throws Exception {
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say","arguments":{},%s}}\
            """.formatted(Agent.META);
        return agent.post(
                body,
                "MCP-Protocol-Version",
                "2026-07-28",
                "Mcp-Method",
                "tools/call",
                "Mcp-Name",
                "say",
                "Authorization",
                "Bearer of-the-caller");
    }

    private static List<String> tokens(List<Received> requests) {
        return requests.stream().map(one -> one.header("authorization")).toList();
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void theServerGetsTheTokenThatItWants(Era era) throws Exception {
        Fetching tokens = new Fetching(() -> Optional.of("gold"));
        try (Recorder upstream = new Recorder(era);
                Front front = front(upstream, tokens)) {
            upstream.wants("gold");

            assertThat(call(front.agent("alice")).said()).contains("\"say\"");
            assertThat(call(front.agent("alice")).said()).contains("\"say\"");

            assertThat(tokens(List.copyOf(upstream.received))).startsWith("").contains("Bearer gold");
            assertThat(tokens(List.copyOf(upstream.received)).stream().distinct())
                    .containsExactly("", "Bearer gold");
            assertThat(tokens.challenges).hasSize(1).allSatisfy(one -> {
                assertThat(one.status()).isEqualTo(401);
                assertThat(one.parameter("scope")).contains("crm");
            });
            assertThat(tokens(upstream.with("tools/call"))).doesNotContain("");
        }
    }

    @Test
    void aTokenThatIsRefusedLaterIsReplacedAndTheCallRunsOnce() throws Exception {
        Queue<String> series = new ConcurrentLinkedQueue<>(List.of("gold", "lead", "silver"));
        Fetching tokens = new Fetching(() -> Optional.ofNullable(series.poll()));
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream, tokens)) {
            upstream.wants("gold");
            assertThat(call(front.agent("alice")).said()).contains("\"say\"");
            upstream.wants("silver");

            assertThat(call(front.agent("alice")).said()).contains("\"say\"");

            assertThat(tokens(upstream.with("tools/call")))
                    .containsExactly("Bearer gold", "Bearer gold", "Bearer lead", "Bearer silver");
        }
    }

    @Test
    void theStreamOfASessionAndItsEndCarryTheTokenToo() throws Exception {
        Fetching tokens = new Fetching(() -> Optional.of("gold"));
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream, tokens, Duration.ofMillis(500))) {
            upstream.wants("gold");

            assertThat(call(front.agent("alice")).said()).contains("\"say\"");

            for (String method : List.of("GET", "DELETE")) {
                assertThat(Front.comesTrue(() -> of(upstream, method).contains("Bearer gold")))
                        .as(method)
                        .isTrue();
            }
        }
    }

    private static List<String> of(Recorder upstream, String method) {
        return tokens(upstream.received.stream()
                .filter(one -> one.method().equals(method))
                .toList());
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void withoutATokenTheAnswerNamesTheServerAndWhereTheReasonIs(Era era) throws Exception {
        List<Supplier<Optional<String>>> failing = List.of(Optional::empty, () -> {
            throw new IllegalStateException("the secret place is https://login.internal");
        });
        for (Supplier<Optional<String>> next : failing) {
            try (Recorder upstream = new Recorder(era);
                    Front front = front(upstream, new Fetching(next))) {
                upstream.wants("gold");

                assertThat(call(front.agent("alice")).body())
                        .contains("the server crm wants an access token", "whose log says why")
                        .doesNotContain("login.internal");
                assertThat(tokens(List.copyOf(upstream.received))).containsOnly("");
            }
        }
    }

    @Test
    void aServerThatTakesNoTokenIsAskedAFewTimesOnly() throws Exception {
        Fetching tokens = new Fetching(() -> Optional.of("lead"));
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream, tokens)) {
            assertThat(call(front.agent("alice")).said()).contains("\"say\"");
            upstream.wants("gold");

            assertThat(call(front.agent("alice")).body()).contains("the server crm wants an access token");

            assertThat(tokens(upstream.with("tools/call"))).hasSize(2 + TokenSource.MOST_ANSWERS);
            assertThat(tokens.challenges).hasSize(TokenSource.MOST_ANSWERS);
        }
    }
}
