// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import dev.mcpmtls.coordinator.PlannedCall;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** The subjects of questions about a place. */
sealed interface Topic {

    PlannedCall in(String place);

    /** The weather now. */
    record Weather() implements Topic {
        @Override
        public PlannedCall in(String place) {
            return new PlannedCall("getTemperature", Map.of("city", place), "Weather in " + place);
        }
    }

    /** The time now. */
    record Time() implements Topic {
        @Override
        public PlannedCall in(String place) {
            return new PlannedCall("getDateTime", Map.of("city", place), "Time in " + place);
        }
    }

    /**
     * The weather of the next days.
     *
     * @param days empty to leave their number to the server
     */
    record Forecast(OptionalInt days) implements Topic {
        @Override
        public PlannedCall in(String place) {
            Map<String, Object> arguments = new LinkedHashMap<>();
            arguments.put("city", place);
            days.ifPresent(count -> arguments.put("days", count));
            return new PlannedCall("getForecast", arguments, "Forecast for " + place);
        }
    }
}
