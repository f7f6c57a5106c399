// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import dev.mcpmtls.coordinator.PlannedCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One request in a question. */
sealed interface Request {

    /** The calls that answer it. */
    List<PlannedCall> calls();

    /** {@code echo hello}. */
    record Echo(String text) implements Request {
        @Override
        public List<PlannedCall> calls() {
            return List.of(new PlannedCall("echo", Map.of("text", text), "Echo"));
        }
    }

    /** {@code convert 14:30 from London to Tokyo}. */
    record Convert(String time, String from, List<String> to) implements Request {
        @Override
        public List<PlannedCall> calls() {
            return to.stream().map(this::call).toList();
        }

        private PlannedCall call(String target) {
            Map<String, Object> arguments = new LinkedHashMap<>();
            arguments.put("time", time);
            arguments.put("from", from);
            arguments.put("to", target);
            return new PlannedCall("convertTime", arguments, time + " from " + from + " to " + target);
        }
    }

    /** {@code the weather and the time in Tokyo and Paris}: every topic in every place. */
    record Look(List<Topic> topics, List<String> places) implements Request {
        @Override
        public List<PlannedCall> calls() {
            return places.stream()
                    .flatMap(place -> topics.stream().map(topic -> topic.in(place)))
                    .toList();
        }
    }

    /** {@code is it warmer in Oslo or Rome?} */
    record Compare(boolean coldestFirst, List<String> places) implements Request {
        @Override
        public List<PlannedCall> calls() {
            return places.stream().map(new Topic.Weather()::in).toList();
        }
    }
}
