// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.MovableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenMemoryTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(60);

    private final MovableClock clock = new MovableClock(NOW);
    private final TokenMemory<String> memory = new TokenMemory<>(clock);

    @Test
    void aValueIsKnownUntilItsTime() {
        memory.put(TokenDigest.of("a"), "A", LATER);
        assertThat(memory.get(TokenDigest.of("a"))).contains("A");
        assertThat(memory.get(TokenDigest.of("b"))).isEmpty();
        clock.move(Duration.ofSeconds(60));
        assertThat(memory.get(TokenDigest.of("a"))).isEmpty();
    }

    @Test
    void aFloodForgetsTheUnusedAndKeepsTheUsed() {
        memory.put(TokenDigest.of("used"), "U", LATER);
        memory.put(TokenDigest.of("unused"), "N", LATER);
        for (int i = 0; i < 20_000; i++) {
            memory.put(TokenDigest.of("flood" + i), "F", LATER);
            assertThat(memory.get(TokenDigest.of("used"))).contains("U");
        }
        assertThat(memory.get(TokenDigest.of("unused"))).isEmpty();
        assertThat(IntStream.range(0, 20_000)
                        .filter(i -> memory.get(TokenDigest.of("flood" + i)).isPresent())
                        .count())
                .isBetween(2048L, 4096L);
    }
}
