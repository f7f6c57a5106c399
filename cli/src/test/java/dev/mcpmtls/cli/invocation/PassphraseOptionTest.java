// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PassphraseOptionTest {

    @Test
    void takesANewPassphraseThatWasTypedTwice() {
        assertThat(PassphraseOption.agreed("open sesame".toCharArray(), "open sesame".toCharArray()))
                .isEqualTo("open sesame".toCharArray());
    }

    @Test
    void refusesASlipAndForgetsBoth() {
        char[] typed = "open sesame".toCharArray();
        char[] again = "open sesam".toCharArray();

        assertThatThrownBy(() -> PassphraseOption.agreed(typed, again))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("differ")
                .hasMessageNotContaining("sesam");
        assertThat(typed).containsOnly('\0');
        assertThat(again).containsOnly('\0');
    }
}
