// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.coordinator.Answer;
import dev.mcpmtls.coordinator.Outcome;
import dev.mcpmtls.runtime.settings.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnansweredTest {

    private static final String EXPIRED = " refuses our certificate: it expired";
    private static final String RENEW = "renew it";

    @Test
    void saysOnceWhatMendsSeveralFailures() {
        Answer answer = answer(
                step("Zurich", "https://localhost:8443/mcp" + EXPIRED + "; " + RENEW),
                step("Berlin", "https://localhost:8444/mcp" + EXPIRED + "; " + RENEW));

        assertThat(unanswered(answer))
                .containsExactly(
                        "Zurich: https://localhost:8443/mcp" + EXPIRED,
                        "Berlin: https://localhost:8444/mcp" + EXPIRED,
                        RENEW);
    }

    @Test
    void saysForEachFailureWhatMendsItWhereThatDiffers() {
        Answer answer = answer(step("Zurich", "it is down; start it"), step("Berlin", "it is lost; " + RENEW));

        assertThat(unanswered(answer)).containsExactly("Zurich: it is down", "start it", "Berlin: it is lost", RENEW);
    }

    private static List<String> unanswered(Answer answer) {
        return new Unanswered(Settings.gather(Optional.empty(), Map.of(), List.of()), List.of()).inDetail(answer);
    }

    private static Answer.Step step(String subject, String failure) {
        return new Answer.Step(subject, "weather", "getForecast", Map.of(), Outcome.REFUSED, failure, null, 1, null);
    }

    private static Answer answer(Answer.Step... steps) {
        return new Answer("?", "", Outcome.REFUSED, Arrays.asList(steps), List.of(), List.of(), 1, null);
    }
}
