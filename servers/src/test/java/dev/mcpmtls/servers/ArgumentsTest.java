// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    private static final Map<String, Object> SCHEMA = Map.of(
            "properties",
            Map.of(
                    "city",
                    Map.of("type", "string", "minLength", 1, "maxLength", 5, "description", "a city"),
                    "days",
                    Map.of("type", "integer", "minimum", 1, "maximum", 7, "default", 3, "description", "how many")));

    private static void refuses(Map<String, Object> given, String message) {
        assertThatThrownBy(() -> Arguments.check(SCHEMA, given))
                .isInstanceOf(ToolFailure.class)
                .hasMessage(message);
    }

    @Test
    void takesWhatFits() {
        Arguments arguments = Arguments.check(SCHEMA, Map.of("city", "Paris", "days", 7));
        assertThat(arguments.text("city")).isEqualTo("Paris");
        assertThat(arguments.number("days")).isEqualTo(7);
    }

    @Test
    void fillsInDefaults() {
        assertThat(Arguments.check(SCHEMA, Map.of("city", "Rome")).number("days"))
                .isEqualTo(3);
    }

    @Test
    void countsCharactersNotJavaChars() {
        assertThat(Arguments.check(SCHEMA, Map.of("city", "🌍🌍🌍🌍🌍")).text("city"))
                .hasSize(10);
        refuses(Map.of("city", "🌍🌍🌍🌍🌍🌍"), "\"city\" has 6 characters; at most 5 are allowed.");
    }

    @Test
    void saysWhatIsMissing() {
        refuses(Map.of(), "The argument \"city\" is missing: a city");
        assertThatThrownBy(() -> Arguments.check(SCHEMA, null)).hasMessage("The argument \"city\" is missing: a city");
        Map<String, Object> explicitNull = new HashMap<>();
        explicitNull.put("city", null);
        refuses(explicitNull, "The argument \"city\" is missing: a city");
    }

    @Test
    void saysWhatIsOfTheWrongKind() {
        refuses(Map.of("city", ""), "\"city\" is empty: a city");
        refuses(Map.of("city", 5), "\"city\" must be text, but is a number.");
        refuses(Map.of("city", List.of("Rome")), "\"city\" must be text, but is a list.");
        refuses(Map.of("city", Map.of()), "\"city\" must be text, but is an object.");
        refuses(Map.of("city", "Rome", "days", "3"), "\"days\" must be a whole number from 1 to 7, but is text.");
        refuses(
                Map.of("city", "Rome", "days", true),
                "\"days\" must be a whole number from 1 to 7, but is true or false.");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 8, -1, 2.5, 1e300, Double.NaN})
    void refusesNumbersOutOfRange(double days) {
        refuses(
                Map.of("city", "Rome", "days", days),
                "\"days\" must be a whole number from 1 to 7, but is " + days + ".");
    }

    @Test
    void refusesArgumentsThatTheToolDoesNotTake() {
        assertThatThrownBy(() -> Arguments.check(SCHEMA, Map.of("city", "Rome", "town\n", "x")))
                .isInstanceOf(ToolFailure.class)
                .hasMessageStartingWith("Unknown argument \"town\\n\"; this tool takes ");
    }
}
