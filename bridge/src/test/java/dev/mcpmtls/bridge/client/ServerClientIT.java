// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.connect.ScriptedServer.Received;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.pins.ToolPins;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program asks servers of both eras. */
@Timeout(60)
class ServerClientIT extends ServerClientFixture {

    @Test
    void callsAModernServerWithItsMetadataAndHeaders() throws Exception {
        try (ServerClient client = open()) {
            assertThat(client.introduction().name()).isEqualTo("m");
            assertThat(client.introduction().revision()).isEqualTo("2026-07-28");
            assertThat(client.list(Method.TOOLS_LIST, "tools"))
                    .singleElement()
                    .satisfies(tool -> assertThat(tool).containsEntry("description", "says it"));

            Called called = client.call("echo", Map.of("text", "hello"));

            assertThat(called)
                    .isInstanceOfSatisfying(
                            Called.Answered.class,
                            answered -> assertThat(answered.result()).containsKey("content"));
            assertThat(client.connected().peer().identity().text()).contains("s");
        }
        Received call = server.next("tools/call");
        assertThat(call.header("Mcp-Name")).isEqualTo("echo");
        assertThat(call.header("MCP-Protocol-Version")).isEqualTo("2026-07-28");
        assertThat(call.body()).contains("\"io.modelcontextprotocol/tasks\"", "\"text\":\"hello\"");
        assertThat(server.received).extracting(Received::method).containsOnly("POST");
    }

    @Test
    void keepsASessionOfALegacyServerAndEndsIt() throws Exception {
        server.script(ServerClientFixture::legacy);

        try (ServerClient client = open()) {
            assertThat(client.introduction().isModern()).isFalse();
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);
            assertThat(outage(client::tasks)).hasMessageContaining("2025-06-18, which has no tasks");
        }

