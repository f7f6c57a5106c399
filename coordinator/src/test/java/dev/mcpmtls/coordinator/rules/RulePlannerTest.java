// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.coordinator.Plan;
import dev.mcpmtls.coordinator.PlannedCall;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulePlannerTest {

    private static final Set<String> ALL =
            Set.of("getTemperature", "getForecast", "getDateTime", "convertTime", "echo");

    private static Plan plan(String question) {
        return new RulePlanner().plan(question, ALL);
    }

    private static String shown(Plan plan) {
        return plan.calls().stream().map(RulePlannerTest::shown).collect(Collectors.joining(" "));
    }

    private static String shown(PlannedCall call) {
        String tool = Map.of(
                        "getTemperature", "weather",
                        "getForecast", "forecast",
                        "getDateTime", "time",
                        "convertTime", "convert",
                        "echo", "echo")
                .get(call.tool());
        return tool
                + call.arguments().values().stream().map(String::valueOf).collect(Collectors.joining("; ", "(", ")"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            What's the weather in Tokyo?                                    | weather(Tokyo)
            weather in tokyo                                                | weather(tokyo)
            Weather Tokyo                                                   | weather(Tokyo)
            Tokyo weather                                                   | weather(Tokyo)
            What is London's weather?                                       | weather(London)
            whats the weather like in New York right now                    | weather(New York)
            What’s the weather like in Paris today?                         | weather(Paris)
            How warm is it in Rio de Janeiro?                               | weather(Rio de Janeiro)
            What's the current temperature in The Hague, please?            | weather(The Hague)
            Is it raining in Bergen?                                        | weather(Bergen)
            Do I need an umbrella in London today?                          | weather(London)
            WEATHER IN OSLO!!!                                              | weather(OSLO)
            Tell me the weather for St. Petersburg.                         | weather(St. Petersburg)
            What is the weather in Washington, D.C.?                        | weather(Washington, D.C.)
            weather in Paris, France and Portland, Maine                    | weather(Paris, France) weather(Portland, Maine)
            weather in Portland, ME                                         | weather(Portland, ME)
            weather in NYC, LA and SF                                       | weather(NYC) weather(LA) weather(SF)
            weather in Tokyo, Singapore and Hong Kong                       | weather(Tokyo) weather(Singapore) weather(Hong Kong)
            What's the weather in Tokyo in the morning?                     | weather(Tokyo)
            weather in Köln, São Paulo & Xi'an                              | weather(Köln) weather(São Paulo) weather(Xi'an)
            weather in 東京                                                  | weather(東京)
            What's the weather in Port of Spain                             | weather(Port of Spain)
            Weather in Tokyo and in Paris                                   | weather(Tokyo) weather(Paris)
            weather in Tokyo and Tokyo                                      | weather(Tokyo)
            what time is it in Sao Paulo?                                   | time(Sao Paulo)
            What's the time in London, Paris, and New York?                 | time(London) time(Paris) time(New York)
            time in Tokyo                                                   | time(Tokyo)
            Tokyo time?                                                     | time(Tokyo)
            What is the local time of Nairobi?                              | time(Nairobi)
            What's today's date in Sydney?                                  | time(Sydney)
            What day is it in Apia?                                         | time(Apia)
            what time is it in UTC                                          | time(UTC)
            what time is it in Europe/Berlin                                | time(Europe/Berlin)
            What's the weather and the time in Tokyo and Paris, and echo hello | weather(Tokyo) time(Tokyo) weather(Paris) time(Paris) echo(hello)
            the weather in Tokyo and the time in Paris                      | weather(Tokyo) time(Paris)
            What's the weather in Tokyo and what time is it in Paris?       | weather(Tokyo) time(Paris)
            What's the weather in Tokyo, and the time?                      | weather(Tokyo) time(Tokyo)
            What's the weather in Tokyo? What time is it there?             | weather(Tokyo) time(Tokyo)
            What's the weather in Tokyo? And in Paris?                      | weather(Tokyo) weather(Paris)
            What time is it in Tokyo? How about Rome and Oslo?              | time(Tokyo) time(Rome) time(Oslo)
            time and weather in Rome                                        | time(Rome) weather(Rome)
            Could you please tell me the time in Rome?                      | time(Rome)
            Hello! What time is it in Rome? Thank you!                      | time(Rome)
            forecast for Berlin for 3 days                                  | forecast(Berlin; 3)
            3-day forecast for Berlin                                       | forecast(Berlin; 3)
            Give me a five day forecast for Berlin and Rome                 | forecast(Berlin; 5) forecast(Rome; 5)
            forecast for the next 2 days in Oslo                            | forecast(Oslo; 2)
            Forecast for Madrid                                             | forecast(Madrid)
            What will the weather be in Rome tomorrow?                      | forecast(Rome; 2)
            Will it rain in Bergen the day after tomorrow?                  | forecast(Bergen; 3)
            weather in Rome for the next 5 days                             | forecast(Rome; 5)
            What's the weather in Rome this week?                           | forecast(Rome; 7)
            how hot will it be in Phoenix, Arizona on Friday?               | forecast(Phoenix, Arizona; 7)
            Which city is warmer, Oslo or Rome?                             | weather(Oslo) weather(Rome)
            forecast for Berlin for 30 days                                 | forecast(Berlin; 30)
            convert 14:30 from London to Tokyo                              | convert(14:30; London; Tokyo)
            Convert 2pm London time to Tokyo time                           | convert(2pm; London; Tokyo)
            convert 2:30 p.m. from New York to Paris and Berlin             | convert(2:30 p.m.; New York; Paris) convert(2:30 p.m.; New York; Berlin)
            convert 2026-11-22T14:30 from London to Tokyo                   | convert(2026-11-22T14:30; London; Tokyo)
            convert 25:99 from London to Tokyo                              | convert(25:99; London; Tokyo)
            If it is 14:30 in London, what time is it in Tokyo?             | convert(14:30; London; Tokyo)
            What time is it in Tokyo when it's 2pm in New York?             | convert(2pm; New York; Tokyo)
            what's 9am New York in London                                   | convert(9am; New York; London)
            14:30 in London to Tokyo                                        | convert(14:30; London; Tokyo)
            convert noon from Oslo to Rome and tell me the weather in Rome  | convert(noon; Oslo; Rome) weather(Rome)
            is it warmer in Oslo or Rome?                                   | weather(Oslo) weather(Rome)
            Which is colder, Oslo or Rome?                                  | weather(Oslo) weather(Rome)
            Is Oslo colder than Rome?                                       | weather(Oslo) weather(Rome)
            Where is it hottest: Cairo, Delhi or Dubai?                     | weather(Cairo) weather(Delhi) weather(Dubai)
            Compare the weather in Oslo and Rome                            | weather(Oslo) weather(Rome)
            echo hello                                                      | echo(hello)
            Echo: hello, world!                                             | echo(hello, world!)
            echo "exact text, with and"                                     | echo(exact text, with and)
            echo “curly and what's the time in Rome”                        | echo(curly and what's the time in Rome)
            echo 'it's fine' and the time in Rome                           | echo(it's fine) time(Rome)
            echo hello and goodbye                                          | echo(hello and goodbye)
            echo hello and what's up                                        | echo(hello and what's up)
            echo hello and what's the time in Rome                          | echo(hello) time(Rome)
            echo hello. What time is it in Rome?                            | echo(hello.) time(Rome)
            echo one and echo two                                           | echo(one) echo(two)
            please repeat: the weather                                      | echo(the weather)
            Say "hi" then echo "ho"                                         | echo(hi) echo(ho)
            time in Rome; echo ping; weather in Oslo                        | time(Rome) echo(ping) weather(Oslo)
            weather in Atlantis                                             | weather(Atlantis)
            """)
    void understands(String question, String calls) {
        Plan plan = plan(question);
        assertThat(shown(plan)).isEqualTo(calls);
        assertThat(plan.gaps()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Who is the king of Spain?                             |             | I do not understand "Who is the king of Spain".
            What is the population of Paris?                      |             | I do not understand "What is the population of Paris".
            What time is it?                                      |             | I miss a city in "What time is it".
            What's the weather like?                              |             | I miss a city in "What's the weather like".
            sing a song and tell me the time in Rome              | time(Rome)  | I do not understand "sing a song".
            What's the time in Rome? Who won?                     | time(Rome)  | I do not understand "Who won".
            Tokyo                                                 |             | I do not understand "Tokyo".
            echo                                                  |             | There is no text to echo.
            echo ""                                               |             | There is no text to echo.
            what does echo mean                                   |             | I do not understand "what does echo mean".
            how many times have I told you                        |             | I do not understand "how many times have I told you".
            """)
    void saysWhatItDoesNotUnderstand(String question, String calls, String gap) {
        Plan plan = plan(question);
        assertThat(shown(plan)).isEqualTo(calls == null ? "" : calls);
        assertThat(plan.gaps()).first().isEqualTo(gap);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\n\t",
                "and the of or, please?",
                "?!?",
                "\u0000\u0007",
                "\u202e",
                "hello",
                "thank you",
                "and",
                ",",
                "in",
                "\ud83c"
            })
    void asksForAQuestionWhenThereIsNone(String question) {
        Plan plan = plan(question);
        assertThat(plan.calls()).isEmpty();
        assertThat(plan.gaps())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("You can ask, for example: \"What's the weather in Tokyo");
    }

    @Test
    void showsExamplesOnlyForWhatIsOffered() {
        assertThat(new RulePlanner().plan("?", Set.of("echo")).gaps())
                .last()
                .isEqualTo("You can ask, for example: \"Echo hello\".");
    }

    @Test
    void survivesTenThousandCharactersOfAnything() {
        for (String piece : List.of(
                "a",
                " ",
                "and ",
                "weather ",
                "in ",
                "convert ",
                "echo ",
                ", ",
                "\"",
                "14:30 in ",
                "convert 1 from a to ",
                "what time is it in ",
                "x.",
                "(")) {
            long start = System.nanoTime();
            plan(piece.repeat(10_000 / piece.length()));
            assertThat(System.nanoTime() - start).as(piece).isLessThan(5_000_000_000L);
        }
    }

    @Test
    void echoesALongTextWhole() {
        String text = "x".repeat(10_000) + " and y";
        assertThat(plan("echo " + text).calls())
                .singleElement()
                .satisfies(call -> assertThat(call.arguments()).containsEntry("text", text));
    }

    @Test
    void refusesAnEndlessQuestion() {
        assertThat(plan("echo " + "x".repeat(100_000)).gaps())
                .first()
                .isEqualTo("A question of 100005 characters is too long.");
    }

    @Test
    void keepsEveryByteOfAQuotedText() {
        String text = "  a\tb\u0000 ; weather in Rome? \u202e ";
        assertThat(plan("echo \"" + text + "\" and the time in Oslo").calls())
                .extracting(call -> call.arguments().values().iterator().next())
                .containsExactly(text, "Oslo");
    }

    @Test
    void makesAtMostFiftyCallsAndSaysSo() {
        String cities = Arrays.stream(new int[60]).mapToObj(unused -> "").collect(Collectors.joining());
        for (int i = 0; i < 60; i++) {
            cities += ", City" + i;
        }
        Plan plan = plan("weather in " + cities);
        assertThat(plan.calls()).hasSize(50);
        assertThat(plan.gaps()).containsExactly("The question asks for 60 things; these are the first 50.");
    }

    @Test
    void concludesAComparisonFromTheResults() {
        assertThat(conclusion("Is it warmer in Oslo or Rome?", 2.0, 18.4))
                .isEqualTo("It is warmer in Rome (18.4°C) than in Oslo (2.0°C).");
        assertThat(conclusion("Is it colder in Oslo or Rome?", 2.0, 18.4))
                .isEqualTo("It is colder in Oslo (2.0°C) than in Rome (18.4°C).");
        assertThat(conclusion("Is it warmer in Oslo or Rome?", 5.0, 5.0))
                .isEqualTo("It is as warm in Oslo (5.0°C) as in Rome (5.0°C).");
        assertThat(conclusion("Where is it warmest: Oslo, Rome or Cairo?", 2.0, 18.4, 30.1))
                .isEqualTo("From warmest to coldest: Cairo (30.1°C), Rome (18.4°C), Oslo (2.0°C).");
    }

    @Test
    void concludesNothingWhenAResultIsMissing() {
        Plan plan = plan("Is it warmer in Oslo or Rome?");
        assertThat(plan.conclusion().conclude(Map.of(plan.calls().get(0), weather("Oslo", 2))))
                .isEmpty();
    }

    private static String conclusion(String question, double... celsius) {
        Plan plan = plan(question);
        Map<PlannedCall, Map<String, Object>> results = new LinkedHashMap<>();
        for (int i = 0; i < celsius.length; i++) {
            PlannedCall call = plan.calls().get(i);
            results.put(call, weather(String.valueOf(call.arguments().get("city")), celsius[i]));
        }
        assertThat(plan.conclusion().conclude(results)).hasSize(1);
        return plan.conclusion().conclude(results).get(0);
    }

    private static Map<String, Object> weather(String city, double celsius) {
        return Map.of("city", city, "temperatureCelsius", celsius);
    }
}
