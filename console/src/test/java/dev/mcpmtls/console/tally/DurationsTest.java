// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final Durations durations = new Durations();

    @ParameterizedTest
    @ValueSource(longs = {50_000, 300_000, 1_000_000, 7_777_777, 250_000_000, 10_000_000_000L})
    void aQuantileIsWithinAQuarter(long nanos) {
        for (int i = 0; i < 100; i++) {
            durations.add(NOW, Duration.ofNanos(nanos));
        }

        assertThat(durations.in(Window.HOUR, NOW).quantile(0.5))
                .isCloseTo(nanos / 1_000_000.0, Percentage.withPercentage(25));
    }

    @Test
    void theSlowestHundredthIsSeenAndNotTheMedian() {
        for (int i = 0; i < 980; i++) {
            durations.add(NOW, Duration.ofMillis(1));
        }
        for (int i = 0; i < 20; i++) {
            durations.add(NOW, Duration.ofMillis(400));
        }
        Durations.Distribution all = durations.in(Window.FIVE_MINUTES, NOW);

        assertThat(all.total()).isEqualTo(1_000);
        assertThat(all.quantile(0.5)).isCloseTo(1, within(0.25));
        assertThat(all.quantile(0.99)).isCloseTo(400, within(100.0));
    }

    @Test
    void oldOnesAreForgotten() {
        durations.add(NOW, Duration.ofMillis(1));

        assertThat(durations
                        .in(Window.FIVE_MINUTES, NOW.plus(Duration.ofMinutes(6)))
                        .total())
                .isZero();
        assertThat(durations.in(Window.HOUR, NOW.plus(Duration.ofMinutes(6))).total())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5, 1, 4096, 16_384, Long.MAX_VALUE})
    void everyDurationHasABucket(long nanos) {
        assertThat(Durations.bucket(nanos)).isBetween(0, 87);
    }
}
