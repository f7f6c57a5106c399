// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final Steps steps = new Steps();

    @ParameterizedTest
    @EnumSource(Window.class)
    void countsInTheStepOfTheEvent(Window window) {
        steps.add(NOW, 2);
        steps.add(NOW.minus(window.step()), 3);

        long[] counts = steps.counts(window, NOW);

        assertThat(counts).hasSize(window.steps());
        assertThat(counts[counts.length - 1]).isEqualTo(2);
        assertThat(steps.sum(window, NOW)).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void forgetsWhatIsOlderThanTheWindow(Window window) {
        steps.add(NOW, 2);

        assertThat(steps.sum(window, NOW.plus(window.length()).minus(window.step())))
                .isEqualTo(2);
        assertThat(steps.sum(window, NOW.plus(window.length()))).isZero();
    }

    @Test
    void aCellThatComesRoundAgainBeginsAtZero() {
        steps.add(NOW, 7);
        Instant round = NOW.plus(Window.FIVE_MINUTES.length());
        steps.add(round, 1);

        assertThat(steps.sum(Window.FIVE_MINUTES, round)).isEqualTo(1);
        assertThat(steps.sum(Window.HOUR, round)).isEqualTo(8);
    }

    @Test
    void aClockThatIsSetBackLosesNothing() {
        steps.add(NOW, 1);
        steps.add(NOW.minus(Duration.ofDays(2)), 1);

        assertThat(steps.sum(Window.DAY, NOW)).isEqualTo(2);
    }
}
