// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mcpmtls.coordinator.ToolServer.PeerFacts;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a question, in words and in detail. All of it may be printed or written as JSON.
 *
 * @param text the answer as text: each part, or the reason why it is missing, one or more lines each
 * @param outcome the worst outcome of its steps
 * @param steps the calls, in the question's order
 * @param conclusions the conclusions from all results
 * @param gaps the parts that were not understood, a sentence each
 * @param millis the duration in milliseconds
 * @param usage the cost of the language model that planned it; null where rules did
 */
public record Answer(
        String question,
        String text,
        Outcome outcome,
        List<Step> steps,
        List<String> conclusions,
        List<String> gaps,
        long millis,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ModelUsage usage) {

    /**
     * One call.
     *
     * @param subject the subject of the call
     * @param server name of the server; null if none offers the tool
     * @param text the tool's answer, or the failure and its remedy
     * @param structured the tool's structured content; null if it has none
     * @param millis from the call to its answer
     * @param peer the server that answered; null without an answer
     */
    public record Step(
            String subject,
            @Nullable String server,
            String tool,
            Map<String, Object> arguments,
            Outcome outcome,
            String text,
            @Nullable Object structured,
            long millis,
            @Nullable PeerFacts peer) {

        String line() {
            return outcome == Outcome.ANSWERED ? text : subject + ": " + text;
        }
    }

    /** The steps without an answer. */
    public List<Step> failures() {
        return steps.stream().filter(step -> step.outcome != Outcome.ANSWERED).toList();
    }

    /**
     * The answer of these steps.
     *
     * @param last the last plan; with words of its own, they are the text, and it is answered whatever became of single steps
     */
    static Answer of(String question, List<Step> steps, List<String> conclusions, Plan last, long millis) {
        List<String> gaps = last.gaps();
        Stream<String> parts =
                last.words().map(Stream::of).orElseGet(() -> steps.stream().map(Step::line));
        String text = String.join(
                "\n",
                Stream.of(parts, conclusions.stream(), gaps.stream())
                        .flatMap(lines -> lines)
                        .toList());
        Outcome understood = gaps.isEmpty() ? Outcome.ANSWERED : Outcome.NOT_UNDERSTOOD;
        Outcome outcome = steps.stream()
                .filter(step -> last.words().isEmpty())
                .map(Step::outcome)
                .max(Comparator.naturalOrder())
                .filter(step -> step.compareTo(understood) > 0)
                .orElse(understood);
        return new Answer(
                question,
                text,
                outcome,
                steps,
                conclusions,
                gaps,
                millis,
                last.usage().orElse(null));
    }

    /** Copies the lists. */
    public Answer {
        steps = List.copyOf(steps);
        conclusions = List.copyOf(conclusions);
        gaps = List.copyOf(gaps);
    }
}