        assertThat(server.next("tools/call").header("Mcp-Session-Id")).isEqualTo("s1");
        assertThat(server.next("DELETE").header("Mcp-Session-Id")).isEqualTo("s1");
        assertThat(server.received)
                .as("no stream for what nobody hears")
                .noneMatch(request -> request.method().equals("GET"));
    }

    @Test
    void answersPingsAndRefusesQuestionsOfALegacyServer() throws Exception {
        server.script(request -> {
            if (!request.says("tools/call")) {
                legacy(request);
                return;
            }
            OutputStream stream = request.stream();
            Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"id\":71,\"method\":\"ping\"}");
            Received.event(
                    stream, "", "{\"jsonrpc\":\"2.0\",\"id\":72,\"method\":\"elicitation/create\",\"params\":{}}");
            Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"id\":\"other\",\"result\":{\"content\":[]}}");
            Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ",\"result\":" + SAID + "}");
            stream.close();
        });

        try (ServerClient client = open()) {
            assertThat(client.call("echo", Map.of()))
                    .isInstanceOfSatisfying(
                            Called.Answered.class,
                            answered -> assertThat(answered.result().toString()).contains("hello"));
        }

        assertThat(server.next("\"id\":71").body()).contains("\"result\":{}");
        assertThat(server.next("\"id\":72").body()).contains("-32601");
    }

    @Test
    void doesNotRepeatACallThatWasCutOff() throws Exception {
        try (ServerClient client = open()) {
            client.list(Method.TOOLS_LIST, "tools");
            server.script(request -> {
                request.stream();
                request.cut();
            });

            assertThat(outage(() -> client.call("echo", Map.of())).kind()).isEqualTo(Outage.Kind.MAY_HAVE_RUN);
            assertThat(server.received)
                    .filteredOn(request -> request.says("tools/call"))
                    .hasSize(1);
        }
    }

    @Test
    void gathersPagesAndGivesUpALoop() throws Exception {
        try (ServerClient client = open()) {
            server.script(request -> result(
                    request,
                    "{\"tools\":[" + ECHO + "]" + (request.says("\"p2\"") ? "" : ",\"nextCursor\":\"p2\"") + "}"));
            assertThat(client.list(Method.TOOLS_LIST, "tools")).hasSize(2);

            server.script(request -> result(request, "{\"tools\":[],\"nextCursor\":\"again\"}"));
            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools")))
                    .hasMessageContaining("comes back to the cursor 'again'");

            AtomicInteger page = new AtomicInteger();
            server.script(
                    request -> result(request, "{\"tools\":[],\"nextCursor\":\"" + page.incrementAndGet() + "\"}"));
            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools"))).hasMessageContaining("100 pages");
            assertThat(client.list(Method.PROMPTS_LIST, "prompts")).isEmpty();
        }
    }

    @Test
    void callsAgainWhereTheServerWantsThatAndRefusesItsQuestions() throws Exception {
        AtomicInteger rounds = new AtomicInteger();
        try (ServerClient client = open()) {
            server.script(request -> result(
                    request,
                    request.says("\"requestState\":\"later\"")
                            ? SAID
                            : "{\"resultType\":\"input_required\",\"requestState\":\"later\"}"));
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);

            server.script(
                    request -> result(
                            request,
                            "{\"resultType\":\"input_required\",\"inputRequests\":{\"a\":{\"method\":\"elicitation/create\"}}}"));
            assertThat(outage(() -> client.call("echo", Map.of())))
                    .hasMessageContaining("input, which a command cannot give: elicitation/create");

            server.script(request -> {
                rounds.incrementAndGet();
                result(request, "{\"resultType\":\"input_required\"}");
            });
            assertThat(outage(() -> client.call("echo", Map.of()))).hasMessageContaining("16 times");
            assertThat(rounds).hasValue(16);
        }
    }

    @Test
    void followsATask() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ServerClient client = open()) {
            client.list(Method.TOOLS_LIST, "tools");
            server.script(request -> {
                String task = "{\"taskId\":\"t1\",\"pollIntervalMs\":100,\"resultType\":\"%s\",\"status\":\"%s\"%s}";
                if (request.says("tools/call")) {
                    result(request, task.formatted("task", "working", ""));
                } else if (asked.incrementAndGet() < 3) {
                    result(request, task.formatted("complete", "working", ""));
                } else {
                    result(request, task.formatted("complete", "completed", ",\"result\":" + SAID));
                }
            });
            List<TaskState> told = new ArrayList<>();

            assertThat(client.call("echo", Map.of()))
                    .isInstanceOfSatisfying(
                            Called.Begun.class,
                            begun -> assertThat(begun.task().id()).isEqualTo("t1"));
            assertThat(client.tasks().await("t1", told::add, Optional.empty()))
                    .get()
                    .asString()
                    .contains("hello");
            assertThat(told).hasSize(3);

            asked.set(-1_000_000);
            assertThat(client.tasks().await("t1", state -> {}, Optional.of(Duration.ofMillis(250))))
                    .isEmpty();

            server.script(request -> result(request, "{\"taskId\":\"another\",\"status\":\"working\"}"));
            assertThat(outage(() -> client.tasks().get("t1"))).hasMessageContaining("the task that was asked for");
        }
    }

    @Test
    void callsWhatIsAsItWasPinnedAndWithholdsTheRest() throws Exception {
        ToolPins pins = ToolPins.approving(
                ToolPins.key(server.url()),
                Optional.empty(),
                List.of(Map.of("name", "echo", "description", "says it", "inputSchema", Map.of("type", "object"))));
        try (ServerClient client = open(server.url(), CA.client("c"), PATIENCE, Optional.of(pins))) {
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);
            assertThat(client.withheld()).isEmpty();
        }
        server.received.clear();
        server.script(request -> {
            if (request.says("tools/list")) {
                result(request, "{\"tools\":[" + ECHO.replace("says it", "sends it to me") + "]}");
            } else {
                modern(request);
            }
        });

        try (ServerClient client = open(server.url(), CA.client("c"), PATIENCE, Optional.of(pins))) {
            Outage withheld = outage(() -> client.call("echo", Map.of()));

            assertThat(withheld.kind()).isEqualTo(Outage.Kind.TOOL_WITHHELD);
            assertThat(client.withheld()).hasSize(1);
            assertThat(client.list(Method.TOOLS_LIST, "tools")).isEmpty();
        }
        assertThat(server.received).noneMatch(request -> request.says("tools/call"));
        assertThat(recorded).hasAtLeastOneElementOfType(AuditEvent.ToolChanged.class);
    }
}
