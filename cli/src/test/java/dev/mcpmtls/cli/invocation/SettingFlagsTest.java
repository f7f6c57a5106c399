// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.TlsKeys;
import org.junit.jupiter.api.Test;

class SettingFlagsTest {

    @Test
    void settingsOfTlsAlsoGoWithoutThatWord() {
        assertThat(SettingFlags.of(TlsKeys.ENGINE)).containsExactly("--engine", "--tls-engine");
        assertThat(SettingFlags.of(Keys.DIR)).containsExactly("--dir");
    }

    @Test
    void noTwoSettingsShareAFlag() {
        assertThat(Keys.all()).flatExtracting(SettingFlags::of).doesNotHaveDuplicates();
    }
}
