// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class JsonValuesTest {

    private static final String ALL =
            "{\"a\":[1,2.5,-3e2,12345678901234567890,true,false,null,\"\\\"\\u2028é\",[],{}],\"b\":{\"c\":{\"\":\"\"}}}";

    @Test
    void readsEveryKindOfValue() {
        Map<String, Object> read = JsonValues.object(ALL);

        assertThat(read.get("a").toString())
                .isEqualTo("[1, 2.5, -300.0, 12345678901234567890, true, false, null, \"\u2028é, [], {}]");
        assertThat(read.get("b")).isEqualTo(Map.of("c", Map.of("", "")));
    }

    @Test
    void writesWhatItReads() {
        Map<String, Object> read = JsonValues.object(ALL);

        assertThat(JsonValues.object(JsonValues.text(read))).isEqualTo(read);
    }

    @Test
    void takesSomethingElseForAnEmptyObject() {
        assertThat(JsonValues.object("[1]")).isEmpty();
    }

    @Test
    void refusesWhatIsNotJsonOrTwiceThere() {
        assertThatThrownBy(() -> JsonValues.object("{\"a\":")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> JsonValues.object("{\"a\":1,\"a\":2}")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> JsonValues.object("{\"a\":" + "[".repeat(300) + "]".repeat(300) + "}"))
                .isInstanceOf(JacksonException.class);
    }
}
