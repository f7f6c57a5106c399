// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.COORDINATOR;
import static dev.mcpmtls.policy.Asking.caller;
import static dev.mcpmtls.policy.Asking.method;
import static dev.mcpmtls.policy.Asking.policy;
import static dev.mcpmtls.policy.Asking.resource;
import static dev.mcpmtls.policy.Asking.tool;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.trust.Assurance;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExplanationTest {

    @Test
    void saysWhatEnforcingWouldDo() {
        Policy policy =
                policy("mode: shadow", "rules:", "  - {name: p, tools: a}", "  - {name: d, effect: deny, tools: b}");
        Explanation explanation = policy.explain(COORDINATOR, tool("b"), Asking.NOW);
        assertThat(explanation.decision()).isInstanceOf(Decision.Permit.class);
        assertThat(explanation.enforced()).isInstanceOf(Decision.Deny.class);
        assertThat(explanation.considered())
                .extracting(Explanation.Considered::matches)
                .containsExactly(false, true);
    }

    @Test
    void saysWhyEachRuleDoesNotMatch() {
        Policy policy = policy(
                "rules:",
                "  - {name: peers, peers: 'dns:*', tools: a}",
                "  - {name: servers, servers: echo, tools: a}",
                "  - {name: tools, tools: b}",
                "  - {name: no-tools, prompts: b}",
                "  - {name: when, tools: a, when: call.arguments.x == 2}",
                "  - {name: failed, tools: a, when: call.arguments.y == 2}",
                "  - {name: decides, tools: a}",
                "  - {name: late, tools: a}");
        assertThat(policy.explain(COORDINATOR, tool("a", Map.of("x", 1)), Asking.NOW)
                        .considered())
                .extracting(Explanation.Considered::why)
                .containsExactly(
                        "peers: none matches spiffe://demo.local/agent/coordinator",
                        "servers: none matches weather",
                        "tools: none matches a",
                        "it has no tools",
                        "when: it is false",
                        "when: it failed, because a value that it reads is missing",
                        "it matches and decides",
                        "it matches, but 'decides' decides");
    }

    @Test
    void namesTheTraps() {
        Policy claimed = policy("rules: [{name: r, peers: ['spiffe://demo.local/**'], tools: a}]");
        assertThat(why(claimed, caller("spiffe://demo.local/x", Assurance.CLAIMED), tool("a")))
                .contains("nothing vouches for spiffe://demo.local/x (CLAIMED)");
        assertThat(why(policy("rules: [{name: r, resources: '**'}]"), COORDINATOR, resource("a://b/../c")))
                .contains("a wildcard permits no URI with a dot segment");
        assertThat(why(policy("rules: [{name: r, methods: [initialize]}]"), COORDINATOR, method("initialize")))
                .isEqualTo("no rule decides initialize");
    }

    private static String why(Policy policy, dev.mcpmtls.authz.Caller caller, Call call) {
        return policy.explain(caller, call, Asking.NOW).considered().get(0).why();
    }
}
