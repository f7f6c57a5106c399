// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.trust.Assurance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random policies and calls, decided a second time by the sentences of the guide, one after the other, slowly. */
class NaiveEvaluatorTest {

    private static final List<String> PEERS = List.of(
            "spiffe://a.b/x",
            "spiffe://A.b/*",
            "spiffe://a.b/**",
            "spiffe://*/x",
            "dns:h.example",
            "dns:*.example",
            "ip:10.0.0.0/8",
            "pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    private static final List<String> SERVERS = List.of("weather", "weather-mcp", "w*", "echo", "*-mcp");
    private static final List<String> NAMES = List.of("get", "get*", "*et", "g*t", "set", "*", "del*", "a/b", "a*");
    private static final List<String> URIS =
            List.of("f:///a", "f:///*", "f:///**", "f:///a/**", "**/b", "f:///a/../b", "**");
    private static final List<String> METHODS =
            List.of("tools/list", "prompts/*", "tasks/get", "*/subscribe", "ping", "resources/sub*");
    private static final List<String> WHENS = List.of(
            "call.arguments.n == 1",
            "call.arguments.n > 0",
            "call.tool == 'get'",
            "peer.assurance == 'VERIFIED'",
            "call.target == 'f:///a'");
    private static final List<String> CALLERS = List.of(
            "spiffe://a.b/x",
            "spiffe://a.b/x/y",
            "spiffe://c/x dns:h.example",
            "dns:h.example ip:10.1.1.1",
            "ip:11.1.1.1",
            "spiffe://a.b/x pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    private static final List<String> TARGETS = List.of("get", "set", "delete", "a/b", "a");
    private static final List<String> TARGET_URIS =
            List.of("f:///a", "f:///a/b", "f:///b", "f:///a/../b", "f:///a//b", "f:///a/", "f:///a\\b");

    private final Random random = new Random(2026);

    /** A rule as written, before anything is made of it. */
    private record Written(
            boolean deny,
            boolean claimed,
            List<String> peers,
            List<String> servers,
            List<String> tools,
            List<String> prompts,
            List<String> resources,
            List<String> methods,
            Optional<String> when) {

        String yaml(int number) {
            StringBuilder yaml = new StringBuilder("  - name: r" + number + "\n");
            yaml.append(deny ? "    effect: deny\n" : "").append(claimed ? "    assurance: claimed\n" : "");
            Map.of(
                            "peers",
                            peers,
                            "servers",
                            servers,
                            "tools",
                            tools,
                            "prompts",
                            prompts,
                            "resources",
                            resources,
                            "methods",
                            methods)
                    .forEach((key, list) -> {
                        if (!list.isEmpty()) {
                            yaml.append("    ")
                                    .append(key)
                                    .append(": ['")
                                    .append(String.join("', '", list))
                                    .append("']\n");
                        }
                    });
            when.ifPresent(text -> yaml.append("    when: ").append(text).append("\n"));
            return yaml.toString();
        }
    }

    @Test
    void agreesOnCallsAndLists() {
        int permitted = 0;
        int denied = 0;
        int byRule = 0;
        for (int i = 0; i < 3000; i++) {
            List<Written> rules = rules();
            boolean open = random.nextInt(3) == 0;
            StringBuilder yaml = new StringBuilder(open ? "default: permit\nrules:\n" : "rules:\n");
            for (int r = 0; r < rules.size(); r++) {
                yaml.append(rules.get(r).yaml(r));
            }
            Policy policy = Policy.parse("policy.yaml", yaml.toString());
            for (int j = 0; j < 20; j++) {
                Caller caller = Callers.named(
                        pick(CALLERS), Optional.of(random.nextInt(4) == 0 ? Assurance.CLAIMED : Assurance.VERIFIED));
                Optional<Integer> n = random.nextBoolean() ? Optional.of(random.nextInt(3)) : Optional.empty();
                Call call = call().with(() ->
                        n.<Map<String, Object>>map(v -> Map.of("n", v)).orElse(Map.of()));
                String expected = naive(rules, open, caller, call, n, false);
                assertThat(Asking.verdict(policy, caller, call))
                        .as("%s\n%s\n%s", yaml, caller, call)
                        .isEqualTo(expected);
                assertThat(explained(policy, caller, call)).isEqualTo(expected);
                boolean listed = naive(rules, open, caller, call, n, true).startsWith("permit");
                assertThat(Asking.lists(policy, caller, call))
                        .as("list: %s\n%s\n%s", yaml, caller, call)
                        .isEqualTo(listed);
                assertThat(listed || !expected.startsWith("permit") || hasArguments(call))
                        .isTrue();
                permitted += expected.startsWith("permit") ? 1 : 0;
                denied += expected.startsWith("deny") ? 1 : 0;
                byRule += expected.contains(" ") ? 1 : 0;
            }
        }
        assertThat(permitted).isGreaterThan(5000);
        assertThat(denied).isGreaterThan(5000);
        assertThat(byRule).isGreaterThan(5000);
    }

    private static String explained(Policy policy, Caller caller, Call call) {
        Explanation explanation = policy.explain(caller, call, Asking.NOW);
        String word = explanation.enforced() instanceof dev.mcpmtls.authz.Decision.Permit ? "permit" : "deny";
        Optional<Explanation.Considered> deny = first(explanation, Effect.DENY);
        Optional<Explanation.Considered> permit = first(explanation, Effect.PERMIT);
        return deny.or(() -> permit).map(one -> word + " " + one.rule()).orElse(word);
    }

    private static Optional<Explanation.Considered> first(Explanation explanation, Effect effect) {
        return explanation.considered().stream()
                .filter(one -> one.matches() && one.effect() == effect)
                .findFirst();
    }

    private static boolean hasArguments(Call call) {
        return call.subject() == Call.Subject.TOOL || call.subject() == Call.Subject.PROMPT;
    }

    private Call call() {
        String server = random.nextBoolean() ? "weather" : "echo";
        Call call = switch (random.nextInt(5)) {
            case 0, 1 -> new Call(server + "-mcp", "tools/call", pick(TARGETS));
            case 2 -> new Call(server + "-mcp", "prompts/get", pick(TARGETS));
            case 3 ->
                new Call(
                        server + "-mcp",
                        random.nextBoolean() ? "resources/read" : "resources/subscribe",
                        pick(TARGET_URIS));
            default ->
                new Call(server + "-mcp", pick(List.of("tools/list", "tasks/get", "ping", "other", "prompts/x")), "");
        };
        return call.at(server);
    }

    private List<Written> rules() {
        List<Written> rules = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            List<String> tools = some(NAMES, 2);
            List<String> prompts = some(NAMES, 3);
            List<String> resources = some(URIS, 2);
            List<String> methods = prompts.isEmpty() && resources.isEmpty() ? some(METHODS, 3) : List.of();
            if (tools.isEmpty() && prompts.isEmpty() && resources.isEmpty() && methods.isEmpty()) {
                tools = List.of(pick(NAMES));
            }
            boolean deny = random.nextInt(3) == 0;
            rules.add(new Written(
                    deny,
                    !deny && random.nextInt(5) == 0,
                    some(PEERS, 2),
                    some(SERVERS, 3),
                    tools,
                    prompts,
                    resources,
                    methods,
                    random.nextInt(3) == 0 ? Optional.of(pick(WHENS)) : Optional.empty()));
        }
        return rules;
    }

    private List<String> some(List<String> all, int oneIn) {
        return random.nextInt(oneIn) == 0
                ? List.of(pick(all), pick(all)).stream().distinct().toList()
                : List.of();
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static String naive(
            List<Written> rules, boolean open, Caller caller, Call call, Optional<Integer> n, boolean listing) {
        for (boolean deny : new boolean[] {true, false}) {
            for (int i = 0; i < rules.size(); i++) {
                if (rules.get(i).deny() == deny && matches(rules.get(i), caller, call, n, listing)) {
                    return (deny ? "deny r" : "permit r") + i;
                }
            }
        }
        boolean free = List.of("ping", "tools/list").contains(call.method());
        return free || open ? "permit" : "deny";
    }

    private static boolean matches(Written rule, Caller caller, Call call, Optional<Integer> n, boolean listing) {
        boolean peer =
                rule.peers().isEmpty() || rule.peers().stream().anyMatch(pattern -> isPeer(rule, pattern, caller));
        boolean server = rule.servers().isEmpty()
                || rule.servers().stream()
                        .anyMatch(pattern -> like(pattern, call.entry(), "") || like(pattern, call.server(), ""));
        return peer && server && isTarget(rule, call) && holds(rule, caller, call, n, listing);
    }

    private static boolean isPeer(Written rule, String pattern, Caller caller) {
        if (pattern.startsWith("pin:")) {
            return caller.pin().isPresent()
                    && pattern.equals("pin:" + caller.pin().get().text());
        }
        boolean counts = rule.deny() || rule.claimed() || caller.assurance() == Assurance.VERIFIED;
        return counts
                && caller.names().stream().anyMatch(name -> switch (pattern.substring(0, 3)) {
                    case "spi" -> like(pattern.replace("A.b", "a.b"), name.text(), "/");
                    case "dns" -> !name.text().contains("/") && like(pattern.substring(4), name.text(), ".");
                    default -> name.text().startsWith("10.");
                });
    }

    private static boolean isTarget(Written rule, Call call) {
        String target = call.target();
        return switch (call.method()) {
            case "tools/call" -> any(rule.tools(), target) || any(rule.methods(), "tools/call");
            case "prompts/get" -> any(rule.prompts(), target) || any(rule.methods(), "prompts/get");
            case "resources/read" -> isResource(rule, target) || any(rule.methods(), "resources/read");
            case "resources/subscribe" ->
                isResource(rule, target)
                        || any(rule.methods(), "resources/read")
                        || (rule.deny() && any(rule.methods(), "resources/subscribe"));
            default -> any(rule.methods(), call.method());
        };
    }

    private static boolean isResource(Written rule, String uri) {
        boolean odd =
                uri.contains("/../") || uri.contains("\\") || uri.substring(4).contains("//");
        String normal = uri.replace("/a/../b", "/b").replace("a//b", "a/b").replace("\\", "/");
        return rule.resources().stream()
                .anyMatch(pattern -> rule.deny()
                        ? like(pattern, uri, "/") || like(pattern, normal, "/")
                        : like(pattern, uri, "/") && !(odd && pattern.contains("*")));
    }

    private static boolean holds(Written rule, Caller caller, Call call, Optional<Integer> n, boolean listing) {
        if (rule.when().isEmpty()) {
            return true;
        }
        return switch (rule.when().get()) {
            case "call.arguments.n == 1" -> argument(rule, call, listing, n.map(v -> v == 1));
            case "call.arguments.n > 0" -> argument(rule, call, listing, n.map(v -> v > 0));
            case "call.tool == 'get'" ->
                call.method().equals("tools/call") && call.target().equals("get");
            case "call.target == 'f:///a'" -> call.target().equals("f:///a");
            default -> caller.assurance() == Assurance.VERIFIED;
        };
    }

    private static boolean argument(Written rule, Call call, boolean listing, Optional<Boolean> outcome) {
        return listing && hasArguments(call) ? !rule.deny() : outcome.orElse(rule.deny());
    }

    private static boolean any(List<String> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> like(pattern, name, ""));
    }

    /** Tries every length for every star. */
    private static boolean like(String pattern, String name, String separator) {
        if (pattern.isEmpty()) {
            return name.isEmpty();
        }
        if (!pattern.startsWith("*")) {
            return !name.isEmpty()
                    && name.charAt(0) == pattern.charAt(0)
                    && like(pattern.substring(1), name.substring(1), separator);
        }
        boolean across = separator.isEmpty() || pattern.startsWith("**");
        String rest = pattern.substring(pattern.startsWith("**") ? 2 : 1);
        for (int i = 0; i <= name.length(); i++) {
            if ((across || !name.substring(0, i).contains(separator)) && like(rest, name.substring(i), separator)) {
                return true;
            }
        }
        return false;
    }
}
