// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.coordinator.Answer.Step;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CoordinatorIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final ThrowawayCa STRANGER = ThrowawayCa.root("Stranger");

    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    private Coordinator everyone() {
        fleet.startAll();
        return fleet.coordinator(fleet.server("weather"), fleet.server("datetime"), fleet.server("echo"));
    }

    @Test
    void answersSeveralQuestionsAboutSeveralCitiesAtOnce() {
        Answer answer = everyone().ask("What's the weather and the time in Tokyo and Paris, and echo hello", TIMEOUT);

        assertThat(answer.outcome()).isEqualTo(Outcome.ANSWERED);
        assertThat(answer.failures()).isEmpty();
        String[] lines = answer.text().split("\n");
        assertThat(lines).hasSize(5);
        assertThat(lines[0]).matches("Weather in Tokyo: -?\\d+\\.\\d°C, [A-Z][a-z ]+ \\(simulated\\)");
        assertThat(lines[1]).isEqualTo("Time in Tokyo: 2026-11-22 18:30:05 (Asia/Tokyo, UTC+09:00)");
        assertThat(lines[2]).startsWith("Weather in Paris: ");
        assertThat(lines[3]).isEqualTo("Time in Paris: 2026-11-22 10:30:05 (Europe/Paris, UTC+01:00)");
        assertThat(lines[4]).isEqualTo("hello");
    }

    @Test
    void saysWhoAnsweredEachPart() {
        Step step = everyone().ask("echo hello", TIMEOUT).steps().get(0);

        assertThat(step.server()).isEqualTo("echo");
        assertThat(step.peer()).isNotNull();
        assertThat(step.peer().identity()).isEqualTo("spiffe://demo.local/server/echo");
        assertThat(step.peer().assurance()).isEqualTo("verified");
        assertThat(step.peer().tlsVersion()).isEqualTo("TLSv1.3");
        assertThat(step.peer().cipher()).startsWith("TLS_");
    }

    @Test
    void comparesTemperatures() {
        Answer answer = everyone().ask("is it warmer in Oslo or Singapore?", TIMEOUT);
        assertThat(answer.steps()).hasSize(2);
        assertThat(answer.conclusions())
                .singleElement()
                .asString()
                .matches("It is warmer in Singapore \\(.*\\) than in Oslo \\(.*\\)\\.");
        assertThat(answer.text()).endsWith(answer.conclusions().get(0));
    }

    @Test
    void isWrittenAsJson() {
        JsonMapper json = new JsonMapper();
        JsonNode written =
                json.readTree(json.writeValueAsString(everyone().ask("time in Tokyo and in Tokoy", TIMEOUT)));

        assertThat(written.path("outcome").asString()).isEqualTo("TOOL_FAILED");
        JsonNode first = written.path("steps").path(0);
        assertThat(first.path("tool").asString()).isEqualTo("getDateTime");
        assertThat(first.path("arguments").path("city").asString()).isEqualTo("Tokyo");
        assertThat(first.path("structured").path("zone").asString()).isEqualTo("Asia/Tokyo");
        assertThat(first.path("peer").path("identity").asString()).isEqualTo("spiffe://demo.local/server/datetime");
        assertThat(written.path("steps").path(1).path("text").asString()).startsWith("Unknown city \"Tokoy\"");
    }

    @Test
    void anUnknownCityFailsItsPartAlone() {
        Answer answer = everyone().ask("weather in Tokyo and Atlantisville", TIMEOUT);
        assertThat(answer.outcome()).isEqualTo(Outcome.TOOL_FAILED);
        assertThat(answer.steps()).extracting(Step::outcome).containsExactly(Outcome.ANSWERED, Outcome.TOOL_FAILED);
        assertThat(answer.text()).contains("Weather in Atlantisville: Unknown city \"Atlantisville\".");
    }

    @Test
    void saysWhatItDoesNotUnderstandAndAnswersTheRest() {
        Answer answer = everyone().ask("What time is it in Rome? Who is the king?", TIMEOUT);
        assertThat(answer.outcome()).isEqualTo(Outcome.NOT_UNDERSTOOD);
        assertThat(answer.text()).startsWith("Time in Rome").endsWith("I do not understand \"Who is the king\".");
    }

    @Test
    void callsNothingForAQuestionItDoesNotUnderstand() {
        Answer answer = everyone().ask("Who is the king?", TIMEOUT);
        assertThat(answer.steps()).isEmpty();
        assertThat(answer.outcome()).isEqualTo(Outcome.NOT_UNDERSTOOD);
        assertThat(answer.text()).contains("You can ask, for example");
    }

    @Test
    void aServerThatIsDownFailsItsPartAlone() {
        fleet.startAll();
        Coordinator coordinator = fleet.coordinator(fleet.server("weather"), fleet.server("echo"));
        fleet.stop("weather");

        Answer answer = coordinator.ask("weather in Tokyo and echo hello", TIMEOUT);

        assertThat(answer.steps()).extracting(Step::outcome).containsExactly(Outcome.UNREACHABLE, Outcome.ANSWERED);
        assertThat(answer.text().lines().toList().get(0))
                .startsWith("Weather in Tokyo: server weather: cannot reach https://localhost:")
                .contains("start the server");
        assertThat(answer.text()).endsWith("hello");
    }

    @Test
    void aServerThatWeRefuseFailsItsPartAlone() {
        fleet.startAll();
        ToolServer refused = fleet.server("weather", fleet.uri("weather"), Fleet.CA.client("coordinator"), STRANGER);

        Answer answer =
                fleet.coordinator(refused, fleet.server("echo")).ask("weather in Tokyo and echo hello", TIMEOUT);

        assertThat(answer.steps()).extracting(Step::outcome).containsExactly(Outcome.REFUSED, Outcome.ANSWERED);
        assertThat(answer.text()).contains("Weather in Tokyo: server weather: refused the server");
    }

    @Test
    void aServerThatSaysNothingTimesOutAlone() throws IOException {
        fleet.start("echo");
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("https://localhost:" + silent.getLocalPort() + "/mcp");
            ToolServer deaf = fleet.server("weather", uri, Fleet.CA.client("coordinator"), Fleet.CA);

            Answer answer = fleet.coordinator(deaf, fleet.server("echo"))
                    .ask("weather in Tokyo and echo hello", Duration.ofSeconds(4));

            assertThat(answer.steps()).extracting(Step::outcome).containsExactly(Outcome.TIMED_OUT, Outcome.ANSWERED);
            assertThat(answer.millis()).isLessThan(4_000);
        }
    }

    @Test
    void aServerThatPermitsUsNothingSaysSo() {
        AccessPolicy nobody = (peer, call) -> new Decision.Deny("no rule permits it");
        fleet.start("datetime").start("echo", 0, nobody);

        Answer answer = fleet.coordinator(fleet.server("datetime"), fleet.server("echo"))
                .ask("echo hello and time in Rome", TIMEOUT);

        assertThat(answer.steps().get(0).outcome()).isEqualTo(Outcome.DENIED);
        assertThat(answer.text()).startsWith("Echo: server echo: no rule permits it");
        assertThat(answer.steps().get(1).outcome()).isEqualTo(Outcome.ANSWERED);
    }

    @Test
    void aToolThatNobodyOffersSaysSo() {
        fleet.start("echo");
        Answer answer = fleet.coordinator(fleet.server("echo")).ask("time in Rome", TIMEOUT);
        assertThat(answer.text())
                .isEqualTo(
                        "Time in Rome: no server offers us the tool getDateTime; start one that does, or ask for permission to use it");
        assertThat(answer.outcome()).isEqualTo(Outcome.UNREACHABLE);
    }

    @Test
    void keepsItsConnectionForTheNextQuestion() {
        Coordinator coordinator = everyone();
        coordinator.ask("echo one", TIMEOUT);
        long handshakes = accepted();
        coordinator.ask("echo two", TIMEOUT);
        assertThat(accepted()).isEqualTo(handshakes);
    }

    @Test
    void connectsAgainToAServerThatWasRestarted() {
        Coordinator coordinator = everyone();
        assertThat(coordinator.ask("echo one", TIMEOUT).text()).isEqualTo("one");

        int port = fleet.stop("echo");
        assertThat(coordinator.ask("echo two", TIMEOUT).outcome()).isEqualTo(Outcome.UNREACHABLE);
        fleet.start("echo", port, AccessPolicy.everyAcceptedPeer());

        assertThat(coordinator.ask("echo three", TIMEOUT).text()).isEqualTo("three");
    }

    @Test
    void answersManyQuestionsAtOnce() {
        Coordinator coordinator = everyone();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String text = "text " + i;
            answers.add(CompletableFuture.supplyAsync(() -> coordinator
                    .ask("echo " + text + " and the time in Rome", TIMEOUT)
                    .text()));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).join()).startsWith("text " + i + "\nTime in Rome");
        }
    }

    private long accepted() {
        return fleet.events.stream()
                .filter(event -> event.action() == AuditEvent.Action.TLS_ACCEPTED)
                .count();
    }
}
