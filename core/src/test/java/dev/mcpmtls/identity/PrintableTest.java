// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTest {

    @ParameterizedTest
    @CsvSource({"abc, abc", "abcd, abc...", "äöü, äöü", "äöüß, äöü...", "🌧🌧🌧, 🌧🌧🌧", "🌧🌧🌧🌧, 🌧🌧🌧..."})
    void cutsBetweenCharacters(String text, String cut) {
        assertThat(Printable.cut(text, 3)).isEqualTo(cut);
    }

    @ParameterizedTest
    @CsvSource({
        "0, record, 0 records",
        "1, record, 1 record",
        "2, record, 2 records",
        "1, process, 1 process",
        "2, process, 2 processes"
    })
    void givesANumberItsNoun(long number, String noun, String counted) {
        assertThat(Printable.count(number, noun)).isEqualTo(counted);
    }

    @Test
    void keepsScriptsAndEscapesWhatControlsATerminal() {
        assertThat(Printable.line("Zürich 東京 می‌خواهم")).isEqualTo("Zürich 東京 می‌خواهم");
        assertThat(Printable.line("a\tb\nc\u001b[31m\u202e")).isEqualTo("a\\tb\\nc\\u001b[31m\\u202e");
        assertThat(Printable.lines("a\tb\r\nc\u001b[31m")).isEqualTo("a\tb\nc\\u001b[31m");
    }
}
