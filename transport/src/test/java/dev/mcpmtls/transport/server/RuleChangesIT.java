// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.policy.FileAccessPolicy;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Clients that listen hear of lists, of resources and of changes of the access rules, as far as they may. */
@Timeout(60)
class RuleChangesIT extends RuledServer {

    @Test
    void aSubscriptionIsDecidedAsItsResource() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        String session = bob.initialize();
        String subscribe =
                "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"%s\"}}";

        assertThat(bob.send(bob.legacy(session, subscribe.formatted(1, "file:///srv/docs/a")))
                        .status())
                .isEqualTo(200);
        assertThat(bob.send(bob.legacy(session, subscribe.formatted(2, "file:///srv/docs/secret")))
                        .status())
                .isEqualTo(403);
        Iterator<String> stream = lines(
                bob,
                bob.modern(
                        "subscriptions/listen",
                        "",
                        "\"notifications\":{\"resourceSubscriptions\":[\"file:///srv/docs/a\",\"file:///srv/docs/secret\"]}"));
        assertThat(stream.next()).contains("file:///srv/docs/a").doesNotContain("secret");
        assertThat(events)
                .filteredOn(event -> event instanceof AuditEvent.CallDecided decided
                        && decided.call().method().equals("resources/subscribe")
                        && decided.decision() instanceof Decision.Deny)
                .hasSize(2);
    }

    @Test
    void discoveryLeavesOutACapabilityOfWhichEverythingIsWithheld() throws Exception {
        serve(BOTH);

        JsonNode carols = ask(Era.MODERN, agent("carol"), "server/discover", "", "")
                .json()
                .at("/result/capabilities");
        JsonNode bobs =
                ask(Era.MODERN, agent("bob"), "server/discover", "", "").json().at("/result/capabilities");

        assertThat(carols.propertyNames()).containsExactly("tools");
        assertThat(bobs.propertyNames()).containsExactlyInAnyOrder("tools", "prompts", "resources", "completions");
        assertThat(carols.at("/tools/listChanged").asBoolean()).isTrue();
        assertThat(ask(Era.MODERN, agent("carol"), "prompts/get", "report", "\"name\":\"report\"")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void newRulesReachLiveSessionsAndThoseWhoseListChangedLearnOfIt() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        Agent carol = agent("carol");
        String session = bob.initialize();
        BlockingQueue<String> bobs = heard(
                bob,
                bob.request("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25")
                        .GET());
        BlockingQueue<String> bobsModern = heard(bob, listening(bob));
        BlockingQueue<String> carols = heard(carol, listening(carol));
        assertThat(bobsModern.poll(20, TimeUnit.SECONDS)).contains("acknowledged", "toolsListChanged");
        assertThat(carols.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
        assertThat(Station.comesTrue(Duration.ofSeconds(20), () -> running.openSessions() == 1))
                .isTrue();

        Files.writeString(directory.resolve("policy.yaml"), BOTH.replace("\"*_read\", \"d_*\"", "d_echo"));
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Replaced.class);

        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("notifications/tools/list_changed");
        assertThat(bobsModern.poll(20, TimeUnit.SECONDS)).contains("notifications/tools/list_changed");
        assertThat(bob.send(bob.legacy(session, Agent.call(7, "a_read"))).status())
                .isEqualTo(403);
        assertThat(tools(Era.MODERN, bob)).containsExactly("d_echo", "e_order");

        Files.writeString(directory.resolve("policy.yaml"), BOTH.replace("tools: [e_order]", "tools: [nothing]"));
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Replaced.class);
        assertThat(carols.poll(20, TimeUnit.SECONDS))
                .as("her list changed for the first time")
                .contains("notifications/tools/list_changed");
        assertThat(carols).isEmpty();

        Files.writeString(directory.resolve("policy.yaml"), "rules: [");
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Kept.class);
        assertThat(call(Era.MODERN, bob, "a_read", "").status()).isEqualTo(200);
    }

    @Test
    void aChangeOfTheBackendsReachesThoseWhoSeeIt() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        Agent carol = agent("carol");
        BlockingQueue<String> bobs = heard(bob, listening(bob));
        BlockingQueue<String> carols = heard(carol, listening(carol));
        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
        assertThat(carols.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
        running.tellAll("notifications/tools/list_changed", null).block(); // both have seen the list from now on
        assertThat(bobs.poll(2, TimeUnit.SECONDS))
                .satisfiesAnyOf(
                        line -> assertThat(line).isNull(),
                        line -> assertThat(line).contains("list_changed"));
        carols.poll(2, TimeUnit.SECONDS);

        backend.tools.add("f_read");
        running.tellAll("notifications/tools/list_changed", null).block();

        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("notifications/tools/list_changed");
        assertThat(carols).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void aSubscriptionEndsWithThePermit(Era era) throws Exception {
        serve(BOTH);
        BlockingQueue<String> bobs = subscribed(era, agent("bob"));
        BlockingQueue<String> alices = subscribed(era, agent("alice"));
        Map<String, Object> updated = Map.of("uri", "file:///srv/docs/a");
        running.tellAll("notifications/resources/updated", updated).block();
        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("resources/updated");
        assertThat(alices.poll(20, TimeUnit.SECONDS)).contains("resources/updated");

        Files.writeString(directory.resolve("policy.yaml"), BOTH.replace("file:///srv/docs/*", "file:///srv/other/*"));
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Replaced.class);
        running.tellAll("notifications/resources/updated", updated).block();

        assertThat(alices.poll(20, TimeUnit.SECONDS)).contains("resources/updated");
        assertThat(bobs).noneMatch(heard -> heard.contains("resources/updated"));
        assertThat(read(era, agent("bob"), "file:///srv/docs/a").status()).isEqualTo(403);
    }

    /** The messages that follow a subscription to one resource. */
    private BlockingQueue<String> subscribed(Era era, Agent agent) throws Exception {
        if (era == Era.MODERN) {
            BlockingQueue<String> heard = heard(
                    agent,
                    agent.modern(
                            "subscriptions/listen",
                            "",
                            "\"notifications\":{\"resourceSubscriptions\":[\"file:///srv/docs/a\"]}"));
            assertThat(heard.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
            return heard;
        }
        int open = running.openSessions();
        String session = agent.initialize();
        BlockingQueue<String> heard = heard(
                agent,
                agent.request("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25")
                        .GET());
        String subscribe =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"file:///srv/docs/a\"}}";
        assertThat(agent.send(agent.legacy(session, subscribe)).status()).isEqualTo(200);
        assertThat(Station.comesTrue(Duration.ofSeconds(20), () -> running.openSessions() == open + 1))
                .isTrue();
        return heard;
    }
}
