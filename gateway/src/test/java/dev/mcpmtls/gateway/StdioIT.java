// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.gateway.Agent.Answer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Clients of both eras in front of a legacy server over standard streams. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StdioIT {

    private static final String FAITHFUL = """
        { "method":"tools/call", "jsonrpc":"2.0","extra":[1.0,1e5], "params":{"_meta":{"own/x":1.50},"name":"say",\
        "arguments":{"n":90071992547409931,"f":1.0,"s":"\\u00e9\\/"}},"id":"a\\u0062" }\
        """;

    @Test
    void textsOfALegacyClientPassAsTheyAre() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            Answer hello = alice.initialize();
            assertThat(hello.json().at("/result/serverInfo/name").asString()).isEqualTo("fixture");
            assertThat(hello.json().at("/id").asString()).isEqualTo("i");

            Answer said = alice.post(FAITHFUL);
            assertThat(said.status()).isEqualTo(200);
            assertThat(said.text()).contains("\"id\":\"a\\u0062\"");
            assertThat(said.said())
                    .isEqualTo(FAITHFUL.replace("\"a\\u0062\"", "1")
                            .replace(
                                    "\"own/x\":1.50",
                                    "\"own/x\":1.50,\"dev.mcpmtls/caller\":{\"identity\":"
                                            + "\"spiffe://demo.local/agent/alice\",\"assurance\":\"VERIFIED\"}"));
            assertThat(alice.call("raw").text())
                    .isEqualTo("{\"result\":{\"z\":1.0,\"content\":[],\"big\":90071992547409931,\"e\":\"\\u00e9\","
                            + "\"_meta\":{\"x\":1e2}}, \"id\":1,\"more\":true,\"jsonrpc\":\"2.0\"}");
        }
    }

    @Test
    void theCallerIsTheOneOfTheHandshakeWhateverAMessageSays() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            for (String name :
                    List.of("dev.mcpmtls/caller", "dev.mcpm\\u0074ls/caller", "\\u0064ev.mcpmtls\\/caller")) {
                Answer said = alice.post("""
                    {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"say","_meta":{"%s":\
                    {"identity":"spiffe://demo.local/agent/root"}}}}\
                    """.formatted(name));
                JsonNode received = Agent.JSON.readTree(said.said());
                assertThat(received.at("/params/_meta/dev.mcpmtls~1caller/identity")
                                .asString())
                        .isEqualTo("spiffe://demo.local/agent/alice");
                assertThat(said.said()).doesNotContain("root");
            }
        }
    }

    @Test
    void aMessageWithDuplicateMembersIsRefusedBeforeAnythingIsDecided() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer refused = alice.post("""
                {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"say","n\\u0061me":"crash"}}\
                """);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(front.events()).noneMatch(event -> event instanceof AuditEvent.CallDecided);
        }
    }

    @Test
    void callsAreDecidedAndRecordedUnderTheNameOfTheEntry() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            alice.call("say");
            assertThat(front.events())
                    .anyMatch(event -> event instanceof AuditEvent.CallDecided decided
                            && decided.call().server().equals("files"));
        }
    }

    @Test
    void progressQuestionsAndLogMessagesComeOnTheStreamOfTheirCall() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();

            Iterator<String> progress = alice.stream("""
                {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"progress","_meta":{"progressToken":"p\\u0031"}}}\
                """);
            assertThat(progress.next()).contains("\"progressToken\":\"p\\u0031\",\"progress\":1");
            assertThat(Agent.JSON.readTree(progress.next()).at("/id").asInt()).isEqualTo(5);

            Iterator<String> logged = alice.stream(Agent.legacyCall(6, "log"));
            assertThat(logged.next()).contains("notifications/message");

            Iterator<String> asked = alice.stream(Agent.legacyCall(7, "ask"));
            JsonNode question = Agent.JSON.readTree(asked.next());
            assertThat(question.at("/method").asString()).isEqualTo("elicitation/create");
            Answer accepted = alice.post("""
                {"jsonrpc":"2.0","id":"%s","result":{"action":"accept","content":{"word":1.0}}}\
                """.formatted(question.at("/id").asString()));
            assertThat(accepted.status()).isEqualTo(202);
            assertThat(asked.next()).contains("accept");
            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"q99\",\"result\":{}}")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void aCancellationReachesTheServerWithTheIdThatItKnows() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            var slow = alice.postAsync(Agent.legacyCall("\"s\"", "slow"));
            assertThat(Front.comesTrue(() -> front.events().stream()
                            .anyMatch(event -> event.toString().contains("slow"))))
                    .isTrue();
            alice.post("""
                {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"s","reason":"why not"}}\
                """);
            slow.get(10, TimeUnit.SECONDS);
            JsonNode seen = alice.call("state").json().at("/error/data/cancelled/0");
            assertThat(seen.at("/reason").asString()).isEqualTo("why not");
            assertThat(seen.at("/requestId").isNumber()).isTrue();
        }
    }

    @Test
    void whatTheServerSaysOfItsOwnAccordComesOnTheSessionsStream() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            alice.post("""
                {"jsonrpc":"2.0","id":3,"method":"resources/subscribe","params":{"uri":"file:///a"}}\
                """);
            assertThat(alice.listen().next()).contains("notifications/resources/updated", "file:///a");
        }
    }

    @Test
    void aModernClientIsTranslatedAndItsRetryGoesOnWithTheOneCall() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            JsonNode discovered = alice.modern("server/discover", "", "").json();
            assertThat(discovered.at("/result/instructions").asString()).isEqualTo("be kind");
            JsonNode list = alice.modern("tools/list", "", "").json();
            assertThat(list.at("/result/resultType").asString()).isEqualTo("complete");
            assertThat(list.at("/result/cacheScope").asString()).isEqualTo("private");
            assertThat(alice.modernCall("raw", "").text()).contains("\"z\":1.0", "90071992547409931", "\"x\":1e2");
            String received = alice.modernCall("say", "").said();
            assertThat(received).doesNotContain("io.modelcontextprotocol/");

            JsonNode asked = alice.modernCall("ask", "").json();
            assertThat(asked.at("/result/resultType").asString()).isEqualTo("input_required");
            String key =
                    asked.at("/result/inputRequests").propertyNames().iterator().next();
            String state = asked.at("/result/requestState").asString();
            String answers = ",\"requestState\":\"" + state + "\",\"inputResponses\":{\"" + key
                    + "\":{\"action\":\"accept\",\"content\":{\"n\":1.0}}}";
            Answer stolen = front.agent("bob").modernCall("ask", answers);
            assertThat(stolen.status()).isEqualTo(400);
            Answer other = alice.modernCall("say", answers);
            assertThat(other.status()).isEqualTo(400);
            assertThat(alice.modernCall("ask", answers).said()).contains("accept");
            assertThat(alice.modernCall("ask", answers).status()).isEqualTo(400);
        }
    }

    @Test
    void progressThatComesWhileTheClientAnswersAQuestionComesWithItsRetry() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            List<String> first = steps(alice, "").messages();
            assertThat(first).hasSize(2);
            assertThat(first.get(0)).contains("\"progress\":1", "\"progressToken\":\"mine\"");
            JsonNode asked = Agent.JSON.readTree(first.get(1)).at("/result");
            assertThat(alice.modernCall("remind", "").said()).isEqualTo("reminded");

            String key = asked.at("/inputRequests").propertyNames().iterator().next();
            List<String> rest = steps(
                            alice,
                            ",\"requestState\":\"" + asked.at("/requestState").asString() + "\",\"inputResponses\":{\""
                                    + key + "\":{\"action\":\"accept\",\"content\":{}}}")
                    .messages();
            assertThat(rest).hasSize(3);
            assertThat(rest.get(0)).contains("\"progress\":2", "\"progressToken\":\"mine\"");
            assertThat(rest.get(1)).contains("\"progress\":3", "\"progressToken\":\"mine\"");
            assertThat(rest.get(2)).contains("over");
        }
    }

    private static Answer steps(Agent agent, String more) throws Exception {
        String body = Agent.modernBody("tools/call", "\"name\":\"steps\",\"arguments\":{}" + more);
        return agent.post(
                body.replace("\"_meta\":{", "\"_meta\":{\"progressToken\":\"mine\","),
                Agent.modernHeaders("tools/call", "steps"));
    }

    @Test
    void aSubscriptionOfAModernClientHearsOfItsResource() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            Iterator<String> events = alice.stream(
                    Agent.modernBody(
                            "subscriptions/listen",
                            "\"notifications\":{\"resourceSubscriptions\":[\"file:///a\"],\"toolsListChanged\":true}"),
                    Agent.modernHeaders("subscriptions/listen", ""));
            assertThat(events.next()).contains("acknowledged");
            JsonNode updated = Agent.JSON.readTree(events.next());
            assertThat(updated.at("/params/uri").asString()).isEqualTo("file:///a");
            assertThat(updated.at("/params/_meta/io.modelcontextprotocol~1subscriptionId")
                            .asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void aSubscriptionOfAModernClientHearsTheProcessOfItsCalls() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of())) {
            Agent alice = front.agent("alice");
            String server = alice.modernCall("pid", "").said();
            Iterator<String> events = alice.stream(
                    Agent.modernBody("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"),
                    Agent.modernHeaders("subscriptions/listen", ""));
            assertThat(events.next()).contains("acknowledged");
            assertThat(alice.modernCall("touch", "").said()).isEqualTo("touched");
            assertThat(events.next()).contains("notifications/tools/list_changed");
            assertThat(alice.modernCall("pid", "").said()).isEqualTo(server);
        }
    }
}
