// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Agent.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A client that knows tasks. */
final class TaskClient {

    static final Duration SOON = Duration.ofSeconds(10);
    private static final String KNOWS_TASKS =
            Agent.META.replace("\"roots\":{}", "\"roots\":{},\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}");

    private TaskClient() {}

    static String begin(Agent agent, String tool) throws Exception {
        Answer answer = call(agent, tool);
        assertThat(answer.json().at("/result/resultType").asString())
                .as(answer.http().body())
                .isEqualTo("task");
        return answer.json().at("/result/taskId").asString();
    }

    static Answer call(Agent agent, String tool) {
        return send(agent, "tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":{}");
    }

    static boolean isTask(Answer answer) {
        return answer.json().at("/result/resultType").asString().equals("task");
    }

    static Answer ask(Agent agent, String method, String id) {
        String more = method.equals("tasks/update") ? ",\"inputResponses\":{}" : "";
        return send(agent, method, id, "\"taskId\":\"" + id + "\"" + more);
    }

    static Answer update(Agent agent, String id, String key, String answer) {
        return send(
                agent,
                "tasks/update",
                id,
                "\"taskId\":\"" + id + "\",\"inputResponses\":{\"" + key + "\":" + answer + "}");
    }

    static JsonNode get(Agent agent, String id) {
        return ask(agent, "tasks/get", id).json().at("/result");
    }

    static JsonNode awaited(Agent agent, String id, Predicate<JsonNode> state) {
        assertThat(Station.comesTrue(SOON, () -> state.test(get(agent, id))))
                .as(() -> get(agent, id).toString())
                .isTrue();
        return get(agent, id);
    }

    static boolean isOver(JsonNode task) {
        return Set.of("completed", "failed", "cancelled")
                .contains(task.at("/status").asString());
    }

    static Stream<String> listen(Agent agent, String params) throws Exception {
        return agent.stream(agent.request("MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "subscriptions/listen")
                .POST(BodyPublishers.ofString(body("subscriptions/listen", params))));
    }

    static String first(Stream<String> lines) {
        return lines.filter(line -> line.startsWith("data: {")).findFirst().orElseThrow();
    }

    static Answer send(Agent agent, String method, String name, String params) {
        try {
            return agent.send(
                    agent.request("MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method, "Mcp-Name", name)
                            .POST(BodyPublishers.ofString(body(method, params))));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String body(String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + params + "," + KNOWS_TASKS
                + "}}";
    }
}
