// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.policy.FileAccessPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Access rules in front of a legacy server over standard streams, for clients of both eras. */
@Timeout(90)
class RulesIT {

    private static final String RULES = """
            rules:
              - {name: alice, peers: ["spiffe://demo.local/agent/alice"], methods: ["*"]}
              - name: bob
                peers: ["spiffe://demo.local/agent/bob"]
                servers: [files]
                tools: ["*_read", drop_all]
                prompts: [report]
                resources: ["file:///srv/docs/*"]
              - {name: small-orders, tools: [order], when: call.arguments.amount <= 100}
              - {name: no-drops, effect: deny, peers: ["spiffe://demo.local/agent/bob"], tools: ["drop_*"]}
              - {name: not-by-its-claim, servers: [echo-mcp], tools: ["*"]}
            """;

    @TempDir
    private Path directory;

    private Front front;

    private enum Era {
        LEGACY,
        MODERN
    }

    @BeforeEach
    void serve() throws IOException {
        FileAccessPolicy rules = FileAccessPolicy.load(Files.writeString(directory.resolve("policy.yaml"), RULES));
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture("offer.mjs").toString()),
                Map.of("RECEIVED", received().toString()),
                Set.of(),
                Optional.empty());
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_SESSION, 8, Duration.ofMinutes(5), Duration.ofSeconds(60));
        front = Front.of(
                gateway -> gateway.command("files", command, options),
                settings -> settings.name("files").accessPolicy(rules));
    }

    @AfterEach
    void close() {
        front.close();
    }

    private Path received() {
        return directory.resolve("received");
    }

    /** A client that makes requests of its era, in one session. */
    private final class Asking {

        private final Era era;
        private final Agent agent;

        Asking(Era era, String name) throws Exception {
            this.era = era;
            this.agent = front.agent(name);
            if (era == Era.LEGACY) {
                agent.initialize();
            }
        }

        Answer ask(String method, String name, String params) throws Exception {
            return era == Era.MODERN
                    ? agent.modern(method, name, params)
                    : agent.post(
                            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + params + "}}");
        }

        Answer call(String tool, String arguments) throws Exception {
            return ask("tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":" + arguments);
        }

        List<String> names(String method, String member, String key) throws Exception {
            Answer answer = ask(method, "", "");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            List<String> names = new ArrayList<>();
            answer.json()
                    .at("/result/" + member)
                    .forEach(one -> names.add(one.get(key).asString()));
            return names;
        }
    }

    private static void assertDenied(Answer answer, String rule) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(403);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(403);
        assertThat(answer.json().at("/error/data/rule").asString("")).isEqualTo(rule);
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void listsShowWhatTheCallerMayUse(Era era) throws Exception {
        Asking bob = new Asking(era, "bob");
        assertThat(bob.names("tools/list", "tools", "name")).containsExactly("b_read", "order", "a_read");
        assertThat(bob.names("prompts/list", "prompts", "name")).containsExactly("report");
        assertThat(bob.names("resources/list", "resources", "uri")).containsExactly("file:///srv/docs/a");
        assertThat(bob.names("resources/templates/list", "resourceTemplates", "uriTemplate"))
                .containsExactly("file:///srv/docs/{x}");

        Asking carol = new Asking(era, "carol");
        assertThat(carol.names("tools/list", "tools", "name")).containsExactly("order");
        assertThat(carol.names("prompts/list", "prompts", "name")).isEmpty();
        assertThat(carol.names("resources/list", "resources", "uri")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void aListKeepsItsTextButForWhatIsWithheld(Era era) throws Exception {
        assertThat(new Asking(era, "alice").ask("tools/list", "", "").text())
                .contains("\"big\":90071992547409931", "\"more\":1e2")
                .contains("\"tools\" :[ { \"weight\":1.0, \"name\":\"b_read\", \"e\":\"\\u00e9\\/\", \"inputSchema\":"
                        + "{\"type\":\"object\"}} , { \"weight\":1.0, \"name\":\"drop_all\"");
        assertThat(new Asking(era, "bob").ask("tools/list", "", "").text())
                .contains("\"big\":90071992547409931", "\"more\":1e2")
                .contains(
                        "{ \"weight\":1.0, \"name\":\"a_read\", \"e\":\"\\u00e9\\/\", \"inputSchema\":{\"type\":\"object\"}}")
                .doesNotContain("drop_all");
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void aDeniedCallNeverReachesTheServer(Era era) throws Exception {
        Asking bob = new Asking(era, "bob");
        String marked = "{\"mark\":\"must-not-arrive\"}";
        assertDenied(bob.call("drop_all", marked), "no-drops");
        assertDenied(bob.call("unheard_of", marked), "");
        assertDenied(bob.ask("prompts/get", "secret", "\"name\":\"secret\",\"arguments\":" + marked), "");
        assertDenied(bob.ask("resources/read", "file:///srv/keys/k", "\"uri\":\"file:///srv/keys/k\""), "");
        assertDenied(
                bob.ask("resources/read", "file:///srv/docs/../keys/k", "\"uri\":\"file:///srv/docs/../keys/k\""), "");
        assertDenied(
                bob.ask(
                        "completion/complete",
                        "",
                        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"secret\"},\"argument\":{\"name\":\"mark\",\"value\":\"must-not-arrive\"}"),
                "");

        assertThat(bob.call("a_read", "{\"n\":90071992547409931,\"f\":1.0,\"s\":\"\\u00e9\\/\"}")
                        .text())
                .contains("\"z\":1.0");
        assertThat(bob.ask("prompts/get", "report", "\"name\":\"report\"").status())
                .isEqualTo(200);
        assertThat(bob.ask("resources/read", "file:///srv/docs/a", "\"uri\":\"file:///srv/docs/a\"")
                        .status())
                .isEqualTo(200);
        assertThat(bob.ask(
                                "completion/complete",
                                "",
                                "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"report\"},\"argument\":{\"name\":\"n\",\"value\":\"v\"}")
                        .status())
                .isEqualTo(200);

        assertThat(Files.readString(received()))
                .contains("\"arguments\":{\"n\":90071992547409931,\"f\":1.0,\"s\":\"\\u00e9\\/\"}")
                .contains("file:///srv/docs/a", "ref/prompt")
                .doesNotContain("must-not-arrive", "drop_all", "unheard_of", "file:///srv/keys", "secret");
        assertThat(front.events())
                .anyMatch(event -> event instanceof AuditEvent.CallDecided decided
                        && decided.call().target().equals("drop_all")
                        && decided.decision().rule().equals(Optional.of("no-drops")));
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void argumentsDecide(Era era) throws Exception {
        Asking carol = new Asking(era, "carol");
        assertThat(carol.call("order", "{\"amount\":99.5}").status()).isEqualTo(200);
        assertDenied(carol.call("order", "{\"amount\":100.5}"), "");
        assertDenied(carol.call("order", "{}"), "");
        assertThat(Files.readString(received())).contains("99.5").doesNotContain("100.5");
    }

    @Test
    void aLegacySubscriptionIsDecidedAndHearsOnlyOfWhatTheCallerMayRead() throws Exception {
        Asking bob = new Asking(Era.LEGACY, "bob");
        assertDenied(bob.ask("resources/subscribe", "", "\"uri\":\"file:///srv/keys/k\""), "");
        assertThat(bob.ask("resources/subscribe", "", "\"uri\":\"file:///srv/docs/a\"")
                        .status())
                .isEqualTo(200);

        assertThat(bob.agent.listen().next()).contains("file:///srv/docs/a");
        assertThat(Files.readString(received())).doesNotContain("file:///srv/keys");
    }

    @Test
    void aModernSubscriptionHearsOnlyOfWhatTheCallerMayRead() throws Exception {
        Iterator<String> events = front.agent("bob").stream(
                Agent.modernBody(
                        "subscriptions/listen",
                        "\"notifications\":{\"resourceSubscriptions\":[\"file:///srv/keys/k\",\"file:///srv/docs/a\"]}"),
                Agent.modernHeaders("subscriptions/listen", ""));
        assertThat(events.next()).contains("acknowledged", "file:///srv/docs/a").doesNotContain("file:///srv/keys");
        assertThat(events.next()).contains("updated", "file:///srv/docs/a");
        assertThat(Files.readString(received())).doesNotContain("file:///srv/keys");
    }

    @Test
    void discoveryLeavesOutWhatIsWithheldAltogether() throws Exception {
        assertThat(capabilities("carol")).contains("tools").doesNotContain("prompts", "resources");
        assertThat(capabilities("bob")).contains("tools", "prompts", "resources");
    }

    private Collection<String> capabilities(String caller) throws Exception {
        return front.agent(caller)
                .modern("server/discover", "", "")
                .json()
                .at("/result/capabilities")
                .propertyNames();
    }
}
