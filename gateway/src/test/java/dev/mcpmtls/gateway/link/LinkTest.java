// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.gateway.Callers;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.process.ProcessGroups;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LinkTest {

    private static final Caller CALLER = Callers.named("alice");

    @Test
    void aStartThatTheQueueRejectsIsRefusedAndTheNextIsTriedAgain() {
        try (ProcessGroups groups = new ProcessGroups()) {
            ProcessUpstream crowded =
                    new ProcessUpstream("files", ServerCommand.of("cat"), groups, 1, 1, Duration.ofSeconds(5), task -> {
                        throw new RejectedExecutionException();
                    });
            LegacyLink legacy =
                    new LegacyLink(crowded, CALLER, Messages.request(0, "initialize", "{}"), Sharing.ONE_CLIENT);
            assertThatThrownBy(() -> legacy.welcome().block())
                    .isInstanceOfSatisfying(
                            UpstreamFailure.class,
                            failure -> assertThat(failure.refusal().status()).isEqualTo(503))
                    .hasMessageContaining("too many clients wait for the server files to start");
            assertThat(legacy.isBusy() || legacy.isOpen()).isFalse();

            ModernLink modern = new ModernLink(crowded, Optional.empty());
            assertThatThrownBy(
                            () -> modern.request(CALLER, Messages.request(1, "tools/list", "{}"), new ResultCollector())
                                    .block())
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.status()).isEqualTo(503));
            assertThat(modern.isBusy() || modern.isOpen()).isFalse();
        }
    }

    @Test
    void aCallWhoseQuestionIsNotAnsweredEndsAndOneThatIsAnsweredGoesOn() {
        try (ProcessGroups groups = new ProcessGroups()) {
            ProcessUpstream upstream = new ProcessUpstream(
                    "files", ServerCommand.of("cat"), groups, 1, 1, Duration.ofSeconds(5), Runnable::run);
            isLateOnlyWhileItIsNotAnswered(new Pending(
                    1,
                    new Member(),
                    CALLER,
                    Messages.request(1, "tools/call", "{}"),
                    new ResultCollector(),
                    upstream,
                    () -> {}));
        }
    }

    private static void isLateOnlyWhileItIsNotAnswered(Pending call) {
        long allowed = Duration.ofSeconds(1).toNanos();
        call.asks();
        long asked = System.nanoTime();
        assertThat(call.isLate(asked + allowed * 60, allowed)).isFalse();
        assertThat(call.isLate(asked + Pending.TO_ANSWER.toNanos() + 1, allowed))
                .isTrue();

        call.heard(); // progress answers no question
        assertThat(call.isLate(asked + Pending.TO_ANSWER.toNanos() + 1, allowed))
                .isTrue();

        call.answered();
        assertThat(call.isLate(System.nanoTime(), Duration.ofMinutes(1).toNanos()))
                .isFalse();
        assertThat(call.isLate(System.nanoTime() + 2 * allowed, allowed)).isTrue();
    }
}
