// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

    private static final List<String> WORDS = List.of("peers", "servers", "tools");

    @ParameterizedTest
    @CsvSource({
        "tools, tools, 0",
        "tool, tools, 1",
        "totls, tools, 1",
        "otols, tools, 1",
        "'', tools, 5",
        "peers, tools, 4"
    })
    void countsEditsOfOneLetter(String a, String b, int edits) {
        assertThat(Nearest.distance(a, b)).isEqualTo(edits);
        assertThat(Nearest.distance(b, a)).isEqualTo(edits);
    }

    @Test
    void guessesAWordOfWhichAThirdIsMisspelt() {
        assertThat(Nearest.to("sevrer", WORDS)).contains("servers");
        assertThat(Nearest.to("toool", WORDS)).isEmpty();
    }

    @Test
    void guessesAWordWithinALimit() {
        assertThat(Nearest.to("toool", WORDS, 2)).contains("tools");
        assertThat(Nearest.to("toool", WORDS, 1)).isEmpty();
    }
}
