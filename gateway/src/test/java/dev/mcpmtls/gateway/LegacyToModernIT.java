// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.Recorder.Received;
import dev.mcpmtls.gateway.process.ServerCommand;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Legacy clients in front of servers that speak the modern revision alone. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LegacyToModernIT {

    private static Front front(URI url) {
        return Front.of(
                gateway -> gateway.url(
                        "crm", url, Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30)),
                settings -> settings.stateKey(new byte[32]));
    }

    @Test
    void aSessionIsMadeOfRequestsThatStandForThemselves() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream.url())) {
            Agent alice = front.agent("alice");
            Answer hello = alice.initialize();
            assertThat(hello.json().at("/id").asString()).isEqualTo("i");
            assertThat(hello.json().at("/result/protocolVersion").asString()).isEqualTo("2025-11-25");
            assertThat(hello.json().at("/result/serverInfo/version").asString()).isEqualTo("2");
            assertThat(hello.json().at("/result/capabilities/tools/listChanged").asBoolean())
                    .isTrue();
            assertThat(hello.session()).isNotEmpty();

            Answer said = alice.post("""
                    {"jsonrpc":"2.0","id":"\\u0061","method":"tools/call","params":{"name":"say","arguments":{"n":1.50}}}""");
            assertThat(said.text())
                    .contains("\"id\":\"\\u0061\"", "\"n\":90071992547409931,\"f\":1.0")
                    .doesNotContain("resultType");
            Received call = upstream.with("tools/call").get(0);
            assertThat(call.header("mcp-protocol-version")).isEqualTo("2026-07-28");
            assertThat(call.header("mcp-name")).isEqualTo("say");
            assertThat(call.header("mcp-session-id")).isEmpty();
            assertThat(call.body())
                    .contains(
                            "\"arguments\":{\"n\":1.50}", "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"")
                    .contains("\"io.modelcontextprotocol/clientInfo\":{\"name\":\"agent\",\"version\":\"1\"}")
                    .contains("\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{},\"sampling\":{}}")
                    .doesNotContain("logLevel");

            String list = alice.post("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}")
                    .text();
            assertThat(list).contains("\"weight\":1.0").doesNotContain("ttlMs", "cacheScope", "resultType");

            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}")
                            .text())
                    .contains("\"result\":{}");
            alice.post(
                    "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"error\"}}");
            alice.call("later");
            assertThat(upstream.with("later").get(0).body()).contains("\"io.modelcontextprotocol/logLevel\":\"error\"");
            assertThat(upstream.with("\"ping\"")).isEmpty();
            assertThat(upstream.with("setLevel")).isEmpty();

            Iterator<String> stream = alice.stream("""
                    {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"stream","_meta":{"progressToken":"p"}}}""");
            assertThat(stream.next()).contains("\"progressToken\":\"p\",\"progress\":1.0");
            assertThat(alice.delete().status()).isEqualTo(204);
            assertThat(alice.call("say").status()).isEqualTo(404);
        }
    }

    @Test
    void questionsInAResultAreAskedOfTheClientAndItsAnswersGoWithTheNextTry() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream.url())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Iterator<String> asking = alice.stream(Agent.legacyCall(7, "ask"));
            String question = asking.next();
            assertThat(question)
                    .contains("\"method\":\"elicitation/create\"", "\"id\":\"input/1\"", "\"jsonrpc\":\"2.0\"");
            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"input/2\",\"result\":{}}")
                            .status())
                    .isEqualTo(400);
            alice.post(
                    "{\"jsonrpc\":\"2.0\",\"id\":\"input/1\",\"result\":{\"action\":\"accept\",\"content\":{\"n\":1.0}}}");
            String answer = asking.next();
            assertThat(Agent.JSON.readTree(answer).at("/id").asInt()).isEqualTo(7);
            assertThat(Agent.JSON.readTree(answer).at("/result/content/0/text").asString())
                    .contains(
                            "\"inputResponses\":{\"k\":{\"action\":\"accept\",\"content\":{\"n\":1.0}}}",
                            "\"requestState\":\"st\\u0061te\"");

            asking = alice.stream(Agent.legacyCall(8, "ask"));
            String id = Agent.JSON.readTree(asking.next()).at("/id").asString();
            alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"error\":{\"code\":-1,\"message\":\"not today\"}}");
            assertThat(asking.next()).contains("\"error\"", "refused to answer", "not today");
        }
    }

    @Test
    void theStreamOfTheSessionIsASubscription() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream.url())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            assertThat(alice.post("""
                    {"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"file:///a"}}""").text()).contains("\"result\":{}");
            Iterator<String> own = alice.listen();
            assertThat(own.next())
                    .contains("notifications/tools/list_changed", "\"x\":1.0")
                    .doesNotContain("subscriptionId");
            assertThat(upstream.with("subscriptions/listen").get(0).body()).contains("file:///a");
            alice.post("""
                    {"jsonrpc":"2.0","id":2,"method":"resources/unsubscribe","params":{"uri":"file:///a"}}""");
            assertThat(Front.comesTrue(
                            () -> upstream.with("subscriptions/listen").size() == 2))
                    .isTrue();
            assertThat(upstream.with("subscriptions/listen").get(1).body()).doesNotContain("file:///a");
        }
    }

    @Test
    void aReplicaGoesOnWithTheSession() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front one = front(upstream.url());
                Front two = front(upstream.url())) {
            Answer hello = one.agent("alice").initialize();
            Agent elsewhere = two.agent("alice");
            elsewhere.use(hello.session());
            assertThat(elsewhere.call("say").said()).contains("clientCapabilities\":{\"elicitation\":{}");
            Agent bob = two.agent("bob");
            bob.use(hello.session());
            assertThat(bob.call("say").status()).isEqualTo(404);
        }
    }

    @Test
    void aServerThatCannotBeReachedIsNoModernServer() throws Exception {
        try (Front front = front(URI.create("http://127.0.0.1:1/mcp"))) {
            Answer refused = front.agent("alice").initialize();
            assertThat(refused.status()).isEqualTo(200);
            assertThat(refused.text()).contains("cannot be reached");
            assertThat(refused.session()).isEmpty();
        }
    }

    @Test
    void aProcessThatSpeaksTheModernRevisionAloneServesLegacyClients() throws Exception {
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_SESSION, 4, Duration.ofMinutes(5), Duration.ofSeconds(30));
        ServerCommand command =
                ServerCommand.of("node", Front.fixture("modern.mjs").toString());
        try (Front front = Front.of(gateway -> gateway.command("files", command, options))) {
            for (String name : List.of("alice", "bob")) {
                Agent agent = front.agent(name);
                assertThat(agent.initialize()
                                .json()
                                .at("/result/serverInfo/name")
                                .asString())
                        .isEqualTo("modern");
                assertThat(agent.call("say").said()).contains("spiffe://demo.local/agent/" + name);
                assertThat(agent.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"own/x\"}")
                                .text())
                        .contains("-32601");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMessageThatNamesNoCallerReachesNoneOfSeveral(ProcessMode mode) throws Exception {
        ProcessOptions options = new ProcessOptions(mode, 4, Duration.ofMinutes(5), Duration.ofSeconds(30));
        ServerCommand command =
                ServerCommand.of("node", Front.fixture("modern.mjs").toString());
        try (Front front = Front.of(gateway -> gateway.command("files", command, options))) {
            Agent alice = front.agent("alice");
            alice.initialize();
            assertThat(alice.call("log").messages().stream().filter(message -> message.contains("logged")))
                    .hasSize(mode == ProcessMode.SHARED ? 0 : 1);
        }
    }
}
