// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Call;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonBlockingIT {

    @Test
    void aToolThatNeverBlocksRunsOnTheEventLoopInBothEras() throws Exception {
        try (Station station = station(call -> call.target().equals("where"))) {
            assertThat(modern(station)).startsWith("vert.x-eventloop");
            assertThat(legacy(station)).startsWith("vert.x-eventloop");
        }
    }

    @Test
    void anyOtherToolRunsOnAWorker() throws Exception {
        try (Station station = station(call -> call.target().equals("other"))) {
            assertThat(modern(station)).doesNotStartWith("vert.x");
            assertThat(legacy(station)).doesNotStartWith("vert.x");
        }
    }

    @Test
    void aToolThatNeverBlocksIsRecordedBeforeItRunsToo() throws Exception {
        Station[] itself = new Station[1];
        try (Station station = Station.open(
                settings -> settings.nonBlocking(call -> true),
                Station.tool(
                        "recorded",
                        (exchange, call) ->
                                itself[0].events().stream().anyMatch(AuditEvent.CallDecided.class::isInstance)
                                        ? "yes"
                                        : "no"))) {
            itself[0] = station;
            Agent alice = station.agent("alice");
            assertThat(text(alice.send(alice.modernCall("recorded", "")))).isEqualTo("yes");
        }
    }

    @Test
    void aToolThatFailsOnTheEventLoopIsAnErrorToItsCallerAlone() throws Exception {
        try (Station station = Station.open(
                settings -> settings.nonBlocking(call -> true),
                server -> Station.tool("bad", (exchange, call) -> {
                            throw new IllegalStateException("broken");
                        })
                        .apply(Station.who().apply(server)))) {
            Agent alice = station.agent("alice");
            assertThat(alice.send(alice.modernCall("bad", "")).http().body()).contains("error");
            assertThat(text(alice.send(alice.modernCall("who", "")))).endsWith("/agent/alice");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aToolThatFailsFatallyIsAnsweredInBothEras(boolean nonBlocking) throws Exception {
        try (Station station = Station.open(
                settings -> settings.nonBlocking(call -> nonBlocking), Station.tool("endless", (exchange, call) -> {
                    throw new StackOverflowError();
                }))) {
            Agent alice = station.agent("alice");

            Agent.Answer modern = alice.send(alice.modernCall("endless", ""));
            Agent.Answer legacy = alice.send(alice.legacy(alice.initialize(), Agent.call(1, "endless")));

            assertThat(List.of(modern, legacy))
                    .allSatisfy(answer ->
                            assertThat(answer.json().at("/error/code").asInt()).isEqualTo(-32603));
        }
    }

    @Test
    void aToolThatBlocksTheEventLoopAfterAllIsFoundByTheTests() throws Exception {
        try (Station station =
                Station.open(settings -> settings.nonBlocking(call -> true), Station.tool("slow", (exchange, call) -> {
                    Station.comesTrue(
                            Duration.ofSeconds(10), () -> !Station.blocked().isEmpty());
                    return "done";
                }))) {
            Agent alice = station.agent("alice");
            assertThat(text(alice.send(alice.modernCall("slow", "")))).isEqualTo("done");

            assertThat(Station.blocked()).isNotEmpty().allMatch(line -> line.contains("eventloop"));
            Station.blocked().clear();
        }
    }

    private static Station station(Predicate<Call> nonBlocking) {
        return Station.open(
                settings -> settings.nonBlocking(nonBlocking),
                Station.tool("where", (exchange, call) -> Thread.currentThread().getName()));
    }

    private static String modern(Station station) throws Exception {
        Agent alice = station.agent("alice");
        return text(alice.send(alice.modernCall("where", "")));
    }

    private static String legacy(Station station) throws Exception {
        Agent alice = station.agent("alice");
        return text(alice.send(alice.legacy(alice.initialize(), Agent.call(1, "where"))));
    }

    private static String text(Agent.Answer answer) {
        return answer.json().at("/result/content/0/text").asString();
    }
}
