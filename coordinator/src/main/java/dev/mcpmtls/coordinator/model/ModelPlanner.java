// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import dev.mcpmtls.coordinator.Planner;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Has a language model decide which tools answer a question. The tools of the servers are its tools; the results of its calls go back to it, until
 * it answers in words. It remembers the questions before, so that they are a conversation. Used by one thread.
 *
 * <p>Where the model is not there, another planner takes the question.
 */
public final class ModelPlanner implements Planner {

    private static final int MAX_QUESTION = 100_000;

    private final LanguageModel model;
    private final Planner otherwise;
    private final Consumer<String> onFallback;

    /**
     * A planner.
     *
     * @param otherwise plans when the model is not there
     * @param onFallback receives the reason, one sentence with the remedy
     */
    public ModelPlanner(ModelSettings settings, Planner otherwise, Consumer<String> onFallback) {
        this(settings, otherwise, onFallback, piece -> {});
    }

    /**
     * As the other.
     *
     * @param words receives what the model says while it says it, piece by piece and as it came: the answer, and before that a line of its own
     *     for the words before each call. Called on another thread
     */
    public ModelPlanner(
            ModelSettings settings, Planner otherwise, Consumer<String> onFallback, Consumer<String> words) {
        this.model = new LanguageModel(settings, words);
        this.otherwise = otherwise;
        this.onFallback = onFallback;
    }

    @Override
    public Optional<String> model() {
        return Optional.of(model.settings().name());
    }

    @Override
    public Planning begin(String question, List<Tool> offered) {
        if (question.length() > MAX_QUESTION) {
            return otherwise.begin(question, offered); // which says that it is too long
        }
        ModelPlanning planning = new ModelPlanning(model, new ToolNames(offered), question);
        return new WithFallback(planning, () -> otherwise.begin(question, offered), onFallback);
    }
}
