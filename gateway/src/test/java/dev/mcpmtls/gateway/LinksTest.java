// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.Member;
import dev.mcpmtls.gateway.link.Sharing;
import dev.mcpmtls.gateway.process.ProcessGroups;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients say in each request which capabilities they have: one identity opens only so many sessions with a server by that. */
class LinksTest {

    private static final Caller ALICE = Callers.named("alice");
    private static final Caller BOB = Callers.named("bob");

    private final ProcessGroups groups = new ProcessGroups();
    private final Links links = new Links(
            new ProcessUpstream(
                    "files", ServerCommand.of("cat"), groups, 1, 1, Duration.ofSeconds(5), neverStarted -> {}),
            Duration.ofMinutes(1));

    @AfterEach
    void close() {
        groups.close();
    }

    @Test
    void anIdentityHasOnlySoManyInUse() {
        LegacyLink first = shared(ALICE, "0");
        Member member = first.join();
        for (int i = 1; i < 16; i++) {
            var unused = shared(ALICE, String.valueOf(i)).join();
        }

        assertThatThrownBy(() -> shared(ALICE, "16"))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.status()).isEqualTo(RefusedException.TOO_MANY));
        assertThat(shared(ALICE, "0")).isSameAs(first);
        assertThat(shared(BOB, "16")).isNotNull();

        first.leave(member);
        assertThat(shared(ALICE, "16")).isNotNull();
    }

    @Test
    void theOneNotUsedForLongestGivesWay() {
        LegacyLink first = shared(ALICE, "0");
        LegacyLink second = shared(ALICE, "1");
        for (int i = 2; i <= 16; i++) {
            var unused = shared(ALICE, String.valueOf(i));
        }

        assertThat(shared(ALICE, "1")).isSameAs(second);
        assertThat(shared(ALICE, "0")).isNotSameAs(first);
    }

    @Test
    void capabilitiesThatAreTooLongAreRefused() {
        assertThat(shared(ALICE, "x".repeat(100_000))).isNotNull();
        assertThatThrownBy(() -> shared(ALICE, "x".repeat(140_000)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("more than 131072 characters");
    }

    private LegacyLink shared(Caller caller, String capability) {
        return links.shared(
                caller, Sharing.ONE_IDENTITY, Map.of("capabilities", Map.of("experimental", Map.of("c", capability))));
    }
}
