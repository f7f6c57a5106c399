// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.pattern.Glob;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.policy.pattern.ResourceUri;
import dev.mcpmtls.trust.Assurance;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A decision with its reasons.
 *
 * @param decision in the policy's mode: in shadow mode always a permit
 * @param enforced the decision when it is enforced
 * @param considered every rule, in the order of the file
 */
public record Explanation(Decision decision, Decision enforced, List<Considered> considered) {

    /** Copies the list. */
    public Explanation {
        considered = List.copyOf(considered);
    }

    /**
     * One rule and the call.
     *
     * @param rule its name
     * @param matches whether it matches the call; it decides when no deny, and no rule of its effect before it, matches as well
     * @param why one clause that says what does not match, or who decides
     */
    public record Considered(String rule, Effect effect, boolean matches, String why) {}

    static String whyNotFor(Rule rule, Caller caller) {
        String names = caller.names().isEmpty()
                ? NamePattern.exactly(caller.identity())
                : caller.names().stream().map(NamePattern::exactly).collect(Collectors.joining(", "));
        Caller believed =
                new Caller(caller.identity(), caller.names(), caller.pin(), Assurance.VERIFIED, caller.certificate());
        return rule.isFor(believed)
                ? "peers: nothing vouches for " + names + " (" + caller.assurance()
                        + "), and the rule does not say 'assurance: claimed'"
                : "peers: none matches " + names;
    }

    static String whyNotAbout(Rule rule, Target target) {
        Call call = target.call();
        String name = Printable.clean(call.target().isEmpty() ? call.method() : call.target());
        return switch (call.subject()) {
            case TOOL -> none("tools", rule.tools(), name);
            case PROMPT -> none("prompts", rule.prompts(), name);
            case RESOURCE, TEMPLATE -> {
                boolean matchesAsText = rule.resources().stream().anyMatch(pattern -> pattern.matches(call.target()));
                yield matchesAsText && !ResourceUri.of(call.target()).isPlain()
                        ? "resources: a wildcard permits no URI with a dot segment, an empty segment or a backslash, nor user information in a web address"
                        : none("resources", rule.resources(), name);
            }
            case NONE -> none("methods", rule.methods(), name);
        };
    }

    private static String none(String selector, List<Glob> patterns, String name) {
        return patterns.isEmpty() ? "it has no " + selector : selector + ": none matches " + name;
    }
}
