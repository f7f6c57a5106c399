// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import static dev.mcpmtls.console.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.trust.Peer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers of the API. */
class ConsoleAnswersIT extends RunningConsole {

    @Test
    void theMapHasEdgesAndRefusals() throws Exception {
        String map = get("map").body();

        assertThat(map)
                .contains("\"peer\":\"" + COORDINATOR + "\",\"server\":\"weather-mcp\",\"method\":\"tools/call\","
                        + "\"tool\":\"getForecast\",\"calls\":1,\"permitted\":1,\"denied\":0")
                .contains(
                        "\"peer\":\"spiffe://test.example/agent/laptop-7\",\"reason\":\"UNTRUSTED_ISSUER\",\"count\":1");
    }

    @Test
    void anEventHasItsCauseAndItsRemedy() throws Exception {
        String events = found("events?reason=UNTRUSTED_ISSUER&peer=laptop-7");

        assertThat(events)
                .contains("\"sentence\":\"weather-mcp refused spiffe://test.example/agent/laptop-7: ")
                .contains("\"cause\":\"the certificate of spiffe://test.example/agent/laptop-7 from ")
                .contains("\"remedy\":\"if that authority is to be trusted here")
                .contains("\"claimed\":true");
        assertThat(found("events?reason=REVOKED")).isEqualTo("{\"events\":[]}");
    }

    @Test
    void anExplanationNamesTheRuleAndReadsArguments() throws Exception {
        String ask = "explain?peer=coordinator&server=weather&tool=echo&arguments=";

        assertThat(get(ask + "%7B%22text%22:%22hi%22%7D").body())
                .contains("\"decision\":\"permit\"", "\"rule\":\"short\"");
        assertThat(get(ask + "%7B%22text%22:%22secret%22%7D").body())
                .contains("\"decision\":\"deny\"", "\"why\":\"when: it is false\"")
                .doesNotContain("secret");
        assertThat(get("explain?peer=spiffe://test.example/agent/laptop-7&server=weather-mcp&tool=getForecast")
                        .body())
                .contains("\"decision\":\"permit\"", "was refused 1 time (UNTRUSTED_ISSUER)");
    }

    @Test
    void whatAPeerMayCallIsListed() throws Exception {
        assertThat(get("may?peer=coordinator").body())
                .contains("{\"tool\":\"getForecast\",\"decision\":\"permit\",\"would\":\"permit\",\"rule\":\"agents\"}")
                .contains("{\"tool\":\"deleteStation\",\"decision\":\"deny\"")
                .contains("\"tool\":\"echo\",\"decision\":\"deny\"")
                .contains("\"dependsOnArguments\":true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "map?window=2h",
                "map?windo=5m",
                "map?window=5m&window=5m",
                "events?limit=0",
                "events?limit=501",
                "events?before=x",
                "events?reason=EXPIREDD",
                "events?since=yesterday",
                "explain?peer=coordinator",
                "explain?peer=coordinator&server=wether&tool=x",
                "explain?peer=coordinator&server=weather&tool=x&prompt=y",
                "explain?peer=coordinator&server=weather&tool=x&arguments=1",
                "explain?peer=stranger-9&server=weather&tool=x",
                "explain?peer=spiffe://&server=weather&tool=x",
                "stream?window=5m"
            })
    void aQuestionThatCannotBeAnsweredIsExplained(String endpoint) throws Exception {
        HttpResponse<String> answer = get(endpoint);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"error\":{\"code\":\"BAD_PARAMETER\",\"message\":\"");
    }

    @Test
    void manyPeersToolsAndEventsGiveAnswersOfBoundedSize() throws Exception {
        List<Peer> fleet =
                IntStream.range(0, 50).mapToObj(i -> Events.peer("fleet-" + i)).toList();
        for (int chunk = 0; chunk < 10; chunk++) {
            List<CompletableFuture<Void>> written = new ArrayList<>();
            for (int tool = 0; tool < 1_000; tool++) {
                Peer peer = fleet.get((chunk + tool) % 50);
                written.add(sink.record(Events.called(peer, "tool-" + tool, Events.permitted("agents"), NOW))
                        .toCompletableFuture());
            }
            written.forEach(CompletableFuture::join);
        }

        String map = get("map").body();
        String events = get("events?limit=500&server=weather").body();

        assertThat(map.split("\"callsPerMinute\"", -1)).hasSizeBetween(1_000, 5_001);
        assertThat(map.length()).isLessThan(2_000_000);
        assertThat(events.split("\"sentence\"", -1)).hasSize(501);
        assertThat(events.length()).isLessThan(1_000_000);
        assertThat(get("may?peer=fleet-7%20").statusCode()).isEqualTo(200);
    }

    /** The first page that is not empty, or the last: each reads a bounded part of the log. */
    private static String found(String endpoint) throws Exception {
        String page = get(endpoint).body();
        while (page.startsWith("{\"events\":[],\"next\":")) {
            page = get(endpoint + "&before=" + page.replaceAll("\\D", "")).body();
        }
        return page;
    }
}
