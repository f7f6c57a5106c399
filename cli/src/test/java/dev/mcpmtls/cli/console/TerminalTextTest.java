// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Printable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTextTest {

    @ParameterizedTest
    @ValueSource(
            ints = {
                0x00, 0x07, 0x08, 0x0b, 0x0c, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0xad, 0x061c, 0x180e, 0x200b,
                0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068,
                0x2069, 0xd800, 0xdfff, 0xfeff, 0xfff9, 0xfffb, 0xfffe, 0xffff, 0xfdd0, 0x1d173, 0xe0001, 0xe0041,
                0xe007f, 0xe0100, 0x10ffff
            })
    void escapesWhatATerminalWouldObeyOrHide(int point) {
        String text = new String(Character.toChars(point));
        StringBuilder escape = new StringBuilder();
        text.chars().forEach(unit -> escape.append(String.format("\\u%04x", unit)));

        assertThat(Printable.line("a" + text + "b")).isEqualTo("a" + escape + "b");
        assertThat(Printable.lines("a" + text + "b")).isEqualTo("a" + escape + "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "Zürich",
                "東京",
                "עברית",
                "한국어",
                "👩\u200d🚀",
                "نمی\u200cخواهم",
                "\ud83d\ude00",
                "\u2764\ufe0f"
            })
    void leavesTextOfAnyScriptAlone(String text) {
        assertThat(Printable.line(text)).isEqualTo(text);
        assertThat(Printable.lines(text)).isEqualTo(text);
    }

    @Test
    void keepsOneLineOne() {
        assertThat(Printable.line("a\nb\r\nc\td")).isEqualTo("a\\nb\\r\\nc\\td");
    }

    @Test
    void keepsLinesAndTabsOfATextButNoCarriageReturn() {
        assertThat(Printable.lines("a\nb\r\nc\td\rforged")).isEqualTo("a\nb\nc\td\\rforged");
    }

    @Test
    void breaksBetweenWords() {
        assertThat(wrapped("one two three four", 9)).containsExactly("one two", "three", "four");
        assertThat(wrapped("one two three four", 18)).containsExactly("one two three four");
    }

    @Test
    void breaksNoWord() {
        assertThat(wrapped("see spiffe://demo.local/agent/planner now", 10))
                .containsExactly("see", "spiffe://demo.local/agent/planner", "now");
    }

    @Test
    void countsColumnsAndNotCharacters() {
        assertThat(TerminalText.width("東京")).isEqualTo(4);
        assertThat(TerminalText.width("Zu\u0308rich")).isEqualTo(6);
        assertThat(TerminalText.width("\ud83d\ude00")).isEqualTo(2);
    }

    private static List<String> wrapped(String text, int width) {
        return TerminalText.wrap(text, width, width).stream()
                .map(span -> text.substring(span.start(), span.end()))
                .toList();
    }
}
