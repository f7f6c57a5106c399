// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.COORDINATOR;
import static dev.mcpmtls.policy.Asking.caller;
import static dev.mcpmtls.policy.Asking.decide;
import static dev.mcpmtls.policy.Asking.lists;
import static dev.mcpmtls.policy.Asking.method;
import static dev.mcpmtls.policy.Asking.permits;
import static dev.mcpmtls.policy.Asking.policy;
import static dev.mcpmtls.policy.Asking.prompt;
import static dev.mcpmtls.policy.Asking.resource;
import static dev.mcpmtls.policy.Asking.tool;
import static dev.mcpmtls.policy.Asking.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.trust.Assurance;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {

    private static final String PIN = "pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private final Policy example = policy(
            "default: deny",
            "mode: enforce",
            "rules:",
            "  - name: agents-read-weather",
            "    peers: [\"spiffe://demo.local/agent/*\"]",
            "    servers: [weather-mcp]",
            "    tools: [\"get*\", \"delete_cache\"]",
            "    rate: 60/min",
            "  - name: short-echoes-for-chatgpt",
            "    peers: [\"dns:mtls.prod.connectors.openai.com\"]",
            "    tools: [echo]",
            "    when: size(string(call.arguments.text)) <= 1000 && peer.assurance == \"VERIFIED\"",
            "  - name: no-deletes",
            "    effect: deny",
            "    tools: [\"delete*\", \"*_delete\"]");

    @Test
    void aPermitDecides() {
        assertThat(verdict(example, tool("getForecast"))).isEqualTo("permit agents-read-weather");
    }

    @Test
    void aDenyWinsOverAPermitThatComesFirst() {
        assertThat(verdict(example, tool("delete_cache"))).isEqualTo("deny no-deletes");
        assertThat(((Decision.Deny) decide(example, COORDINATOR, tool("delete_cache"))).why())
                .isEqualTo("rule 'no-deletes' denies it");
    }

    @Test
    void theDefaultDecidesWhenNoRuleDoes() {
        assertThat(verdict(example, tool("setForecast"))).isEqualTo("deny");
        assertThat(verdict(example, caller("spiffe://demo.local/server/weather"), tool("getForecast")))
                .isEqualTo("deny");
        assertThat(((Decision.Deny) decide(example, COORDINATOR, tool("setForecast"))).why())
                .isEqualTo("no rule permits it");
        Policy open = policy("default: permit", "rules: [{name: no, effect: deny, tools: x}]");
        assertThat(verdict(open, tool("y"))).isEqualTo("permit");
        assertThat(verdict(open, tool("x"))).isEqualTo("deny no");
    }

    @Test
    void aServerGoesByItsEntryAndByItsMcpName() {
        for (String server : new String[] {"weather", "weather-mcp", "w*"}) {
            Policy policy = policy("rules: [{name: r, servers: '" + server + "', tools: '*'}]");
            assertThat(permits(policy, tool("x"))).as(server).isTrue();
            assertThat(permits(policy, new Call("echo-mcp", "tools/call", "x").at("echo")))
                    .as(server)
                    .isFalse();
        }
        Policy ours = policy("rules: [{name: r, servers: weather-mcp, tools: '*'}]");
        assertThat(permits(ours, new Call("files", "tools/call", "x").at("files")))
                .isFalse();
    }

    @Test
    void selectorsInOneRuleAreAlternatives() {
        Policy policy = policy("rules: [{name: r, tools: t, prompts: p, resources: 'a://*', methods: [tasks/get]}]");
        assertThat(permits(policy, tool("t"))).isTrue();
        assertThat(permits(policy, prompt("p"))).isTrue();
        assertThat(permits(policy, resource("a://r"))).isTrue();
        assertThat(permits(policy, method("tasks/get"))).isTrue();
        assertThat(permits(policy, tool("p"))).isFalse();
        assertThat(permits(policy, prompt("t"))).isFalse();
        assertThat(permits(policy, resource("t"))).isFalse();
        assertThat(permits(policy, method("tasks/cancel"))).isFalse();
    }

    @Test
    void aMethodPermitsEverythingItReaches() {
        assertThat(permits(policy("rules: [{name: r, methods: [tools/call]}]"), tool("x")))
                .isTrue();
        assertThat(permits(policy("rules: [{name: r, methods: [tools/call]}]"), prompt("x")))
                .isFalse();
        assertThat(permits(policy("rules: [{name: r, methods: '*'}]"), resource("a://b")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping",
                "server/discover",
                "tools/list",
                "prompts/list",
                "resources/list",
                "resources/templates/list",
                "tasks/list",
                "logging/setLevel",
                "subscriptions/listen"
            })
    void everyAcceptedPeerMayAskWhatThereIs(String method) {
        assertThat(verdict(policy("rules: [{name: r, tools: x}]"), method(method)))
                .isEqualTo("permit");
        assertThat(verdict(policy("rules: [{name: r, effect: deny, methods: '" + method + "'}]"), method(method)))
                .isEqualTo("deny r");
        assertThat(verdict(policy("rules: [{name: r, effect: deny, tools: '*'}]"), method(method)))
                .isEqualTo("permit");
    }

    @Test
    void initializeIsNeverDecided() {
        assertThat(verdict(policy("rules: [{name: r, effect: deny, methods: '*'}]"), method("initialize")))
                .isEqualTo("permit");
        assertThat(verdict(policy("rules: [{name: r, effect: deny, methods: '*'}]"), method("ping")))
                .isEqualTo("deny r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"resources/subscribe", "resources/unsubscribe"})
    void aSubscriptionIsDecidedAsItsResource(String method) {
        Call subscribe = new Call("weather-mcp", method, "file:///srv/a");
        assertThat(permits(policy("rules: [{name: r, resources: 'file:///srv/*'}]"), subscribe))
                .isTrue();
        assertThat(permits(policy("rules: [{name: r, resources: 'file:///etc/*'}]"), subscribe))
                .isFalse();
        assertThat(permits(policy("rules: [{name: r, methods: [resources/read]}]"), subscribe))
                .isTrue();
        assertThat(permits(policy("rules: [{name: r, methods: [" + method + "]}]"), subscribe))
                .isFalse();
        assertThat(verdict(
                        policy("default: permit", "rules: [{name: r, effect: deny, methods: ['" + method + "']}]"),
                        subscribe))
                .isEqualTo("deny r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks/get", "tasks/update", "tasks/cancel"})
    void aTaskIsDecidedAsTheToolThatMadeItAndCountsAgainstNoRate(String method) {
        Call about = new Call("weather-mcp", method, "index").about(Subject.TOOL);
        Policy rated = policy("rules: [{name: r, tools: [index], rate: 1/min}]");
        Policy.Meter empty = (rule, rate, caller) -> Optional.of(Duration.ofSeconds(60));

        assertThat(permits(rated, about)).isTrue();
        assertThat(permits(rated, new Call("weather-mcp", method, "other").about(Subject.TOOL)))
                .isFalse();
        assertThat(permits(policy("rules: [{name: r, methods: [" + method + "]}]"), about))
                .isFalse();
        assertThat(verdict(
                        policy("default: permit", "rules: [{name: r, effect: deny, methods: ['" + method + "']}]"),
                        about))
                .isEqualTo("deny r");
        assertThat(decide(rated, COORDINATOR, about, empty)).isInstanceOf(Decision.Permit.class);
        assertThat(decide(rated, COORDINATOR, tool("index"), empty)).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void aCompletionIsDecidedAsWhatItIsAbout() {
        Call about = new Call("weather-mcp", "completion/complete", "a:b");
        Policy prompts = policy("rules: [{name: r, prompts: '*'}]");
        Policy resources = policy("rules: [{name: r, resources: '**'}]");
        assertThat(permits(prompts, about.about(Subject.PROMPT))).isTrue();
        assertThat(permits(prompts, about.about(Subject.RESOURCE))).isFalse();
        assertThat(permits(resources, about.about(Subject.RESOURCE))).isTrue();
        assertThat(permits(resources, about.about(Subject.PROMPT))).isFalse();
        assertThat(permits(policy("rules: [{name: r, methods: [completion/complete]}]"), about.about(Subject.PROMPT)))
                .isFalse();
        assertThat(verdict(
                        policy("rules: [{name: p, prompts: '*'}, {name: d, effect: deny, methods: [completion/*]}]"),
                        about.about(Subject.PROMPT)))
                .isEqualTo("deny d");
    }

    @Test
    void aDenyMeetsEveryNameOfAPeer() {
        Policy policy = policy(
                "default: permit",
                "rules:",
                "  - {name: by-dns, effect: deny, peers: ['dns:*.evil.example'], tools: a}",
                "  - {name: by-pin, effect: deny, peers: ['" + PIN + "'], tools: b}");
        String spiffe = "spiffe://demo.local/agent/x";
        assertThat(verdict(policy, caller(spiffe + " dns:a.evil.example"), tool("a")))
                .isEqualTo("deny by-dns");
        assertThat(verdict(policy, caller(spiffe + " " + PIN), tool("b"))).isEqualTo("deny by-pin");
        assertThat(verdict(policy, caller(spiffe), tool("a"))).isEqualTo("permit");
        assertThat(verdict(policy, caller(spiffe + " dns:a.evil.example", Assurance.CLAIMED), tool("a")))
                .isEqualTo("deny by-dns");
    }

    @Test
    void aPermitTakesAnyNameThatIsVouchedFor() {
        Policy policy = policy("rules: [{name: r, peers: ['ip:10.0.0.0/8'], tools: a}]");
        assertThat(permits(policy, caller("spiffe://demo.local/a dns:b ip:10.1.1.1"), tool("a")))
                .isTrue();
        assertThat(permits(policy, caller("spiffe://demo.local/a dns:b ip:11.1.1.1"), tool("a")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLAIMED", "PINNED"})
    void nothingVouchesForTheNamesOfOthers(Assurance assurance) {
        String names = "spiffe://demo.local/agent/x " + PIN;
        Policy byName = policy("rules: [{name: r, peers: ['spiffe://demo.local/**'], tools: a}]");
        Policy byPin = policy("rules: [{name: r, peers: ['" + PIN + "'], tools: a}]");
        Policy claimed = policy("rules: [{name: r, peers: ['spiffe://demo.local/**'], tools: a, assurance: claimed}]");
        Policy all = policy("rules: [{name: r, tools: a}]");
        assertThat(permits(byName, caller(names, assurance), tool("a"))).isFalse();
        assertThat(permits(byName, caller(names, Assurance.VERIFIED), tool("a")))
                .isTrue();
        assertThat(permits(byPin, caller(names, assurance), tool("a"))).isTrue();
        assertThat(permits(claimed, caller(names, assurance), tool("a"))).isTrue();
        assertThat(permits(all, caller(names, assurance), tool("a"))).isTrue();
    }

    @Test
    void absentArgumentsAreAnEmptyMap() {
        Policy policy = policy("rules:", "  - {name: r, tools: a, when: size(call.arguments) == 0}");
        assertThat(permits(policy, tool("a"))).isTrue();
        assertThat(permits(policy, tool("a", Map.of("x", 1)))).isFalse();
    }

    @Test
    void anErrorKeepsAPermitFromMatchingAndADenyFromNotMatching() {
        Policy permit = policy("rules:", "  - {name: r, tools: a, when: call.arguments.x == 1}");
        Policy deny = policy(
                "default: permit", "rules:", "  - {name: r, effect: deny, tools: a, when: call.arguments.x == 1}");
        assertThat(verdict(permit, tool("a", Map.of("x", 1)))).isEqualTo("permit r");
        assertThat(verdict(permit, tool("a"))).isEqualTo("deny");
        assertThat(decide(permit, COORDINATOR, tool("a")).failed()).containsExactly("r");
        assertThat(verdict(deny, tool("a", Map.of("x", 2)))).isEqualTo("permit");
        assertThat(verdict(deny, tool("a"))).isEqualTo("deny r");
        assertThat(decide(deny, COORDINATOR, tool("a")).failed()).containsExactly("r");
    }

    @Test
    void aConditionThatIsNoBoolIsAnError() {
        Policy permit = policy("rules:", "  - {name: r, tools: a, when: call.arguments.x}");
        Policy deny =
                policy("default: permit", "rules:", "  - {name: r, effect: deny, tools: a, when: call.arguments.x}");
        assertThat(verdict(permit, tool("a", Map.of("x", true)))).isEqualTo("permit r");
        assertThat(verdict(permit, tool("a", Map.of("x", "true")))).isEqualTo("deny");
        assertThat(verdict(deny, tool("a", Map.of("x", false)))).isEqualTo("permit");
        assertThat(verdict(deny, tool("a", Map.of("x", 0)))).isEqualTo("deny r");
    }

    @Test
    void aToolIsListedWhenSomeArgumentsWouldBePermitted() {
        Policy policy =
                policy("rules:", "  - {name: r, tools: [a, b], when: call.tool == 'a' && call.arguments.x == 1}");
        assertThat(lists(policy, tool("a"))).isTrue();
        assertThat(permits(policy, tool("a"))).isFalse();
        assertThat(lists(policy, tool("b"))).as("a definite false").isFalse();
        assertThat(lists(policy, prompt("a"))).isFalse();
    }

    @Test
    void aToolIsHiddenOnlyByADenyForAllArguments() {
        Policy policy = policy(
                "default: permit",
                "rules:",
                "  - {name: some, effect: deny, tools: a, when: call.arguments.x == 1}",
                "  - {name: all, effect: deny, tools: b}",
                "  - {name: sure, effect: deny, tools: c, when: peer.assurance == 'VERIFIED' || call.arguments.x =="
                        + " 1}");
        assertThat(lists(policy, tool("a"))).isTrue();
        assertThat(lists(policy, tool("b"))).isFalse();
        assertThat(lists(policy, tool("c"))).isFalse();
        assertThat(lists(policy, tool("d"))).isTrue();
    }

    @Test
    void aListAgreesWithCallsOnWhatHasNoArguments() {
        Policy policy = policy(
                "rules:",
                "  - {name: r, resources: '**', when: call.arguments.x == 1}",
                "  - {name: s, prompts: '*', when: call.arguments.x == '1'}");
        assertThat(lists(policy, resource("a://b"))).isFalse();
        assertThat(permits(policy, resource("a://b"))).isFalse();
        assertThat(lists(policy, prompt("p"))).isTrue();
        assertThat(permits(policy, prompt("p").with(() -> Map.of("x", "1")))).isTrue();
    }

    @Test
    void aTemplateIsListedWhenSomeResourceIsPermitted() {
        Policy policy = policy(
                "rules:",
                "  - {name: r, resources: 'file:///srv/*'}",
                "  - {name: s, resources: 'db://**', when: call.target.startsWith('db://users/')}",
                "  - {name: t, effect: deny, resources: ['file:///srv/secret', 'file:///srv/x/**']}");
        assertThat(lists(policy, template("file:///srv/{name}"))).isTrue();
        assertThat(lists(policy, template("file:///etc/{name}"))).isFalse();
        assertThat(lists(policy, template("file:///srv/x/{name}"))).isFalse();
        assertThat(lists(policy, template("db://{table}/{id}"))).isTrue();
    }

    private static Call template(String template) {
        return new Call("weather-mcp", "resources/read", template).about(Subject.TEMPLATE);
    }

    @Test
    void inShadowModeEverythingIsPermittedAndListed() {
        Policy policy =
                policy("mode: shadow", "rules:", "  - {name: p, tools: a}", "  - {name: d, effect: deny, tools: b}");
        assertThat(decide(policy, COORDINATOR, tool("a")))
                .isEqualTo(new Decision.Permit(Optional.of("p"), Optional.empty(), java.util.List.of()));
        Decision.Permit permit = (Decision.Permit) decide(policy, COORDINATOR, tool("b"));
        assertThat(permit.rule()).contains("d");
        assertThat(permit.would().orElseThrow().why()).isEqualTo("rule 'd' denies it");
        assertThat(((Decision.Permit) decide(policy, COORDINATOR, tool("c")))
                        .would()
                        .orElseThrow()
                        .rule())
                .isEmpty();
        assertThat(lists(policy, tool("b"))).isTrue();
        assertThat(lists(policy, tool("c"))).isTrue();
    }

    @Test
    void aHugeNameIsDeniedUnseen() {
        Policy open = policy("default: permit", "rules: [{name: r, effect: deny, tools: x}]");
        assertThat(permits(open, tool("a".repeat(4096)))).isTrue();
        assertThat(permits(open, tool("a".repeat(4097)))).isFalse();
    }

    @Test
    void theArgumentsAreNotReadWhenNoRuleAsksForThem() {
        Call call = tool("getForecast").with(() -> {
            throw new AssertionError("read");
        });
        assertThat(verdict(example, call)).isEqualTo("permit agents-read-weather");
    }
}
