// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import io.modelcontextprotocol.spec.McpSchema;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LegacySessionIT {

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final Station station = Station.open(server -> {
        Station.tool(
                        "who",
                        (exchange, call) -> Caller.from(exchange.transportContext())
                                .peer()
                                .identity()
                                .text())
                .apply(server);
        Station.chatty().apply(server);
        Station.tool(
                        "asks",
                        (exchange, call) -> exchange.createMessage(McpSchema.CreateMessageRequest.builder(List.of(), 10)
                                        .build())
                                .content()
                                .toString())
                .apply(server);
        return Station.stuck(entered, interrupted).apply(server);
    });

    private final Agent alice = station.agent("alice");

    @AfterEach
    void close() {
        station.close();
    }

    @Test
    void negotiatesEachLegacyVersionAndOffersTheNewestForOthers() throws Exception {
        for (String version : Revision.legacy()) {
            assertThat(alice.initialize(version)
                            .json()
                            .at("/result/protocolVersion")
                            .asString())
                    .isEqualTo(version);
        }
        assertThat(alice.initialize("2024-11-05")
                        .json()
                        .at("/result/protocolVersion")
                        .asString())
                .isEqualTo("2025-11-25");
    }

    @Test
    void keepsOnlySoMuchOfWhatAClientSaysOfItself() throws Exception {
        assertThat(alice.post(hello("c".repeat(100_000))).status()).isEqualTo(200);
        Answer refused = alice.post(hello("c".repeat(140_000)));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().at("/error/message").asString()).contains("more than 131072 characters");
    }

    private static String hello(String name) {
        return "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
                + "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"" + name
                + "\",\"version\":\"1\"}}}";
    }

    @Test
    void refusesSubscriptionsThatAreTooMuchToKeep() throws Exception {
        String session = alice.initialize();
        assertThat(subscribe(session, "u".repeat(200_000)).status()).isNotEqualTo(429);
        Answer refused = subscribe(session, "v".repeat(200_000));
        assertThat(refused.json().at("/error/message").asString()).contains("unsubscribe from some");
        assertThat(subscribe(alice.initialize(), "v".repeat(200_000)).http().body())
                .doesNotContain("unsubscribe from some");
    }

    private Answer subscribe(String session, String uri) throws Exception {
        return alice.send(alice.legacy(
                session,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"" + uri
                        + "\"}}"));
    }

    @Test
    void saysWhoseFaultAParameterOfAnotherFormIs() throws Exception {
        String call = Agent.call(1, "who").replace("\"arguments\":{}", "\"arguments\":\"text\"");

        Answer answer = alice.send(alice.legacy(alice.initialize(), call));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32602);
    }

    @Test
    void tellsTheHandlerWhoCalls() throws Exception {
        String session = alice.initialize();

        Answer answer = alice.send(alice.legacy(session, Agent.call(1, "who")));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.json().at("/result/content/0/text").asString()).isEqualTo("spiffe://demo.local/agent/alice");
        assertThat(station.events())
                .anyMatch(event -> event instanceof AuditEvent.SessionOpened)
                .anyMatch(event -> event instanceof AuditEvent.CallDecided decided
                        && decided.call().target().equals("who"));
    }

    @Test
    void keepsTheSessionAcrossANewCertificateOfTheSameIdentity() throws Exception {
        String session = alice.initialize();

        assertThat(station.agent("alice")
                        .send(alice.legacy(session, Agent.call(1, "who")))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void answersAStrangerAsIfTheSessionWereUnknown() throws Exception {
        String session = alice.initialize();
        Agent bob = station.agent("bob");
        List<HttpRequest.Builder> theirs = List.of(
                bob.legacy(session, Agent.call(1, "who")),
                bob.request("Mcp-Session-Id", session).GET(),
                bob.request("Mcp-Session-Id", session).DELETE());
        List<HttpRequest.Builder> unknown = List.of(
                bob.legacy("unknown", Agent.call(1, "who")),
                bob.request("Mcp-Session-Id", "unknown").GET(),
                bob.request("Mcp-Session-Id", "unknown").DELETE());

        for (int i = 0; i < theirs.size(); i++) {
            Answer stranger = bob.send(theirs.get(i));
            Answer nobody = bob.send(unknown.get(i));
            assertThat(stranger.status()).isEqualTo(404);
            assertThat(stranger.http().body()).isEqualTo(nobody.http().body());
            assertThat(stranger.http().headers().map().keySet())
                    .isEqualTo(nobody.http().headers().map().keySet());
        }
        assertThat(station.events().stream().filter(AuditEvent.SessionRefused.class::isInstance))
                .hasSize(6);
        assertThat(alice.send(alice.legacy(session, Agent.call(2, "who"))).status())
                .isEqualTo(200);
    }

    @Test
    void endsASessionOnDelete() throws Exception {
        String session = alice.initialize();

        assertThat(alice.send(alice.request("Mcp-Session-Id", session).DELETE()).status())
                .isEqualTo(204);
        assertThat(alice.send(alice.legacy(session, Agent.call(1, "who"))).status())
                .isEqualTo(404);
    }

    @Test
    void endsTheIdlestSessionOfACallerThatOpensOneTooMany() throws Exception {
        try (Station small = Station.open(
                settings ->
                        settings.limits(Limits.builder().sessionsPerIdentity(2).build()),
                Station.who())) {
            Agent carol = small.agent("carol");
            Agent dave = small.agent("dave");
            String others = dave.initialize();
            String first = carol.initialize();
            String second = carol.initialize();
            carol.send(carol.legacy(first, Agent.call(1, "who")));

            String third = carol.initialize();

            assertThat(carol.send(carol.legacy(second, Agent.call(1, "who"))).status())
                    .isEqualTo(404);
            for (String open : List.of(first, third)) {
                assertThat(carol.send(carol.legacy(open, Agent.call(1, "who"))).status())
                        .isEqualTo(200);
            }
            assertThat(dave.send(dave.legacy(others, Agent.call(1, "who"))).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesOneSessionTooManyWhenNoneIsIdle() throws Exception {
        try (Station small = Station.open(
                settings ->
                        settings.limits(Limits.builder().sessionsPerIdentity(1).build()),
                server -> server)) {
            Agent carol = small.agent("carol");
            String first = carol.initialize();
            carol.stream(carol.request("Mcp-Session-Id", first).GET())
                    .iterator()
                    .next();

            Answer second = carol.initialize("2025-11-25");
            assertThat(second.status()).isEqualTo(429);
            assertThat(second.json().at("/id").asInt()).isZero();
            assertThat(small.agent("dave").initialize("2025-11-25").status()).isEqualTo(200);

            carol.send(carol.request("Mcp-Session-Id", first).DELETE());
            assertThat(carol.initialize("2025-11-25").status()).isEqualTo(200);
        }
    }

    @Test
    void switchesToAStreamWithTheFirstNotification() throws Exception {
        String session = alice.initialize();

        Answer answer = alice.send(alice.legacy(session, Agent.call(1, "chatty")));

        assertThat(answer.header("content-type")).isEqualTo("text/event-stream");
        assertThat(answer.events()).hasSize(2);
        assertThat(answer.events().get(0).at("/method").asString()).isEqualTo("notifications/message");
        assertThat(answer.events().get(1).at("/id").asInt()).isEqualTo(1);
    }

    @Test
    void goesOnWithAStreamAfterTheLastEventTheClientSaw() throws Exception {
        String session = alice.initialize();
        List<String> ids = alice.send(alice.legacy(session, Agent.call(1, "chatty")))
                .http()
                .body()
                .lines()
                .filter(line -> line.startsWith("id: "))
                .map(line -> line.substring(4))
                .toList();

        Answer resumed = alice.send(alice.request("Mcp-Session-Id", session, "Last-Event-ID", ids.get(1))
                .GET());

        assertThat(ids).hasSize(3).doesNotHaveDuplicates();
        assertThat(resumed.events()).hasSize(1);
        assertThat(resumed.events().get(0).at("/id").asInt()).isEqualTo(1);
        for (String never : List.of("1-99", "99-0", "0-0", "one")) {
            Answer refused = alice.send(alice.request("Mcp-Session-Id", session, "Last-Event-ID", never)
                    .GET());
            assertThat(refused.status()).as(never).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {"'{\"level\":\"warning\"}', 200", "'{\"level\":\"loud\"}', 400", "'{\"level\":7}', 400", "{}, 400"
            })
    void setsOnlyALogLevelThatThereIs(String params, int status) throws Exception {
        String call = """
            {"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":%s}\
            """.formatted(params);

        Answer answer = alice.send(alice.legacy(alice.initialize(), call));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(status == 200 ? 0 : -32602);
    }

    @Test
    void carriesQuestionsToTheClientAndItsAnswersBack() throws Exception {
        String session = alice.initialize();
        Iterator<String> lines =
                alice.stream(alice.legacy(session, Agent.call(1, "asks"))).iterator();
        String question = next(lines, "sampling/createMessage");
        String id = Agent.JSON.readTree(question).at("/id").asString();
        String answer = """
            {"jsonrpc":"2.0","id":"%s","result":{"role":"assistant","model":"m",\
            "content":{"type":"text","text":"42"}}}\
            """.formatted(id);

        assertThat(alice.send(alice.legacy(session, answer.replace(id, "other")))
                        .status())
                .isEqualTo(400);
        assertThat(alice.send(alice.legacy(session, answer)).status()).isEqualTo(202);
        assertThat(next(lines, "result")).contains("42");
    }

    @Test
    void stopsACancelledHandlerAndAnswersNothing() throws Exception {
        String session = alice.initialize();
        CompletableFuture<Answer> call = alice.sendAsync(alice.legacy(session, Agent.call(7, "stuck")));
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

        Answer cancelled = alice.send(alice.legacy(session, """
            {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}\
            """));

        assertThat(cancelled.status()).isEqualTo(202);
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(call.get(10, TimeUnit.SECONDS).http().body()).isEmpty();
    }

    @Test
    void sendsWhatTheServerSaysOfItsOwnAccordOnTheGetStream() throws Exception {
        String session = alice.initialize();
        Iterator<String> lines =
                alice.stream(alice.request("Mcp-Session-Id", session).GET()).iterator();
        List<String> seen = new ArrayList<>(List.of(lines.next()));

        station.server().removeTool("who");

        seen.add(next(lines, "notifications/tools/list_changed"));
        assertThat(seen.get(0)).startsWith("id: ");
    }

    @Test
    void keepsNoPlaceForRequestsThatItRefuses() throws Exception {
        try (Station small = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(1).build()),
                server -> Station.tool("who", (exchange, call) -> "who").apply(server))) {
            Agent carol = small.agent("carol");
            String session = carol.initialize();
            String nameless = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{}}";

            for (int i = 0; i < 3; i++) {
                assertThat(carol.send(carol.legacy(session, nameless)).status()).isEqualTo(400);
            }
            assertThat(carol.send(carol.legacy(session, Agent.call(1, "who"))).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void keepsNoPlaceForAnswersToWhatItDidNotAsk() throws Exception {
        try (Station small = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(1).build()),
                Station.who())) {
            Agent carol = small.agent("carol");
            String session = carol.initialize();

            for (int i = 0; i < 3; i++) {
                assertThat(carol.send(carol.legacy(session, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{}}"))
                                .status())
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void refusesASecondRequestWithTheIdOfOneInWork() throws Exception {
        String session = alice.initialize();
        CompletableFuture<Answer> stuck = alice.sendAsync(alice.legacy(session, Agent.call(7, "stuck")));
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(alice.send(alice.legacy(session, Agent.call(7, "who"))).status())
                .isEqualTo(400);
        assertThat(stuck).isNotDone();
    }

    @Test
    void refusesVersionsItDoesNotSpeak() throws Exception {
        String session = alice.initialize();

        Answer answer =
                alice.send(alice.legacy(session, Agent.call(1, "who")).setHeader("MCP-Protocol-Version", "1999-01-01"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
    }

    @Test
    void refusesARequestWithoutItsSession() throws Exception {
        assertThat(alice.post(Agent.call(1, "who")).status()).isEqualTo(400);
    }

    private static String next(Iterator<String> lines, String containing) {
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("data: ") && line.contains(containing)) {
                return line.substring(6);
            }
        }
        throw new AssertionError("the stream ended without " + containing);
    }
}
