// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import org.junit.jupiter.api.Test;

class QuestionsTest {

    private static final Request QUESTION = Messages.request(1, "elicitation/create", "{}");

    @Test
    void aQuestionThatIsAnsweredMakesRoomForAnother() {
        Questions questions = new Questions();
        for (int number = 0; number < Questions.MAX_OPEN; number++) {
            assertThat(questions.asked("a", QUESTION)).isPresent();
        }
        assertThat(questions.asked("a", QUESTION)).isEmpty();

        assertThat(questions.answered("a/1")).isPresent();
        assertThat(questions.asked("b", QUESTION).orElseThrow().id()).isEqualTo("b/" + (Questions.MAX_OPEN + 1));
    }
}
