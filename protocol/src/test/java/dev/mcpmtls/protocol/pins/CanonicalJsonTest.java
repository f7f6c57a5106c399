// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class CanonicalJsonTest {

    /** RFC 8785, appendix B. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000,0",
        "8000000000000000,0",
        "0000000000000001,5e-324",
        "8000000000000001,-5e-324",
        "7fefffffffffffff,1.7976931348623157e+308",
        "ffefffffffffffff,-1.7976931348623157e+308",
        "4340000000000000,9007199254740992",
        "c340000000000000,-9007199254740992",
        "4430000000000000,295147905179352830000",
        "44b52d02c7e14af5,9.999999999999997e+22",
        "44b52d02c7e14af6,1e+23",
        "44b52d02c7e14af7,1.0000000000000001e+23",
        "444b1ae4d6e2ef4e,999999999999999700000",
        "444b1ae4d6e2ef4f,999999999999999900000",
        "444b1ae4d6e2ef50,1e+21",
        "3eb0c6f7a0b5ed8c,9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d,0.000001",
        "41b3de4355555553,333333333.3333332",
        "41b3de4355555554,333333333.33333325",
        "41b3de4355555555,333333333.3333333",
        "41b3de4355555556,333333333.3333334",
        "41b3de4355555557,333333333.33333343",
        "becbf647612f3696,-0.0000033333333333333333",
        "43143ff3c1cb0959,1424953923781206.2"
    })
    void writesNumbersAsEcmaScriptDoes(String bits, String text) {
        assertThat(CanonicalJson.of(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))))
                .isEqualTo(text);
    }

    /** Next to a power of two the closest of the short decimals reads back as another double. */
    @Test
    void findsTheShortestTextNextToPowersOfTwo() {
        assertThat(CanonicalJson.of(0x1p-44)).isEqualTo("5.684341886080802e-14");
        assertThat(CanonicalJson.of(0x1p-1074)).isEqualTo("5e-324");
        assertThat(CanonicalJson.of(0x1p89)).isEqualTo("6.189700196426902e+26");
    }

    @Test
    void writesTextsThatReadBackAsTheSameNumber() {
        Random random = new Random(8785);
        for (int i = 0; i < 2_000; i++) {
            double number = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(number)) {
                String text = CanonicalJson.of(number);
                assertThat(Double.parseDouble(text)).isEqualTo(number);
                assertThat(text.replaceAll("e.*|[-.]", "")
                                .replaceAll("^0+|0+$", "")
                                .length())
                        .isLessThanOrEqualTo(17);
            }
        }
    }

    @Test
    void treatsEveryNumberAsADouble() {
        assertThat(CanonicalJson.of(List.of(1, 1.0, 1e0, 56.0, 1L))).isEqualTo("[1,1,1,56,1]");
        assertThat(CanonicalJson.of(Long.MAX_VALUE)).isEqualTo("9223372036854776000");
        assertThat(CanonicalJson.of(new BigInteger("1000000000000000000000000")))
                .isEqualTo("1e+24");
    }

    /** RFC 8785, section 3.2.2 to 3.2.4. */
    @Test
    void writesTheExampleOfTheRfc() {
        Object value = read("""
                {
                  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
                  "literals": [null, true, false]
                }
                """);
        assertThat(CanonicalJson.of(value))
                .isEqualTo("{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                        + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    /** RFC 8785, section 3.2.3: an emoji's first code unit sorts before U+FB33, its code point after it. */
    @Test
    void sortsMembersByUtf16CodeUnits() {
        Object value = read("""
                {"\\u20ac": 1, "\\r": 2, "\\ufb33": 3, "1": 4, "\\ud83d\\ude00": 5, "\\u0080": 6, "\\u00f6": 7}
                """);
        assertThat(CanonicalJson.of(value).replaceAll("\"[^\"]*\":", "")).isEqualTo("{2,4,6,7,1,5,3}");
    }

    @Test
    void isTheSameForEqualValuesAndNoOther() {
        assertThat(CanonicalJson.digest(read("{\"a\": [1.0, {}], \"b\": \"\\u0041\"}")))
                .isEqualTo(CanonicalJson.digest(read("{\"b\":\"A\",\"a\":[1e0,{}]}")))
                .hasSize(64)
                .isNotEqualTo(CanonicalJson.digest(read("{\"b\":\"A\",\"a\":[{},1]}")))
                .isNotEqualTo(CanonicalJson.digest(read("{\"b\":\"A\",\"a\":[\"1\",{}]}")));
        assertThat(CanonicalJson.digest(Map.of()))
                .isEqualTo("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    @Test
    void refusesValuesWithoutACanonicalForm() {
        List<Object> deep = List.of();
        for (int i = 0; i < 300; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        Map<String, Object> surrogate = new LinkedHashMap<>();
        surrogate.put("\udc00", 1);
        for (Object value : List.of(
                read("1e400"),
                Double.NaN,
                new BigInteger("9".repeat(400)),
                "\ud800",
                "\udc00",
                "\ud800x",
                "\udc00\ud800",
                surrogate,
                deep,
                Thread.State.NEW)) {
            assertThatThrownBy(() -> CanonicalJson.of(value)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(CanonicalJson.of("\ud83d\ude00")).isEqualTo("\"\ud83d\ude00\"");
    }

    private static Object read(String json) {
        return JsonMapper.shared().readValue(json, Object.class);
    }
}
