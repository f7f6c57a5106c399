// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.policy.condition.Facts;
import dev.mcpmtls.trust.Assurance;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Policies and questions in few words. */
final class Asking {

    static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    static final Caller COORDINATOR = caller("spiffe://demo.local/agent/coordinator");

    private Asking() {}

    static Policy policy(String... lines) {
        return Policy.parse("policy.yaml", String.join("\n", lines));
    }

    static Caller caller(String names) {
        return Callers.named(names, Optional.empty());
    }

    static Caller caller(String names, Assurance assurance) {
        return Callers.named(names, Optional.of(assurance));
    }

    static Call tool(String name) {
        return new Call("weather-mcp", "tools/call", name).at("weather");
    }

    static Call tool(String name, Map<String, Object> arguments) {
        return tool(name).with(() -> arguments);
    }

    static Call prompt(String name) {
        return new Call("weather-mcp", "prompts/get", name).at("weather");
    }

    static Call resource(String uri) {
        return new Call("weather-mcp", "resources/read", uri).at("weather");
    }

    static Call method(String method) {
        return new Call("weather-mcp", method, "").at("weather");
    }

    static Decision decide(Policy policy, Caller caller, Call call) {
        return decide(policy, caller, call, Policy.Meter.NONE);
    }

    static Decision decide(Policy policy, Caller caller, Call call, Policy.Meter meter) {
        return policy.decide(policy.candidates(caller, call), Facts.calling(caller, call, NOW), meter);
    }

    static boolean permits(Policy policy, Caller caller, Call call) {
        return decide(policy, caller, call) instanceof Decision.Permit;
    }

    static boolean permits(Policy policy, Call call) {
        return permits(policy, COORDINATOR, call);
    }

    static boolean lists(Policy policy, Caller caller, Call call) {
        return policy.lists(policy.candidates(caller, call), Facts.listing(caller, call, NOW));
    }

    static boolean lists(Policy policy, Call call) {
        return lists(policy, COORDINATOR, call);
    }

    /** {@code permit RULE}, {@code deny RULE}, or the word alone when no rule decided. */
    static String verdict(Policy policy, Caller caller, Call call) {
        Decision decision = decide(policy, caller, call);
        String word = decision instanceof Decision.Permit ? "permit" : "deny";
        return decision.rule().map(rule -> word + " " + rule).orElse(word);
    }

    static String verdict(Policy policy, Call call) {
        return verdict(policy, COORDINATOR, call);
    }

    static List<String> problems(String... lines) {
        try {
            policy(lines);
            return List.of();
        } catch (BadPolicyException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }

    static List<String> warnings(Inventory inventory, String... lines) {
        return policy(lines).check(inventory).stream().map(Problem::toString).toList();
    }
}
