// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.caller.Limits;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Handlers that end with what Reactor calls fatal, which it reports to no subscriber. */
@Timeout(value = 15, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FatalHandlerIT {

    private static final Limits ONE_AT_A_TIME =
            Limits.builder().inFlightPerIdentity(1).build();

    /** As of a server that is built without {@code immediateExecution}. */
    @Test
    void isAnsweredAndReleasesItsSlotAlsoOnAThreadOfReactors() throws Exception {
        try (Station station = Station.open(
                settings -> settings.limits(ONE_AT_A_TIME),
                server -> Station.tool("fatal", (exchange, call) -> {
                            throw new NoClassDefFoundError("gone");
                        })
                        .apply(Station.who().apply(server.immediateExecution(false))))) {
            Agent alice = station.agent("alice");
            String session = alice.initialize();

            for (int i = 1; i <= 3; i++) {
                assertThat(code(alice.send(alice.modernCall("fatal", "")))).isEqualTo(-32603);
                assertThat(code(alice.send(alice.legacy(session, Agent.call(i, "fatal")))))
                        .isEqualTo(-32603);
            }
            assertThat(alice.send(alice.modernCall("who", ""))
                            .json()
                            .at("/result/content/0/text")
                            .asString())
                    .endsWith("/agent/alice");
        }
    }

    static Stream<Function<McpAsyncServerExchange, Mono<ElicitResult>>> endings() {
        return Stream.of(
                exchange -> ask(exchange).map(answer -> fatal()),
                exchange -> ask(exchange).flatMap(answer -> Mono.just(fatal())),
                exchange -> ask(exchange).flatMap(first -> ask(exchange).map(second -> fatal())),
                exchange -> ask(exchange).flatMap(first -> ask(exchange).flatMap(second -> Mono.just(fatal()))));
    }

    private static ElicitResult fatal() {
        throw new NoClassDefFoundError("gone");
    }

    /** The handler of an asynchronous server goes on where the client's answer arrives. */
    @ParameterizedTest
    @MethodSource("endings")
    void isAnsweredBehindAnAnswerOfItsClient(Function<McpAsyncServerExchange, Mono<ElicitResult>> ending)
            throws Exception {
        MtlsServerTransport transport = Station.transport(settings -> settings.limits(ONE_AT_A_TIME));
        try {
            McpServer.async(transport)
                    .serverInfo("station", "1")
                    .toolCall(
                            McpSchema.Tool.builder("asks", Map.of("type", "object"))
                                    .build(),
                            (exchange, call) -> ending.apply(exchange).map(never -> Station.text("never")))
                    .toolCall(
                            McpSchema.Tool.builder("asks-well", Map.of("type", "object"))
                                    .build(),
                            (exchange, call) -> ask(exchange)
                                    .flatMap(first -> ask(exchange))
                                    .map(answer -> Station.text(answer.action().name())))
                    .build();
            transport.start();
            Agent alice = new Agent(transport.uri(), Station.context("alice"));
            String session = alice.initialize();
            for (int i = 1; i <= 3; i++) {
                assertThat(last(alice, session, Agent.call(i, "asks"))
                                .at("/error/code")
                                .asInt())
                        .isEqualTo(-32603);
                assertThat(last(alice, session, Agent.call("\"" + i + "\"", "asks-well"))
                                .at("/result/content/0/text")
                                .asString())
                        .isEqualTo("ACCEPT");
            }
        } finally {
            transport.shutdown(Duration.ZERO).join();
        }
    }

    private static Mono<ElicitResult> ask(McpAsyncServerExchange exchange) {
        return exchange.createElicitation(
                ElicitFormRequest.builder("?", Map.of("type", "object", "properties", Map.of()))
                        .build());
    }

    /** Calls, accepts every question, and returns the last message. */
    private static JsonNode last(Agent agent, String session, String call) throws Exception {
        JsonNode last = null;
        try (Stream<String> lines = agent.stream(agent.legacy(session, call))) {
            for (String line : (Iterable<String>) lines.filter(line -> line.startsWith("data: {"))::iterator) {
                last = Agent.JSON.readTree(line.substring(6));
                if (last.has("method")) {
                    assertThat(agent.send(agent.legacy(session, """
                        {"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":{}}}\
                        """.formatted(last.get("id"))))
                                    .status())
                            .isEqualTo(202);
                }
            }
        }
        return Objects.requireNonNull(last);
    }

    private static int code(Agent.Answer answer) {
        return answer.json().at("/error/code").asInt();
    }
}
