// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.pattern.Glob;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.policy.Problem.Location;
import dev.mcpmtls.policy.condition.Condition;
import dev.mcpmtls.policy.condition.Condition.Outcome;
import dev.mcpmtls.policy.condition.Facts;
import dev.mcpmtls.trust.Assurance;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One rule. It matches a call when peers, subjects, scopes, servers, one of the four kinds of target, and the condition do.
 *
 * @param at its name
 * @param peers empty for all
 * @param servers empty for all
 * @param tools empty for none, like the next three; one of the four is not empty
 * @param subjects of access tokens; empty for all, and for calls without a token
 * @param scopes those that a token must all have; empty for none
 * @param claimed whether names that nothing vouches for satisfy a permit
 */
record Rule(
        String name,
        Location at,
        Effect effect,
        List<NamePattern> peers,
        List<SubjectPattern> subjects,
        Set<String> scopes,
        List<Glob> servers,
        List<Glob> tools,
        List<Glob> prompts,
        List<Glob> resources,
        List<Glob> methods,
        Optional<Condition> when,
        Optional<Rate> rate,
        boolean claimed) {

    RuleText text() {
        return new RuleText(
                name,
                at.line(),
                effect,
                peers.stream().map(NamePattern::text).toList(),
                texts(servers),
                texts(tools),
                texts(prompts),
                texts(resources),
                texts(methods),
                when.map(Condition::text),
                rate.map(Rate::text),
                subjects.stream().map(SubjectPattern::toString).toList(),
                scopes.stream().sorted().toList());
    }

    private static List<String> texts(List<Glob> patterns) {
        return patterns.stream().map(Glob::toString).toList();
    }

    boolean isDeny() {
        return effect == Effect.DENY;
    }

    /** A deny matches every name that the caller claims, a permit only those that are vouched for. */
    boolean isFor(Caller caller) {
        if (peers.isEmpty()) {
            return true;
        }
        boolean namesCount = isDeny() || claimed || caller.assurance() == Assurance.VERIFIED;
        return peers.stream()
                .anyMatch(peer -> caller.pin().filter(peer::matches).isPresent()
                        || (namesCount && caller.names().stream().anyMatch(peer::matches)));
    }

    /** Whether the call is made for one of the rule's subjects. */
    boolean isForSubject(Call call) {
        return subjects.isEmpty()
                || call.token()
                        .filter(token -> subjects.stream().anyMatch(subject -> subject.matches(token)))
                        .isPresent();
    }

    /** Whether the call's token has the rule's scopes. */
    boolean hasScopes(Call call) {
        return scopes.isEmpty()
                || call.token()
                        .filter(token -> token.scopes().containsAll(scopes))
                        .isPresent();
    }

    /** A server goes by its name in the settings and by its MCP name, when that is ours. */
    boolean isAt(Call call) {
        return servers.isEmpty() || matches(servers, call.entry()) || matches(servers, call.server());
    }

    boolean isAbout(Target target) {
        Call call = target.call();
        return switch (call.subject()) {
                    case TOOL -> matches(tools, call.target());
                    case PROMPT -> matches(prompts, call.target());
                    case RESOURCE, TEMPLATE -> isAboutResource(target);
                    case NONE -> false;
                }
                || namesMethod(call);
    }

    /** The patterns that a target of the kind is matched with. */
    List<Glob> patternsFor(Call.Subject subject) {
        return switch (subject) {
            case TOOL -> tools;
            case PROMPT -> prompts;
            case RESOURCE, TEMPLATE -> resources;
            case NONE -> methods;
        };
    }

    private boolean isAboutResource(Target target) {
        for (Glob resource : resources) {
            if (target.isResource(resource, effect)) {
                return true;
            }
        }
        return false;
    }

    /** Subscriptions and completions are permitted by what they are about; a deny may name them as well. */
    private boolean namesMethod(Call call) {
        if (methods.isEmpty()) {
            return false;
        }
        String use = call.subject().use();
        return use.isEmpty()
                ? matches(methods, call.method())
                : matches(methods, use) || (isDeny() && matches(methods, call.method()));
    }

    /** The condition's outcome; true when there is none. */
    Outcome evaluate(Facts facts) {
        return when.isPresent() ? when.get().evaluate(facts) : Outcome.TRUE;
    }

    /** Whether the rule matches by such an outcome: when in doubt a call is refused, and listed. */
    boolean matchesBy(Outcome outcome) {
        return switch (outcome.kind()) {
            case TRUE -> true;
            case FALSE -> false;
            case UNKNOWN -> !isDeny();
            case FAILED -> isDeny();
        };
    }

    private static boolean matches(List<Glob> patterns, String name) {
        for (Glob pattern : patterns) {
            if (pattern.matches(name)) {
                return true;
            }
        }
        return false;
    }
}
