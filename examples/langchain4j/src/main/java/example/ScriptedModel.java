// SPDX-License-Identifier: Apache-2.0
package example;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;

/** In the place of a language model, so that the example needs no account: calls the tool echo and repeats its answer. */
class ScriptedModel implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return ChatResponse.builder().aiMessage(reply(request)).build();
    }

    private static AiMessage reply(ChatRequest request) {
        var messages = request.messages();
        if (messages.get(messages.size() - 1) instanceof ToolExecutionResultMessage result) {
            return AiMessage.from("The server says: " + result.text());
        }
        return AiMessage.from(ToolExecutionRequest.builder()
                .id("1")
                .name("echo")
                .arguments("{\"text\": \"hello\"}")
                .build());
    }
}
