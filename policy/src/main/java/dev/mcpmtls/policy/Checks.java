// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.identity.pattern.Glob;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.policy.Problem.Location;
import dev.mcpmtls.policy.condition.Condition;
import dev.mcpmtls.policy.condition.Condition.Outcome;
import dev.mcpmtls.policy.pattern.ResourceUri;
import dev.mcpmtls.remedy.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** Finds rules that do not do what their writer may have meant. */
final class Checks {

    private final List<Rule> rules;
    private final Effect fallback;
    private final Inventory inventory;
    private final List<Problem> found = new ArrayList<>();

    Checks(List<Rule> rules, Effect fallback, Inventory inventory) {
        this.rules = rules;
        this.fallback = fallback;
        this.inventory = inventory;
    }

    List<Problem> run() {
        if (fallback == Effect.DENY && rules.stream().allMatch(Rule::isDeny)) {
            warn(
                    rules.get(0).at(),
                    "no rule permits anything and the default is deny, so every call is denied\n"
                            + "add a permit, or 'default: permit'");
        }
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            checkMethods(rule);
            checkCondition(rule);
            checkShadow(rule, rules.subList(0, i));
            checkClaim(rule);
            checkIssuer(rule);
            checkSpelling(rule);
            checkNames(rule);
        }
        return found;
    }

    private void warn(Location at, String message) {
        found.add(Problem.warning(at, message));
    }

    private void checkMethods(Rule rule) {
        for (Glob method : rule.methods()) {
            List<String> known = Methods.KNOWN.stream().filter(method::matches).toList();
            if (known.isEmpty()) {
                warn(
                        rule.at(),
                        "rule '" + rule.name() + "': no method of MCP matches '" + method + "'"
                                + meant(method.toString(), Methods.KNOWN));
            } else if (known.stream().allMatch(Methods.INITIALIZE::equals)) {
                warn(rule.at(), never(rule) + "'initialize' is never decided\nname the methods that follow it");
            } else if (!rule.isDeny() && known.stream().allMatch(Methods.DECIDED_BY_TARGET::contains)) {
                warn(
                        rule.at(),
                        never(rule) + "'" + method
                                + "' is permitted by the resource or prompt it is about\n"
                                + "name those in 'resources' or 'prompts'");
            } else if (!rule.isDeny()
                    && known.stream().allMatch(name -> Methods.isFree(name) || name.equals(Methods.INITIALIZE))) {
                warn(rule.at(), never(rule) + "'" + method + "' is permitted to every accepted peer anyway\nremove it");
            }
        }
    }

    private void checkCondition(Rule rule) {
        Optional<Outcome.Kind> always = rule.when().map(Condition::regardless).map(Outcome::kind);
        if (always.filter(kind -> kind == Outcome.Kind.FALSE || (kind == Outcome.Kind.FAILED && !rule.isDeny()))
                .isPresent()) {
            warn(rule.at(), never(rule) + "its condition is never true\nmend 'when'");
        }
    }

    private void checkShadow(Rule rule, List<Rule> before) {
        Optional<Rule> deny = rules.stream()
                .filter(other -> other.isDeny() && !rule.isDeny() && covers(other, rule))
                .findFirst();
        Optional<Rule> earlier = before.stream()
                .filter(other -> other.effect() == rule.effect() && other.rate().isEmpty() && covers(other, rule))
                .findFirst();
        deny.ifPresent(other -> warn(
                rule.at(),
                never(rule) + "'" + other.name() + "' denies all that it permits\nremove it, or narrow '" + other.name()
                        + "'"));
        if (deny.isEmpty()) {
            earlier.ifPresent(other -> warn(
                    rule.at(),
                    never(rule) + "'" + other.name() + "' before it matches all that it matches\nremove one of them"));
        }
    }

    private void checkClaim(Rule rule) {
        if (rule.isDeny() && rule.claimed()) {
            warn(
                    rule.at(),
                    "rule '" + rule.name()
                            + "' says 'assurance: claimed', which changes nothing: a deny matches every name that a"
                            + " peer claims\n"
                            + "remove it");
        }
    }

    private void checkIssuer(Rule rule) {
        boolean isAmbiguous = rule.when()
                .filter(when ->
                        (when.reads("token.subject") || when.reads("token.client")) && !when.reads("token.issuer"))
                .isPresent();
        if (isAmbiguous && rule.subjects().isEmpty()) {
            warn(
                    rule.at(),
                    "rule '" + rule.name()
                            + "' compares a token's subject or client, which is unique only within its issuer\n"
                            + "compare token.issuer too, or use subjects: [\"https://login.example#alice\"]");
        }
    }

    private void checkSpelling(Rule rule) {
        for (Glob resource : rule.resources()) {
            if (rule.isDeny() && !ResourceUri.isForEveryReading(resource.toString())) {
                warn(
                        rule.at(),
                        "rule '" + rule.name() + "': '" + resource
                                + "' has a dot segment or an empty one, and denies only URIs that are written like"
                                + " that\n"
                                + "write it without");
            }
        }
    }

    private void checkNames(Rule rule) {
        checkKnown(rule, "server", rule.servers(), inventory.servers());
        checkKnown(rule, "tool", rule.tools(), inventory.tools());
        checkKnown(rule, "prompt", rule.prompts(), inventory.prompts());
        checkKnown(rule, "resource", rule.resources(), inventory.resources());
    }

    private void checkKnown(Rule rule, String kind, List<Glob> patterns, Collection<String> names) {
        for (Glob pattern : patterns) {
            if (!names.isEmpty() && names.stream().noneMatch(pattern::matches)) {
                warn(
                        rule.at(),
                        "rule '" + rule.name() + "': no " + kind + " matches '" + pattern + "'"
                                + meant(pattern.toString(), names));
            }
        }
    }

    private static String never(Rule rule) {
        return "rule '" + rule.name() + "' never decides: ";
    }

    private static String meant(String text, Collection<String> names) {
        return Nearest.to(text, names)
                .map(name -> "\ndid you mean '" + name + "'?")
                .orElse("");
    }

    /** Whether the one matches whenever the other does. */
    private static boolean covers(Rule one, Rule other) {
        return one.when().isEmpty()
                && all(one, other, Rule::peers, Checks::coversPeer)
                && (one.isDeny() || one.peers().isEmpty() || one.claimed() || !other.claimed())
                && all(one, other, Rule::subjects, SubjectPattern::covers)
                && other.scopes().containsAll(one.scopes())
                && all(one, other, Rule::servers, Glob::covers)
                && part(one, other, Rule::tools)
                && part(one, other, Rule::prompts)
                && part(one, other, Rule::resources)
                && part(one, other, Rule::methods);
    }

    private static boolean coversPeer(NamePattern one, NamePattern other) {
        return one.covers(other);
    }

    /** As {@link #coveredEach}, where an empty selector means all. */
    private static <T> boolean all(Rule one, Rule other, Function<Rule, List<T>> selector, BiPredicate<T, T> covers) {
        return selector.apply(one).isEmpty()
                || (!selector.apply(other).isEmpty()
                        && coveredEach(selector.apply(one), selector.apply(other), covers));
    }

    private static boolean part(Rule one, Rule other, Function<Rule, List<Glob>> selector) {
        return coveredEach(selector.apply(one), selector.apply(other), Glob::covers);
    }

    private static <T> boolean coveredEach(List<T> ones, List<T> others, BiPredicate<T, T> covers) {
        return others.stream().allMatch(other -> ones.stream().anyMatch(one -> covers.test(one, other)));
    }
}
