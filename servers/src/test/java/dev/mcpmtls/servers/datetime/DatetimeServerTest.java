// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.servers.Calls;
import dev.mcpmtls.servers.gazetteer.Atlas;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatetimeServerTest {

    private final Calls calls = at("2026-11-22T09:30:05.123Z");

    private static Calls at(String now) {
        return new Calls(DatetimeServer.tools(Atlas.builtIn(), InstantSource.fixed(Instant.parse(now))));
    }

    private String convert(String time, String from, String to) {
        return calls.text("convertTime", Map.of("time", time, "from", from, "to", to));
    }

    @Test
    void tellsTheTimeInTheAgreedShape() {
        assertThat(calls.text("getDateTime", Map.of("city", "tokyo")))
                .isEqualTo("Time in Tokyo: 2026-11-22 18:30:05 (Asia/Tokyo, UTC+09:00)");
        assertThat(calls.text("getDateTime", Map.of("city", "London")))
                .isEqualTo("Time in London: 2026-11-22 09:30:05 (Europe/London, UTC+00:00)");
        assertThat(calls.text("getDateTime", Map.of("city", "Katmandu")))
                .isEqualTo("Time in Kathmandu: 2026-11-22 15:15:05 (Asia/Kathmandu, UTC+05:45)");
    }

    @Test
    void structuresTheTimeWithTheNextChangeOfTheClocks() {
        assertThat(calls.structured("getDateTime", Map.of("city", "Paris")))
                .isEqualTo(Map.of(
                        "city", "Paris",
                        "zone", "Europe/Paris",
                        "offset", "+01:00",
                        "instant", "2026-11-22T09:30:05Z",
                        "localDate", "2026-11-22",
                        "localTime", "10:30:05",
                        "daylightSaving", false,
                        "nextTransition",
                                Map.of(
                                        "instant", "2027-03-28T01:00:00Z",
                                        "offsetBefore", "+01:00",
                                        "offsetAfter", "+02:00")));
        assertThat(calls.structured("getDateTime", Map.of("city", "Sydney"))).containsEntry("daylightSaving", true);
        Map<String, Object> noDaylightSaving = new HashMap<>();
        noDaylightSaving.put("nextTransition", null);
        assertThat(calls.structured("getDateTime", Map.of("city", "Tokyo"))).containsAllEntriesOf(noDaylightSaving);
    }

    @ParameterizedTest
    @CsvSource({"utc, UTC, +00:00", "GMT, GMT, +00:00", "Europe/Berlin, Europe/Berlin, +01:00"})
    void takesATimeZoneForACity(String asked, String name, String offset) {
        assertThat(calls.text("getDateTime", Map.of("city", asked)))
                .startsWith("Time in " + name)
                .endsWith("UTC" + offset + ")");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            14:30               | London   | Tokyo       | 14:30 in London (2026-11-22, UTC+00:00) is 23:30 in Tokyo (2026-11-22, UTC+09:00), the same day
            2pm                 | Tokyo    | New York    | 14:00 in Tokyo (2026-11-22, UTC+09:00) is 00:00 in New York (2026-11-22, UTC-05:00), the same day
            2:30 p.m.           | New York | Tokyo       | 14:30 in New York (2026-11-22, UTC-05:00) is 04:30 in Tokyo (2026-11-23, UTC+09:00), a day later
            noon                | Tokyo    | Los Angeles | 12:00 in Tokyo (2026-11-22, UTC+09:00) is 19:00 in Los Angeles (2026-11-21, UTC-08:00), a day earlier
            12am                | UTC      | Delhi       | 00:00 in UTC (2026-11-22, UTC+00:00) is 05:30 in Delhi (2026-11-22, UTC+05:30), the same day
            midnight            | Paris    | Paris       | 00:00 in Paris (2026-11-22, UTC+01:00) is 00:00 in Paris (2026-11-22, UTC+01:00), the same day
            2026-07-01T08:00    | Berlin   | London      | 08:00 in Berlin (2026-07-01, UTC+02:00) is 07:00 in London (2026-07-01, UTC+01:00), the same day
            2026-07-01 08:00:15 | Berlin   | UTC         | 08:00:15 in Berlin (2026-07-01, UTC+02:00) is 06:00:15 in UTC (2026-07-01, UTC+00:00), the same day
            now                 | Oslo     | Seoul       | 10:30 in Oslo (2026-11-22, UTC+01:00) is 18:30 in Seoul (2026-11-22, UTC+09:00), the same day
            """)
    void convertsTimes(String time, String from, String to, String expected) {
        assertThat(convert(time, from, to)).isEqualTo(expected);
    }

    @Test
    void todayIsTheDayOfTheCityOneConvertsFrom() {
        Calls lateInLondon = at("2026-11-22T20:00:00Z");
        assertThat(lateInLondon.text("convertTime", Map.of("time", "9:00", "from", "Tokyo", "to", "London")))
                .isEqualTo(
                        "09:00 in Tokyo (2026-11-23, UTC+09:00) is 00:00 in London (2026-11-23, UTC+00:00), the same day");
    }

    @Test
    void saysWhatItDidWithATimeThatTheClockSkips() {
        assertThat(convert("2026-03-29T02:30", "Berlin", "UTC"))
                .isEqualTo(
                        "03:30 in Berlin (2026-03-29, UTC+02:00) is 01:30 in UTC (2026-03-29, UTC+00:00), the same day;"
                                + " 02:30 does not exist in Berlin on that day: the clocks go forward from 02:00 to 03:00; 03:30 was taken");
    }

    @Test
    void saysWhatItDidWithATimeThatComesTwice() {
        assertThat(convert("2026-10-25T02:30", "Berlin", "UTC"))
                .isEqualTo(
                        "02:30 in Berlin (2026-10-25, UTC+02:00) is 00:30 in UTC (2026-10-25, UTC+00:00), the same day;"
                                + " 02:30 comes twice in Berlin on that day, because the clocks go back; the first, at UTC+02:00, was taken");
    }

    @Test
    void nowInTheRepeatedHourIsNotAmbiguous() {
        Calls second = at("2026-10-25T01:30:00Z");
        assertThat(second.text("convertTime", Map.of("time", "now", "from", "Berlin", "to", "UTC")))
                .isEqualTo(
                        "02:30 in Berlin (2026-10-25, UTC+01:00) is 01:30 in UTC (2026-10-25, UTC+00:00), the same day");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "25:00",
                "14:60",
                "14",
                "13pm",
                "0am",
                "tomorrow",
                "14:30Z",
                "2026-02-30T10:00",
                "-1:00",
                "\u0000",
                "１４:３０"
            })
    void refusesWhatIsNoTime(String time) {
        assertThat(calls.error("convertTime", Map.of("time", time, "from", "Oslo", "to", "Rome")))
                .startsWith("Cannot read the time \"")
                .contains("Write 14:30, 2pm, noon, now or 2026-11-22T14:30.");
    }

    @Test
    void anUnknownCityIsNamedWithNearMatches() {
        assertThat(calls.error("getDateTime", Map.of("city", "Tokoy")))
                .isEqualTo("Unknown city \"Tokoy\". Did you mean Tokyo (Japan)?");
        assertThat(calls.error("convertTime", Map.of("time", "14:30", "from", "Oslo", "to", "Xanadu")))
                .isEqualTo(
                        "Unknown city \"Xanadu\". Try the nearest large city, for example Tokyo, Paris or New York.");
        assertThat(calls.error("getDateTime", Map.of("city", "Mars/Phobos")))
                .startsWith("Unknown city \"Mars/Phobos\".");
    }

    @Test
    void hostileNamesComeBackHarmless() {
        assertThat(calls.error("getDateTime", Map.of("city", "\u001b[31mred\u202e")))
                .contains("\"\\u001b[31mred\\u202e\"");
        assertThat(calls.error("getDateTime", Map.of("city", " \t ")))
                .startsWith("The name of the city has no letters");
    }
}
