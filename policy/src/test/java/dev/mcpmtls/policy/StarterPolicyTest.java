// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.caller;
import static dev.mcpmtls.policy.Asking.permits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Call;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StarterPolicyTest {

    private static final List<Call> EVERYTHING = List.of(
            Asking.tool("delete_all"),
            Asking.prompt("p"),
            Asking.resource("file:///a"),
            Asking.method("tasks/cancel"),
            new Call("echo", "resources/subscribe", "file:///a"));

    private final String text = StarterPolicy.text("corp.example");

    @Test
    void ourAgentsMayDoEverythingAndOthersNothing() {
        Policy policy = Policy.parse("policy.yaml", text);
        for (Call call : EVERYTHING) {
            assertThat(permits(policy, caller("spiffe://corp.example/agent/a"), call))
                    .isTrue();
            assertThat(permits(policy, caller("spiffe://corp.example/agent/a/b"), call))
                    .isTrue();
            assertThat(permits(policy, caller("spiffe://corp.example/server/a"), call))
                    .isFalse();
            assertThat(permits(policy, caller("spiffe://other.example/agent/a"), call))
                    .isFalse();
        }
        assertThat(policy.check(Inventory.ofServers(Set.of("weather")))).isEmpty();
    }

    @Test
    void theRulesInItsCommentsWork() {
        int comments = text.indexOf("  # - name");
        String uncommented =
                text.substring(0, comments) + text.substring(comments).replaceAll("(?m)^  # ?", "  ");
        Policy policy = Policy.parse("policy.yaml", uncommented);
        assertThat(policy.ruleNames()).hasSize(4);
        assertThat(policy.check(Inventory.unknown())).isEmpty();
        assertThat(permits(policy, caller("spiffe://partner.example/agent/a"), Asking.tool("getForecast")))
                .isTrue();
        assertThat(permits(policy, caller("spiffe://corp.example/agent/a"), Asking.tool("delete_all")))
                .isFalse();
    }
}
