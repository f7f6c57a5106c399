// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTextTest {

    private static final String MESSAGE = """
            { "jsonrpc" : "2.0", "x":1.0, "params":{"n":90071992547409931, "s":"\\u00e9 \\"}{", "_meta": {"progressToken":"a"} } ,
              "\\u0069d" : 7 }""";

    @Test
    void replacesAValueAndLeavesEveryOtherCharacter() {
        assertThat(JsonText.set(MESSAGE, "12", "id")).isEqualTo(MESSAGE.replace(": 7", ": 12"));
        assertThat(JsonText.set(MESSAGE, "12", "params", "_meta", "progressToken"))
                .isEqualTo(MESSAGE.replace("\"a\"", "12"));
    }

    @Test
    void addsAMemberWithTheObjectsAroundIt() {
        assertThat(JsonText.set("{}", "1", "a", "b")).isEqualTo("{\"a\":{\"b\":1}}");
        assertThat(JsonText.set("{ \"a\": {\"c\":[1.0]} }", "\"x\"", "a", "b"))
                .isEqualTo("{ \"a\": {\"c\":[1.0],\"b\":\"x\"} }");
        assertThat(JsonText.set("{\"a\":null}", "1", "a", "b")).isEqualTo("{\"a\":{\"b\":1}}");
    }

    @Test
    void removesAMemberWithItsComma() {
        assertThat(JsonText.remove("{\"a\":1, \"b\":2 ,\"c\":3}", "a")).isEqualTo("{ \"b\":2 ,\"c\":3}");
        assertThat(JsonText.remove("{\"a\":1, \"b\":2 ,\"c\":3}", "b")).isEqualTo("{\"a\":1 ,\"c\":3}");
        assertThat(JsonText.remove("{\"a\":1, \"b\":2 ,\"c\":3}", "c")).isEqualTo("{\"a\":1, \"b\":2 }");
        assertThat(JsonText.remove("{\"a\":{\"b\":1}}", "a", "b")).isEqualTo("{\"a\":{}}");
        assertThat(JsonText.remove("{\"a\":1}", "z")).isEqualTo("{\"a\":1}");
    }

    @Test
    void findsTheTextOfAValue() {
        assertThat(JsonText.find(MESSAGE, "params", "n")).contains("90071992547409931");
        assertThat(JsonText.find(MESSAGE, "x")).contains("1.0");
        assertThat(JsonText.find(MESSAGE, "x", "y")).isEmpty();
        assertThat(JsonText.find(MESSAGE, "nothing")).isEmpty();
    }

    @Test
    void keepsSomeElementsOfAnArray() {
        String list = "{\"result\":{\"tools\":[ {\"n\":1.0},{\"n\":\"],\"} , 3],\"z\":0}}";
        assertThat(JsonText.filter(list, index -> index != 1, "result", "tools"))
                .isEqualTo("{\"result\":{\"tools\":[{\"n\":1.0},3],\"z\":0}}");
        assertThat(JsonText.filter(list, index -> true, "result", "tools")).isEqualTo(list);
        assertThat(JsonText.filter(list, index -> false, "result", "tools"))
                .isEqualTo("{\"result\":{\"tools\":[],\"z\":0}}");
    }

    @Test
    void bringsATextOnOneLine() {
        assertThat(JsonText.onOneLine("{\r\n\"a\":\n\"\\n\"}")).isEqualTo("{  \"a\": \"\\n\"}");
    }

    @Test
    void quotesAString() {
        assertThat(JsonText.quote("a\"\\\n")).isEqualTo("\"a\\\"\\\\\\u000a\"");
        assertThat(JsonText.scalar(5L)).isEqualTo("5");
    }
}
