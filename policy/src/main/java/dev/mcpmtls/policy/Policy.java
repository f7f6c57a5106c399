// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.policy.condition.Condition;
import dev.mcpmtls.policy.condition.Condition.Outcome;
import dev.mcpmtls.policy.condition.Facts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one file. A matching deny decides, else a matching permit, else the default; rules of one effect are tried in the order of the
 * file. Immutable and thread-safe.
 *
 * <pre>{@code
 * default: deny
 * rules:
 *   - name: agents-read-weather
 *     peers: ["spiffe://demo.local/agent/*"]
 *     servers: [weather]
 *     tools: ["get*"]
 * }</pre>
 */
public final class Policy {

    /** A file that may be written, on one line. */
    static final String EXAMPLE = "rules: [{name: our-agents, peers: ['spiffe://demo.local/agent/*'], tools: ['*']}]";

    /** Longer names are refused: matching takes time in proportion. */
    private static final int MAX_TARGET = 4096;

    /** The most sets of rules that are kept: callers with the same rules share a set, and sets beyond these are made each time. */
    private static final int MAX_CANDIDATES = 1000;

    private final Effect fallback;
    private final Mode mode;
    private final List<Rule> rules;
    private final Map<BitSet, Candidates> candidates = new ConcurrentHashMap<>();

    /** The use that is made of decisions. */
    public enum Mode {
        /** A denied call is refused. */
        ENFORCE,
        /** A denied call is permitted; the decision says that it would be denied. */
        SHADOW
    }

    Policy(Effect fallback, Mode mode, List<Rule> rules) {
        this.fallback = fallback;
        this.mode = mode;
        this.rules = List.copyOf(rules);
    }

    /**
     * Loads a file.
     *
     * @throws BadPolicyException when it cannot be read or has an error; has all errors that were found, with their places
     */
    public static Policy load(Path file) {
        return parse(file.toString(), YamlReader.load(file, EXAMPLE));
    }

    /**
     * Parses text.
     *
     * @param file its name for messages
     * @throws BadPolicyException when it has an error; has all errors that were found, with their places
     */
    public static Policy parse(String file, String text) {
        return PolicyReader.read(file, text);
    }

    /** The effect when no rule decides. */
    public Effect fallback() {
        return fallback;
    }

    /** Whether decisions are enforced. */
    public Mode mode() {
        return mode;
    }

    /** The names of the rules, in the order of the file. */
    public List<String> ruleNames() {
        return rules.stream().map(Rule::name).toList();
    }

    /** The rules, in the order of the file. */
    public List<RuleText> ruleTexts() {
        return rules.stream().map(Rule::text).toList();
    }

    /** Warnings about rules that do not do what their writer may have meant; empty when there are none. */
    public List<Problem> check(Inventory inventory) {
        return new Checks(rules, fallback, inventory).run();
    }

    /**
     * Decides a call and says how each rule contributed. Nothing counts against a rate.
     *
     * @param now the time that conditions see
     */
    public Explanation explain(Caller caller, Call call, Instant now) {
        Facts facts = Facts.calling(caller, call, now);
        Decision enforced = enforced(candidates(caller, call), facts, Meter.NONE);
        Target target = new Target(call);
        List<Explanation.Considered> considered = rules.stream()
                .map(rule -> consider(rule, facts, target, enforced))
                .toList();
        return new Explanation(applied(enforced), enforced, considered);
    }

    /** Counts a call against a rule's rate. */
    interface Meter {

        /** Counts nothing. */
        Meter NONE = (rule, rate, facts) -> Optional.empty();

        /** Takes a call; when there is none left, the time until there is. */
        Optional<Duration> take(String rule, Rate rate, Facts facts);
    }

    /** The rules for a caller at the server of the call. */
    Candidates candidates(Caller caller, Call call) {
        BitSet positions = new BitSet(rules.size());
        for (int i = 0; i < rules.size(); i++) {
            positions.set(i, rules.get(i).isFor(caller) && rules.get(i).isAt(call));
        }
        Candidates known = candidates.get(positions);
        if (known != null) {
            return known;
        }
        Candidates made = new Candidates(positions.stream().mapToObj(rules::get).toList());
        if (candidates.size() < MAX_CANDIDATES) {
            candidates.put(positions, made);
        }
        return made;
    }

    Decision decide(Candidates candidates, Facts facts, Meter meter) {
        return applied(enforced(candidates, facts, meter));
    }

    /** Whether some call would be permitted; the facts are those of {@link Facts#listing}. */
    boolean lists(Candidates candidates, Facts facts) {
        return decide(candidates, facts, Meter.NONE) instanceof Decision.Permit;
    }

