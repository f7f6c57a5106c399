// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.combine.CombinedBackend;
import dev.mcpmtls.gateway.process.ServerCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One client, or one failure, does not keep a server from the others. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CrowdIT {

    private static final String INITIALIZE = """
        {"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25",\
        "capabilities":{},"clientInfo":{"name":"agent","version":"1"}}}\
        """;

    @Test
    void anIdentityWhoseProcessesAllStartLeavesHalfOfThemToOthers() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 4, Map.of("DEAF_TO", "/mallory"))) {
            List<CompletableFuture<Answer>> starting = new ArrayList<>();
            for (int session = 0; session < 4; session++) {
                starting.add(front.agent("mallory").postAsync(INITIALIZE));
            }
            assertThat(Front.comesTrue(() ->
                            starting.stream().filter(CompletableFuture::isDone).count() == 2))
                    .isTrue();
            assertThat(starting.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join))
                    .allMatch(answer -> answer.json().at("/error/code").asInt() == 503)
                    .allMatch(answer -> answer.text().contains("for you as one identity may have"));
            for (int session = 0; session < 2; session++) {
                Agent bob = front.agent("bob");
                assertThat(bob.initialize().json().has("result")).isTrue();
                assertThat(bob.call("pid").json().has("result")).isTrue();
            }
            assertThat(front.condition()).startsWith("4 of at most 4");
            starting.forEach(one -> one.cancel(true));
        }
    }

    @Test
    void anIdentityMayHaveTheOnlyProcessAndAllThatAreShared() throws Exception {
        for (ProcessMode mode : List.of(ProcessMode.PER_SESSION, ProcessMode.SHARED)) {
            try (Front front = Front.command(mode, 1, Map.of())) {
                Agent alice = front.agent("alice");
                alice.initialize();
                assertThat(alice.call("pid").json().has("result")).isTrue();
            }
        }
    }

    @Test
    void anIdleIdentityDoesNotKeepTheOnlyProcessEvenThoughItListens() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 1, Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            alice.post(
                    "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"file:///a\"}}");
            assertThat(alice.listen().next()).contains("resources/updated");
            String first = alice.call("pid").said();

            assertThat(front.agent("bob").modernCall("pid", "").said()).isNotEqualTo(first);
            assertThat(alice.call("state").json().at("/error/data/subscribed/0").asString())
                    .isEqualTo("file:///a");
        }
    }

    @Test
    void aSubscriptionAtAModernServerGivesWayAndIsThereAgainWithTheNextCall() throws Exception {
        ServerCommand command =
                ServerCommand.of("node", Front.fixture("modern.mjs").toString());
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_IDENTITY, 1, Duration.ofMinutes(5), Duration.ofSeconds(30));
        try (Front front = Front.of(gateway -> gateway.command("files", command, options))) {
            Agent alice = front.agent("alice");
            Iterator<String> events = listening(alice);
            assertThat(alice.modernCall("say", "").said()).contains("/alice");
            assertThat(front.agent("bob").modernCall("say", "").said()).contains("/bob");

            assertThat(alice.modernCall("say", "").said()).contains("/alice");
            assertThat(events.next()).contains("notifications/tools/list_changed");
        }
    }

    @Test
    void aSubscriptionAtAModernServerOutlivesItsCrash() throws Exception {
        ServerCommand command =
                ServerCommand.of("node", Front.fixture("modern.mjs").toString());
        try (Front front = Front.of(gateway -> gateway.command("files", command, ProcessOptions.defaults()))) {
            Agent alice = front.agent("alice");
            Iterator<String> events = listening(alice);
            assertThat(alice.modernCall("crash", "").text()).contains("may have run");
            assertThat(events.next()).contains("notifications/tools/list_changed");
        }
    }

    private static Iterator<String> listening(Agent agent) throws Exception {
        agent.modern("server/discover", "", "");
        Iterator<String> events = agent.stream(
                Agent.modernBody("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"),
                Agent.modernHeaders("subscriptions/listen", ""));
        assertThat(events.next()).contains("acknowledged");
        assertThat(events.next())
                .as("the subscription at the server stands")
                .contains("notifications/tools/list_changed");
        return events;
    }

    @Test
    void aQuestionBeyondTheMostThatAClientMayLeaveIsRefusedToItsServer() throws Exception {
        ServerCommand command =
                ServerCommand.of("node", Front.fixture("server.mjs").toString());
        try (Front front = Front.of(gateway -> new CombinedBackend(
                "all", Map.of("fix", gateway.command("fix", command, ProcessOptions.defaults()))))) {
            Agent alice = front.agent("alice");
            alice.initialize();
            List<String> messages = alice.call("fix__flood").messages();
            assertThat(messages).hasSize(1_001); // the last is the answer
            assertThat(messages.subList(0, 1_000)).allMatch(message -> message.contains("elicitation/create"));
            assertThat(messages.get(1_000)).contains("left too many questions without an answer");
            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"fix/1001\",\"result\":{}}")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void aStartThatFailsInAnUnforeseenWayIsAnErrorAtOnceAndKeepsNoPlace() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 1, Map.of("NOT=A=NAME", "1"))) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThat(front.agent("alice")
                                .initialize()
                                .json()
                                .at("/error/message")
                                .asString())
                        .isEqualTo("the server files cannot be opened; the gateway's log says why");
                assertThat(front.agent("bob")
                                .modernCall("pid", "")
                                .json()
                                .at("/error/message")
                                .asString())
                        .isEqualTo("the server files cannot be opened; the gateway's log says why");
            }
            assertThat(front.condition()).startsWith("0 of at most 1");
        }
    }
}
