// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MissedTest {

    private final Missed missed = new Missed();

    @Test
    void notificationsAreTakenOnceAndInOrder() {
        missed.add(numbered(1, ""));
        missed.add(numbered(2, ""));
        assertThat(numbers()).containsExactly(1, 2);
        assertThat(numbers()).isEmpty();
    }

    @Test
    void theOldestGiveWayWhenThereAreTooMany() {
        IntStream.range(0, Missed.MAX_COUNT + 2).forEach(number -> missed.add(numbered(number, "")));
        assertThat(numbers()).hasSize(Missed.MAX_COUNT).startsWith(2);
    }

    @Test
    void theOldestGiveWayWhenTheyAreTooLong() {
        String half = "x".repeat(Missed.MAX_CHARACTERS / 2);
        IntStream.range(0, 3).forEach(number -> missed.add(numbered(number, half)));
        assertThat(numbers()).containsExactly(2);
        missed.add(numbered(3, half + half));
        assertThat(numbers()).isEmpty();
    }

    private List<Object> numbers() {
        return missed.take().stream()
                .map(notification -> notification.params().get("number"))
                .toList();
    }

    private static Notification numbered(int number, String padding) {
        return Messages.notification("x", "{\"number\":" + number + ",\"padding\":\"" + padding + "\"}");
    }
}
