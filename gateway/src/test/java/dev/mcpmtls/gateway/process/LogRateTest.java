// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A server that writes without end does not fill our log. */
class LogRateTest {

    @Test
    void twoHundredLinesPassAndTheOthersOfThatWindowDoNot() {
        LogRate rate = new LogRate("files");
        for (int line = 0; line < 200; line++) {
            assertThat(rate.allows()).isTrue();
        }
        for (int line = 0; line < 1_000; line++) {
            assertThat(rate.allows()).isFalse();
        }
    }
}