    /** Whether a rule that has to be evaluated goes through the arguments step by step. */
    static boolean mayTakeLong(Candidates candidates, Call call) {
        if (call.target().length() > MAX_TARGET) {
            return false; // it is denied unseen
        }
        for (Rule rule : candidates.about(new Target(call))) {
            if (rule.when().filter(Condition::hasLoops).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private Decision applied(Decision enforced) {
        return mode == Mode.SHADOW && enforced instanceof Decision.Deny deny
                ? new Decision.Permit(deny.rule(), Optional.of(deny), deny.failed())
                : enforced;
    }

    private Decision enforced(Candidates candidates, Facts facts, Meter meter) {
        Call call = facts.call();
        if (call.method().equals(Methods.INITIALIZE)) {
            return new Decision.Permit();
        }
        if (call.target().length() > MAX_TARGET) {
            return new Decision.Deny("its name or URI is longer than " + MAX_TARGET + " characters");
        }
        List<String> failed = new ArrayList<>(0);
        boolean free = Methods.isFree(call);
        boolean isMetered = !free && !Methods.isOfTask(call);
        Decision.@Nullable Deny tooMany = null;
        @Nullable Rule beyondScope = null;
        for (Rule rule : candidates.about(new Target(call))) {
            boolean inScope = rule.hasScopes(call);
            if (!rule.isForSubject(call) || (rule.isDeny() && !inScope) || !applies(rule, facts, failed)) {
                continue;
            }
            if (!inScope) {
                beyondScope = beyondScope == null ? rule : beyondScope;
                continue;
            }
            if (rule.isDeny()) {
                return denied("rule '" + rule.name() + "' denies it", Optional.of(rule.name()), failed);
            }
            Optional<Duration> wait =
                    rule.rate().filter(rate -> isMetered).flatMap(rate -> meter.take(rule.name(), rate, facts));
            if (wait.isEmpty()) {
                return new Decision.Permit(Optional.of(rule.name()), Optional.empty(), failed);
            }
            tooMany = sooner(tooMany, rule, wait.get(), failed);
        }
        if (tooMany != null) {
            return tooMany;
        }
        if (beyondScope != null && !free && fallback == Effect.DENY) {
            return beyondScope(beyondScope, failed);
        }
        return free || fallback == Effect.PERMIT
                ? new Decision.Permit(Optional.empty(), Optional.empty(), failed)
                : denied("no rule permits it", Optional.empty(), failed);
    }

    private static Decision beyondScope(Rule rule, List<String> failed) {
        String why = "rule '" + rule.name() + "' permits it to an access token with "
                + (rule.scopes().size() == 1 ? "the scope " : "the scopes ")
                + rule.scopes().stream().sorted().collect(Collectors.joining(" "));
        return new Decision.Deny(why, Optional.of(rule.name()), Optional.empty(), failed, rule.scopes());
    }

    private static boolean applies(Rule rule, Facts facts, List<String> failed) {
        Outcome outcome = rule.evaluate(facts);
        if (outcome.kind() == Outcome.Kind.FAILED) {
            failed.add(rule.name());
        }
        return rule.matchesBy(outcome);
    }

    private static Decision denied(String why, Optional<String> rule, List<String> failed) {
        return new Decision.Deny(why, rule, Optional.empty(), failed);
    }

    private static Decision.Deny sooner(Decision.@Nullable Deny known, Rule rule, Duration wait, List<String> failed) {
        if (known != null && known.retryAfter().orElseThrow().compareTo(wait) <= 0) {
            return known;
        }
        String why = "rule '" + rule.name() + "' permits "
                + rule.rate().map(Rate::text).orElseThrow() + " to each peer";
        return new Decision.Deny(why, Optional.of(rule.name()), Optional.of(wait), failed);
    }

    private static Explanation.Considered consider(Rule rule, Facts facts, Target target, Decision enforced) {
        Optional<String> obstacle = obstacle(rule, facts, target);
        boolean decides = enforced.rule().filter(rule.name()::equals).isPresent();
        String why = obstacle.orElseGet(() -> decides
                ? "it matches and decides"
                : "it matches, but "
                        + enforced.rule().map(name -> "'" + name + "' decides").orElse("does not decide"));
        return new Explanation.Considered(rule.name(), rule.effect(), obstacle.isEmpty(), why);
    }

    private static Optional<String> obstacle(Rule rule, Facts facts, Target target) {
        if (facts.call().method().equals(Methods.INITIALIZE)) {
            return Optional.of("no rule decides " + Methods.INITIALIZE);
        }
        if (!rule.isFor(facts.caller())) {
            return Optional.of(Explanation.whyNotFor(rule, facts.caller()));
        }
        if (!rule.isForSubject(facts.call())) {
            return Optional.of("subjects: "
                    + facts.call()
                            .token()
                            .map(token -> "none matches " + Printable.clean(token.issuer() + '#' + token.subject()))
                            .orElse("the call is made without an access token"));
        }
        if (!rule.isAt(facts.call())) {
            return Optional.of("servers: none matches " + facts.call().entry());
        }
        if (!rule.isAbout(target)) {
            return Optional.of(Explanation.whyNotAbout(rule, target));
        }
        if (!rule.hasScopes(facts.call())) {
            return Optional.of("scopes: the access token lacks one of "
                    + rule.scopes().stream().sorted().collect(Collectors.joining(", ")));
        }
        Outcome outcome = rule.evaluate(facts);
        if (rule.matchesBy(outcome)) {
            return Optional.empty();
        }
        return Optional.of(
                outcome.failure().isEmpty() ? "when: it is false" : "when: it failed, because " + outcome.failure());
    }
}
