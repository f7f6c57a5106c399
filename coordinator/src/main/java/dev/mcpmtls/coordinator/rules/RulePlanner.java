// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import dev.mcpmtls.coordinator.Plan;
import dev.mcpmtls.coordinator.PlannedCall;
import dev.mcpmtls.coordinator.Planner;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Understands plain English about the weather, the time and echo by rules: several questions and cities at once, comparisons,
 * conversions. It has no list of cities: the words in a city's place go to the server, which knows cities. Needs no network.
 */
public final class RulePlanner implements Planner {

    private static final int MAX_QUESTION = 100_000;
    private static final int MAX_CALLS = 50;
    private static final Map<String, String> EXAMPLES = examples();

    @Override
    public Planning begin(String question, List<Tool> offered) {
        Plan plan = plan(question, offered.stream().map(Tool::name).collect(Collectors.toSet()));
        return (results, left) -> plan;
    }

    /** All calls of a question; their results are its answer. */
    Plan plan(String question, Set<String> offered) {
        if (question.length() > MAX_QUESTION) {
            return nothing(List.of("A question of " + question.length() + " characters is too long."), offered);
        }
        Question understood = Question.parse(question);
        List<PlannedCall> calls = understood.requests().stream()
                .flatMap(request -> request.calls().stream())
                .distinct()
                .toList();
        if (calls.isEmpty()) {
            return nothing(understood.gaps(), offered);
        }
        List<String> gaps = new ArrayList<>(understood.gaps());
        if (calls.size() > MAX_CALLS) {
            gaps.add("The question asks for " + calls.size() + " things; these are the first " + MAX_CALLS + ".");
        }
        return new Plan(calls.stream().limit(MAX_CALLS).toList(), gaps, results -> conclude(understood, results));
    }

    private static List<String> conclude(Question question, Map<PlannedCall, Map<String, Object>> results) {
        List<String> sentences = new ArrayList<>();
        for (Request request : question.requests()) {
            Optional<String> sentence =
                    request instanceof Request.Compare compare ? Ranked.sentence(compare, results) : Optional.empty();
            sentence.ifPresent(sentences::add);
        }
        return sentences;
    }

    private static Plan nothing(List<String> gaps, Set<String> offered) {
        List<String> said = new ArrayList<>(gaps.isEmpty() ? List.of("I found no question there.") : gaps);
        String examples = EXAMPLES.entrySet().stream()
                .filter(example -> offered.isEmpty() || offered.contains(example.getKey()))
                .map(example -> '"' + example.getValue() + '"')
                .collect(Collectors.joining(", "));
        if (!examples.isEmpty()) {
            said.add("You can ask, for example: " + examples + ".");
        }
        return new Plan(List.of(), said, Plan.Conclusion.NONE);
    }

    private static Map<String, String> examples() {
        Map<String, String> examples = new LinkedHashMap<>();
        examples.put("getTemperature", "What's the weather in Tokyo and Paris?");
        examples.put("getForecast", "Forecast for Berlin for 3 days");
        examples.put("getDateTime", "What time is it in New York?");
        examples.put("convertTime", "Convert 14:30 from London to Tokyo");
        examples.put("echo", "Echo hello");
        return examples;
    }
}
