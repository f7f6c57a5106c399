// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Limits;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A modern client is asked for input in rounds: the request is made again with the answers, and with a state that only it may use. */
class InputRoundIT {

    private final AtomicInteger runs = new AtomicInteger();
    private final Station station = Station.open(server -> {
        Station.chatty().apply(server);
        return Station.tool("asks", (exchange, call) -> {
                    runs.incrementAndGet();
                    return elicit(exchange, "first") + elicit(exchange, "second");
                })
                .apply(server);
    });

    private final Agent alice = station.agent("alice");

    @AfterEach
    void close() {
        station.close();
    }

    @Test
    void asksInRoundsAndRemembersEarlierAnswers() throws Exception {
        Answer first = alice.send(alice.modernCall("asks", ""));
        Answer second = alice.send(alice.modernCall("asks", answer(first, "first", "a")));
        Answer third = alice.send(alice.modernCall("asks", answer(second, "second", "b")));

        assertThat(first.json().at("/result/resultType").asString()).isEqualTo("input_required");
        assertThat(first.json().at("/result/inputRequests/first/method").asString())
                .isEqualTo("elicitation/create");
        assertThat(second.json().at("/result/inputRequests/second").isObject()).isTrue();
        assertThat(third.json().at("/result/content/0/text").asString()).isEqualTo("ab");
        assertThat(runs).hasValue(3);
    }

    @Test
    void takesARequestStateOnlyFromItsCallerForItsRequestUnchanged() throws Exception {
        Answer first = alice.send(alice.modernCall("asks", ""));
        Agent bob = station.agent("bob");
        String retry = answer(first, "first", "a");

        assertThat(bob.send(bob.modernCall("asks", retry)).status()).isEqualTo(400);
        assertThat(alice.send(alice.modernCall("chatty", retry)).status()).isEqualTo(400);
        assertThat(alice.send(alice.modernCall("asks", retry.replace("requestState\":\"", "requestState\":\"A")))
                        .status())
                .isEqualTo(400);
        assertThat(station.agent("alice").send(alice.modernCall("asks", retry)).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"nope\"}",
                "{}",
                "{\"action\":7}",
                "{\"action\":\"accept\",\"content\":\"a\"}",
                "\"accept\""
            })
    void refusesAnAnswerThatAnswersSomethingElse(String response) throws Exception {
        Answer first = alice.send(alice.modernCall("asks", ""));
        String retry =
                answer(first, "first", "a").replace("{\"action\":\"accept\",\"content\":{\"said\":\"a\"}}", response);

        Answer refused = alice.send(alice.modernCall("asks", retry));

        assertThat(refused.json().at("/error/code").asInt()).isEqualTo(-32602);
    }

    /** A state of ours says nothing that its caller did not say. */
    @Test
    void putsOnlyTheCallersOwnWordsIntoTheState() throws Exception {
        String state = alice.send(alice.modernCall("asks", ""))
                .json()
                .at("/result/requestState")
                .asString();

        String content = new String(
                Base64.getUrlDecoder().decode(state.substring(0, state.indexOf('.'))), StandardCharsets.UTF_8);
        assertThat(content).contains("alice").doesNotContain("secret");
    }

    @Test
    void namesTheCapabilityThatTheClientLacks() throws Exception {
        String body =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"asks\",\"_meta\":{"
                        + "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        + "\"io.modelcontextprotocol/clientCapabilities\":{}}}}";

        Answer answer = alice.send(alice.modernCall("asks", "").POST(BodyPublishers.ofString(body)));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32021);
        assertThat(answer.json()
                        .at("/error/data/requiredCapabilities/elicitation")
                        .isObject())
                .isTrue();
    }

    @Test
    void freesTheSlotOfARoundBeforeItsClientHasTheQuestion() throws Exception {
        try (Station one = narrow(new Semaphore(0))) {
            Agent bob = one.agent("bob");
            for (int round = 0; round < 20; round++) {
                assertThat(bob.send(bob.modernCall("asks", "")).http().body()).contains("input_required");
            }
        }
    }

    @Test
    void keepsTheSlotOfAHandlerThatDoesNotEndWithItsRound() throws Exception {
        Semaphore mayEnd = new Semaphore(0);
        try (Station one = narrow(mayEnd)) {
            Agent bob = one.agent("bob");
            assertThat(bob.send(bob.modernCall("stubborn", "")).http().body()).contains("input_required");

            assertThat(bob.send(bob.modernCall("asks", "")).status()).isEqualTo(429);
            mayEnd.release();
            assertThat(Station.comesTrue(Duration.ofSeconds(20), () -> isAsked(bob)))
                    .isTrue();
        }
    }

    /** With one request in flight for each identity. */
    private static Station narrow(Semaphore mayEnd) {
        return Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(1).build()),
                server -> Station.tool("stubborn", (exchange, call) -> {
                            try {
                                return elicit(exchange, "first");
                            } catch (RuntimeException interrupted) {
                                mayEnd.acquireUninterruptibly();
                                throw interrupted;
                            }
                        })
                        .apply(Station.tool("asks", (exchange, call) -> elicit(exchange, "first"))
                                .apply(server)));
    }

    private static boolean isAsked(Agent agent) {
        try {
            return agent.send(agent.modernCall("asks", "")).http().body().contains("input_required");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String answer(Answer question, String key, String said) {
        return ",\"requestState\":\""
                + question.json().at("/result/requestState").asString() + "\",\"inputResponses\":{\"" + key
                + "\":{\"action\":\"accept\",\"content\":{\"said\":\"" + said + "\"}}}";
    }

    private static String elicit(McpSyncServerExchange exchange, String key) {
        return String.valueOf(exchange.createElicitation(
                        McpSchema.ElicitFormRequest.builder(key, Map.of("type", "object", "properties", Map.of()))
                                .meta(Map.of("dev.mcpmtls/input-key", key))
                                .build())
                .content()
                .get("said"));
    }
}
