// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @Test
    void writesEveryKindOfValue() {
        assertThat(Json.encode(Map.of("a", List.of(1L, 2.5, true, "x", new long[] {1, 2}, Map.of("b", 3)))))
                .isEqualTo("{\"a\":[1,2.5,true,\"x\",[1,2],{\"b\":3}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "</script><script>alert(1)</script>",
                "<img src=x onerror=alert('1')>",
                "a&b\u2028c\u2029d",
                "\u202egnp.exe\u2066",
                "\u001b[2J\u0000\u007f\u009b",
                "\ud800",
                "\"'`"
            })
    void nothingThatMeansSomethingElsewhereIsRaw(String hostile) {
        String json = Json.encode(Map.of(hostile, hostile));

        assertThat(json).matches("[ -%(-;=?-~]*").doesNotContain("<", ">", "&", "'");
    }

    @Test
    void whatReversesTheOrderOfReadingIsAVisibleEscape() {
        assertThat(Json.parse(Json.encode(Map.of("a", "\u202ex")))).containsEntry("a", "\\u202ex");
        assertThat(Json.parse(Json.encode(Map.of("a", "grüße <b>")))).containsEntry("a", "grüße <b>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{} {}", "{\"a\":", "{'a': 1}"})
    void readsObjectsOnly(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesDeepNesting() {
        assertThatThrownBy(() -> Json.parse("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
