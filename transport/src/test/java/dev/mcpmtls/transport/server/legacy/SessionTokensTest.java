// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.transport.server.caller.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SessionTokensTest {

    private static final Owner ALICE = Owner.vouched(new DnsName("alice.test"));
    private static final Owner BOB = Owner.vouched(new DnsName("bob.test"));
    private static final SessionTokens.Content CONTENT = new SessionTokens.Content("id", "2025-11-25", "upstream");

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-28T12:00:00Z"));
    private final SessionTokens tokens = new SessionTokens("crm", new byte[32], clock);
    private final String token = tokens.seal(ALICE, CONTENT);

    @Test
    void opensWhatItSealedForItsOwnerAlone() {
        assertThat(tokens.open(ALICE, token)).contains(CONTENT);
        assertThat(tokens.open(BOB, token)).isEmpty();
        assertThat(new SessionTokens("crm", new byte[32], clock).open(ALICE, token))
                .contains(CONTENT);
        assertThat(new SessionTokens("other", new byte[32], clock).open(ALICE, token))
                .isEmpty();
    }

    @Test
    void refusesEveryAlteredCharacter() {
        for (int index = 0; index < token.length(); index++) {
            char other = token.charAt(index) == 'A' ? 'B' : 'A';
            String altered = token.substring(0, index) + other + token.substring(index + 1);
            assertThat(tokens.open(ALICE, altered)).isEmpty();
        }
        assertThat(tokens.open(ALICE, "")).isEmpty();
        assertThat(tokens.open(ALICE, "?")).isEmpty();
    }

    @Test
    void refusesEveryPartOfAToken() {
        byte[] whole = Base64.getUrlDecoder().decode(token);
        for (int length = 0; length < whole.length; length++) {
            String part = Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(whole, length));
            assertThat(tokens.open(ALICE, part)).isEmpty();
        }
    }

    @Test
    void expires() {
        clock.move(Duration.ofHours(24).minusSeconds(1));
        assertThat(tokens.open(ALICE, token)).isPresent();
        clock.move(Duration.ofSeconds(1));
        assertThat(tokens.open(ALICE, token)).isEmpty();
    }

    @Test
    void remembersThatASessionHasEnded() {
        assertThat(tokens.open(ALICE, token)).isPresent();
        tokens.ended("id");
        tokens.sweep();
        assertThat(tokens.open(ALICE, token)).isEmpty();
    }

    @Test
    void remembersOnlySoManySessionsThatHaveEnded() {
        tokens.ended("id");
        for (int other = 1; other < SessionTokens.MAX_ENDED; other++) {
            tokens.ended("other " + other);
        }
        assertThat(tokens.open(ALICE, token)).isEmpty();

        tokens.ended("one more");
        assertThat(tokens.open(ALICE, token)).isPresent();
    }

    @Test
    void doesNotShowWhatIsInIt() {
        assertThat(token).doesNotContain("upstream");
        assertThat(tokens.seal(ALICE, CONTENT)).isNotEqualTo(token);
    }
}
