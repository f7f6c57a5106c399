// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.mcpmtls.coordinator.Answer.Step;
import dev.mcpmtls.coordinator.ModelUsage;
import dev.mcpmtls.coordinator.Plan;
import dev.mcpmtls.coordinator.PlannedCall;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** One question: the model's calls, round by round, and its answer. */
final class ModelPlanning {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final int MAX_CALLS = 16;
    private static final int MAX_ARGUMENTS = 64 * 1024;
    private static final int MAX_RESULT = 8 * 1024;

    private final LanguageModel model;
    private final ModelSettings settings;
    private final ToolNames tools;
    private final List<ChatMessage> messages;
    private List<ToolExecutionRequest> running = List.of();
    private int rounds;
    private long inputTokens;
    private long outputTokens;

    ModelPlanning(LanguageModel model, ToolNames tools, String question) {
        this.model = model;
        this.settings = model.settings();
        this.tools = tools;
        this.messages = model.with(question);
    }

    /**
     * The next calls, or the answer.
     *
     * @throws ModelFailure when the model gives none
     */
    Plan next(List<Step> results, Duration left) {
        for (int i = 0; i < running.size(); i++) {
            messages.add(ToolExecutionResultMessage.from(running.get(i), told(results.get(i))));
        }
        running = List.of();
        if (rounds == settings.rounds()) {
            return brokenOff("the model asked for more tools after " + rounds
                    + " rounds, which is the limit (coordinator.model.rounds)");
        }
        if (inputTokens + outputTokens > settings.tokens()) {
            return brokenOff("the question took " + (inputTokens + outputTokens)
                    + " tokens, more than the limit (coordinator.model.tokens)");
        }
        ChatResponse response = model.ask(messages, tools, left);
        rounds++;
        count(response.tokenUsage());
        AiMessage said = response.aiMessage();
        messages.add(said);
        if (!said.hasToolExecutionRequests()) {
            model.remember(messages);
            return last(Optional.of(said.text()), List.of());
        }
        if (said.text() != null && !said.text().isEmpty()) {
            model.endLine();
        }
        return new Plan(calls(said), List.of(), Plan.Conclusion.NONE, false, Optional.empty(), Optional.of(usage()));
    }

    /** The calls that can be made. The model is told at once why others cannot. */
    private List<PlannedCall> calls(AiMessage said) {
        List<PlannedCall> calls = new ArrayList<>();
        List<ToolExecutionRequest> made = new ArrayList<>();
        for (ToolExecutionRequest request : said.toolExecutionRequests()) {
            try {
                if (calls.size() == MAX_CALLS) {
                    throw new IllegalArgumentException("at most " + MAX_CALLS + " calls at once; call again");
                }
                calls.add(call(request));
                made.add(request);
            } catch (IllegalArgumentException e) {
                messages.add(ToolExecutionResultMessage.from(
                        request, JSON.writeValueAsString(Map.of("not_called", String.valueOf(e.getMessage())))));
            }
        }
        running = made;
        return calls;
    }

    private PlannedCall call(ToolExecutionRequest request) {
        Tool tool = tools.tool(Objects.requireNonNullElse(request.name(), ""));
        if (tool == null) {
            throw new IllegalArgumentException("no tool of that name is offered");
        }
        String arguments = Objects.requireNonNullElse(request.arguments(), "");
        if (arguments.length() > MAX_ARGUMENTS) {
            throw new IllegalArgumentException("the arguments are too long");
        }
        try {
            Map<String, Object> values = arguments.isBlank() ? Map.of() : JSON.readValue(arguments, OBJECT);
            return new PlannedCall(tool.name(), values == null ? Map.of() : values, tool.name());
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the arguments are not a JSON object", e);
        }
    }

    /** A result as data: JSON, so that no text of a server stands outside of a string. */
    private static String told(Step step) {
        String text = step.text();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("from_server", Objects.requireNonNullElse(step.server(), "none"));
        result.put("outcome", step.outcome().name().toLowerCase(Locale.ROOT));
        result.put("text", text.substring(0, Math.min(text.length(), MAX_RESULT)));
        if (text.length() > MAX_RESULT) {
            result.put("cut_off", true);
        }
        return JSON.writeValueAsString(result);
    }

    private void count(TokenUsage usage) {
        if (usage != null) {
            inputTokens += Objects.requireNonNullElse(usage.inputTokenCount(), 0);
            outputTokens += Objects.requireNonNullElse(usage.outputTokenCount(), 0);
        }
    }

    private ModelUsage usage() {
        return new ModelUsage(settings.name(), rounds, inputTokens, outputTokens);
    }

    /** The results so far are the answer, because the model ended in the middle. */
    Plan brokenOff(String why) {
        return last(Optional.empty(), List.of("The results above are without a summary: " + why + "."));
    }

    private Plan last(Optional<String> words, List<String> gaps) {
        return new Plan(List.of(), gaps, Plan.Conclusion.NONE, true, words, Optional.of(usage()));
    }
}
