// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

class StrictJsonTest {

    private static final String SAMPLE = """
            { "keys" : [ {"use":"x509-svid", "x5c":["MII/+=="], "n":null}, {} , [] ],
              "spiffe_sequence": 12, "half": -1.5e+2, "yes": true, "no":false, "text":"a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9é" }
            """;

    @Test
    void readsWhatJsonHas() {
        Map<String, Object> read = StrictJson.object(SAMPLE);
        assertThat(read)
                .containsEntry("spiffe_sequence", 12L)
                .containsEntry("half", -150.0)
                .containsEntry("yes", true)
                .containsEntry("no", false)
                .containsEntry("text", "a\"\\/\b\f\n\r\t\u00e9\u00e9")
                .containsEntry(
                        "keys", List.of(Map.of("use", "x509-svid", "x5c", List.of("MII/+==")), Map.of(), List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "1",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":1}x",
                "{\"a\":1}{}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":1,\"a\":null}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":1e}",
                "{\"a\":-}",
                "{\"a\":NaN}",
                "{\"a\":tru}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"",
                "{\"a\":[1 2]}",
                "{\"a\":1} // no",
                "\u00a0{}",
                "{\"a\":[[[[[[[[1]]]]]]]]}"
            })
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> StrictJson.object(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysTheLine() {
        assertThatThrownBy(() -> StrictJson.object("{\n\"a\": 1,\n}")).hasMessage("it is not JSON (line 3)");
    }

    @Test
    void agreesWithAnotherReaderOnDamagedDocuments() {
        JsonMapper other = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        Random random = new Random(19);
        String alphabet = "{}[]\",:\\ 0123456789.eE+-truefalsn\n\u00e9";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder damaged = new StringBuilder(SAMPLE);
            for (int change = random.nextInt(3); change >= 0; change--) {
                damaged.setCharAt(random.nextInt(damaged.length()), alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String text = damaged.toString();
            assertThat(isRead(() -> StrictJson.object(text)))
                    .as("%s", text)
                    .isEqualTo(isRead(() -> other.readTree(text)));
        }
    }

    private static boolean isRead(Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (IllegalArgumentException | JacksonException refused) {
            return false;
        }
    }
}
