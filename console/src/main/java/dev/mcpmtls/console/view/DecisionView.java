// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.tally.EdgeCount;
import dev.mcpmtls.console.tally.Refusal;
import dev.mcpmtls.console.tally.SeenPeer;
import dev.mcpmtls.console.tally.Window;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.policy.Callers;
import dev.mcpmtls.policy.Effect;
import dev.mcpmtls.policy.Explanation;
import dev.mcpmtls.policy.Policy;
import dev.mcpmtls.policy.RuleText;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.trust.Assurance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why a peer may make a call or may not, and which tools it may call. Decides nothing: no call is made, and none counts. */
public final class DecisionView {

    private static final int MOST_TOOLS = 2_000;
    private static final int MOST_CANDIDATES = 20;

    private final Sources sources;
    private final Instant now;

    /** A view of these sources, now. */
    public DecisionView(Sources sources) {
        this.sources = sources;
        this.now = sources.now();
    }

    /**
     * The call that is asked about.
     *
     * @param server by either of its names
     * @param target the tool's, prompt's or resource's name; empty for a method alone
     */
    public record Asked(
            String server, Call.Subject subject, String method, String target, Map<String, Object> arguments) {}

    /**
     * The decision about one call, with its reasons.
     *
     * @throws BadQuestionException when there is no such peer or server
     */
    public Map<String, Object> explain(String peer, Optional<Assurance> assurance, Asked asked) {
        Caller caller = caller(peer, assurance);
        ServerSource server = server(asked.server());
        Call call = new Call(server.server(), asked.method(), asked.target()).at(server.entry());
        call = asked.target().isEmpty() ? call : call.about(asked.subject());
        Explanation explanation = policy().explain(caller, call.with(asked::arguments), now);
        Decision enforced = explanation.enforced();
        Members view = about(caller)
                .put("server", server.server())
                .put("entry", server.entry())
                .put("method", asked.method())
                .put(asked.subject() == Call.Subject.TOOL ? "tool" : "target", asked.target())
                .put("decision", word(explanation.decision()))
                .put("would", word(enforced))
                .put("rule", enforced.rule())
                .put("why", why(enforced))
                .put(
                        "considered",
                        explanation.considered().stream()
                                .map(DecisionView::considered)
                                .toList());
        return withRefusals(view, caller).asMap();
    }

    private static Map<String, Object> considered(Explanation.Considered rule) {
        return new Members()
                .put("rule", rule.rule())
                .put("effect", rule.effect().name().toLowerCase(Locale.ROOT))
                .put("matches", rule.matches())
                .put("why", rule.why())
                .asMap();
    }

    /**
     * The decisions about all known tools.
     *
     * @throws BadQuestionException when there is no such peer
     */
    public Map<String, Object> may(String peer, Optional<Assurance> assurance) {
        Caller caller = caller(peer, assurance);
        List<EdgeCount> edges = sources.tally().edges(Window.DAY, now);
        Set<String> conditional =
                AccessView.conditional(policy()).stream().map(RuleText::name).collect(Collectors.toSet());
        List<Map<String, Object>> servers = new ArrayList<>();
        int room = MOST_TOOLS;
        int leftOut = 0;
        for (ServerSource server : sources.servers()) {
            Set<String> tools = MapView.tools(server, edges);
            leftOut += Math.max(0, tools.size() - room);
            List<Map<String, Object>> decisions = tools.stream()
                    .limit(room)
                    .map(tool -> decision(caller, server, tool, conditional))
                    .toList();
            room -= decisions.size();
            servers.add(new Members()
                    .put("server", server.server())
                    .put("entry", server.entry())
                    .put("tools", decisions)
                    .asMap());
        }
        Members view = about(caller).put("servers", servers).put("toolsLeftOut", leftOut);
        return withRefusals(view, caller).asMap();
    }

    private Map<String, Object> decision(Caller caller, ServerSource server, String tool, Set<String> conditional) {
        Call call = new Call(server.server(), Call.Subject.TOOL.use(), tool).at(server.entry());
        Explanation explanation = policy().explain(caller, call, now);
        Members view = new Members()
                .put("tool", tool)
                .put("decision", word(explanation.decision()))
                .put("would", word(explanation.enforced()))
                .put("rule", explanation.enforced().rule());
        if (explanation.enforced() instanceof Decision.Deny deny) {
            view.put("why", deny.why());
        }
        boolean depends = explanation.considered().stream()
                .filter(rule -> conditional.contains(rule.rule()))
                .anyMatch(rule -> rule.matches() || rule.why().startsWith("when:"));
        return depends ? view.put("dependsOnArguments", true).asMap() : view.asMap();
    }

