// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Callers;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.process.ProcessGroups;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServerQuestionsTest {

    private final Member client = new Member();
    private final List<Response> replies = new ArrayList<>();
    private final ServerQuestions questions =
            new ServerQuestions(Sharing.ONE_CLIENT, Set.of(client), new InFlight(Map.of()), replies::add);

    @Test
    void refusesAQuestionTooManyAndTakesItWhenAnotherWasAnswered() {
        for (int id = 1; id <= 10_000; id++) {
            ask(id);
        }
        assertThat(replies).isEmpty();

        ask(10_001);
        assertThat(replies)
                .singleElement()
                .satisfies(reply -> assertThat(Messages.text(reply))
                        .contains("\"id\":10001", "too many questions wait for answers"));

        assertThat(questions.answered(client, Messages.result(7, "{}"))).isTrue();
        ask(10_001);
        assertThat(replies).hasSize(1);
        assertThat(questions.answered(client, Messages.result(10_001, "{}"))).isTrue();
    }

    @Test
    void aCallWaitsForNoMoreAnswersThanItsServerCanReceive() {
        try (ProcessGroups groups = new ProcessGroups()) {
            ProcessUpstream upstream = new ProcessUpstream(
                    "files", ServerCommand.of("cat"), groups, 1, 1, Duration.ofSeconds(5), Runnable::run);
            Pending call = new Pending(
                    1,
                    client,
                    Callers.named("alice"),
                    Messages.request(1, "tools/call", "{}"),
                    new ResultCollector(),
                    upstream,
                    () -> {});
            ServerQuestions about = new ServerQuestions(
                    Sharing.ONE_CLIENT, Set.of(client), new InFlight(Map.of(1L, call)), replies::add);

            about.asked(Messages.request(7, "roots/list", "{}"), 1);
            about.asked(Messages.request(7, "roots/list", "{}"), 1);
            assertThat(call.waits()).isTrue();
            assertThat(about.answered(client, Messages.result(7, "{}"))).isTrue();
            assertThat(call.waits()).isFalse();
        }
    }

    private void ask(int id) {
        questions.asked(Messages.request(id, "roots/list", "{}"), null);
    }
}
