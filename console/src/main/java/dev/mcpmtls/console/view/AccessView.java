// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.console.source.RulesSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.tally.CallOutcome;
import dev.mcpmtls.console.tally.RuleUse;
import dev.mcpmtls.policy.Inventory;
import dev.mcpmtls.policy.Policy;
import dev.mcpmtls.policy.Problem;
import dev.mcpmtls.policy.RuleText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The access rules in force, and how often each decided. */
public final class AccessView {

    private final Sources sources;

    /** A view of these sources. */
    public AccessView(Sources sources) {
        this.sources = sources;
    }

    /** The answer. */
    public Map<String, Object> all() {
        RulesSource rules = sources.rules();
        Members view = new Members()
                .put("mode", rules.mode())
                .put("summary", rules.summary().get())
                .put("since", sources.startedAt());
        if (!rules.policy().isAbsent()) {
            Policy policy = rules.policy().policy();
            view.put("default", policy.fallback().name().toLowerCase(Locale.ROOT))
                    .put("file", rules.policy().file().toString())
                    .put("rules", policy.ruleTexts().stream().map(this::rule).toList())
                    .put(
                            "neverMatched",
                            policy.ruleNames().stream()
                                    .filter(name -> sources.tally().rule(name).isEmpty())
                                    .toList())
                    .put(
                            "warnings",
                            policy.check(Inventory.ofServers(rules.servers())).stream()
                                    .map(Problem::toString)
                                    .toList())
                    .put("broken", rules.policy().broken().map(Throwable::getMessage));
        }
        return view.put(
                        "byDefault",
                        counts(new Members(), sources.tally().byDefault()).asMap())
                .asMap();
    }

    private Map<String, Object> rule(RuleText rule) {
        Members view = new Members()
                .put("name", rule.name())
                .put("effect", rule.effect().name().toLowerCase(Locale.ROOT))
                .put("line", rule.line())
                .put("peers", rule.peers())
                .put("servers", rule.servers())
                .put("tools", rule.tools())
                .put("prompts", rule.prompts())
                .put("resources", rule.resources())
                .put("methods", rule.methods())
                .put("when", rule.when())
                .put("rate", rule.rate());
        return counts(view, sources.tally().rule(rule.name())).asMap();
    }

    private static Members counts(Members view, Optional<RuleUse> use) {
        return view.put("permitted", count(use, CallOutcome.PERMITTED))
                .put("denied", count(use, CallOutcome.DENIED))
                .put("rateLimited", count(use, CallOutcome.RATE_LIMITED))
                .put("wouldBeDenied", count(use, CallOutcome.WOULD_BE_DENIED))
                .put("lastAt", use.map(RuleUse::lastAt).filter(at -> !at.equals(Instant.EPOCH)));
    }

    private static long count(Optional<RuleUse> use, CallOutcome outcome) {
        return use.map(counts -> counts.count(outcome)).orElse(0L);
    }

    /** The names of rules, for other answers. */
    static List<RuleText> conditional(Policy policy) {
        return policy.ruleTexts().stream()
                .filter(rule -> rule.when().isPresent())
                .toList();
    }
}
