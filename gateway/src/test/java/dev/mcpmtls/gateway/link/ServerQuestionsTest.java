// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
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

    private void ask(int id) {
        questions.asked(Messages.request(id, "roots/list", "{}"), null);
    }
}