    private Policy policy() {
        return sources.rules().policy().policy();
    }

    private String why(Decision enforced) {
        if (enforced instanceof Decision.Deny deny) {
            return deny.why();
        }
        if (sources.rules().policy().isAbsent()) {
            return "every accepted peer may call everything, because there are no access rules";
        }
        return enforced.rule()
                .map(rule -> "rule '" + rule + "' permits it")
                .orElse(policy().fallback() == Effect.PERMIT ? "the default permits it" : "it needs no permission");
    }

    private static String word(Decision decision) {
        return decision instanceof Decision.Permit ? "permit" : "deny";
    }

    private static Members about(Caller caller) {
        return new Members()
                .put("peer", NamePattern.exactly(caller.identity()))
                .put("assurance", caller.assurance().name());
    }

    /** A peer whose certificate is refused never gets as far as the rules. */
    private Members withRefusals(Members view, Caller caller) {
        Set<String> names = Stream.concat(Stream.of(caller.identity()), caller.names().stream())
                .map(NamePattern::exactly)
                .collect(Collectors.toSet());
        List<Refusal> its = sources.tally().refusals(Window.DAY, now).stream()
                .filter(refusal -> names.contains(refusal.peer()))
                .toList();
        List<String> notes = new ArrayList<>();
        if (!its.isEmpty()) {
            long count = its.stream().mapToLong(Refusal::count).sum();
            String reasons =
                    its.stream().map(Refusal::reason).distinct().sorted().collect(Collectors.joining(", "));
            notes.add("in the last day, a peer of this name was refused " + count + (count == 1 ? " time" : " times")
                    + " (" + reasons + "); a refused peer's calls do not reach the rules");
        }
        if (sources.rules().mode().equals("shadow")) {
            notes.add("the rules are in shadow mode: calls that they would deny are made and recorded");
        }
        return view.put("refusals", MapView.refusals(its)).put("notes", notes);
    }

    private ServerSource server(String name) {
        List<String> known = sources.servers().stream().map(ServerSource::entry).toList();
        return sources.server(name)
                .orElseThrow(() -> new BadQuestionException(
                        "server: this process has no server '" + name + "'",
                        Nearest.to(name, known, 2)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("there are " + String.join(", ", known)),
                        known));
    }

    /** A peer that was seen has all names of its certificate; any other has the names that are asked about. */
    private Caller caller(String text, Optional<Assurance> assurance) {
        Optional<SeenPeer> seen = seen(text);
        if (seen.isPresent() && assurance.isEmpty()) {
            return Caller.of(seen.get().peer());
        }
        if (text.matches("(?s)\\s*(?:spiffe://|dns:|ip:|pin:).*")) {
            try {
                return Callers.named(text, assurance);
            } catch (IllegalArgumentException e) {
                String[] lines = String.valueOf(e.getMessage()).split("\\R", 2);
                throw new BadQuestionException("peer: " + lines[0], lines.length > 1 ? lines[1] : "", List.of());
            }
        }
        List<String> candidates = names(text);
        if (candidates.size() != 1) {
            throw new BadQuestionException(
                    candidates.isEmpty()
                            ? "peer: no peer that was seen has '" + text + "' in its name"
                            : "peer: '" + text + "' is part of several names",
                    "write a name that begins with spiffe://, dns:, ip: or pin:",
                    candidates);
        }
        return caller(candidates.get(0), assurance);
    }

    private Optional<SeenPeer> seen(String name) {
        return sources.tally().peers().stream()
                .filter(peer -> peer.name().equals(name))
                .reduce((earlier, later) -> later);
    }

    /** The names with that part, of peers that were accepted, that called, or that were refused. */
    private List<String> names(String part) {
        String wanted = part.strip().toLowerCase(Locale.ROOT);
        Set<String> names = new TreeSet<>();
        Stream.of(
                        sources.tally().peers().stream().map(SeenPeer::name),
                        sources.tally().edges(Window.DAY, now).stream()
                                .map(count -> count.edge().peer()),
                        sources.tally().refusals(Window.DAY, now).stream().map(Refusal::peer))
                .flatMap(known -> known)
                .filter(name -> name.matches("(?s)(?:spiffe://|dns:|ip:|pin:).*"))
                .filter(name -> name.toLowerCase(Locale.ROOT).contains(wanted))
                .forEach(names::add);
        return names.stream().limit(MOST_CANDIDATES).toList();
    }
}
