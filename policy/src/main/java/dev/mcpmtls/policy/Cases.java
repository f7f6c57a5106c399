// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.policy.Node.Entry;
import dev.mcpmtls.policy.Node.Mapping;
import dev.mcpmtls.policy.Node.Scalar;
import dev.mcpmtls.policy.Node.Sequence;
import dev.mcpmtls.policy.Problem.Location;
import dev.mcpmtls.trust.Assurance;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A file of calls with the decisions that are expected of them.
 *
 * <pre>{@code
 * cases:
 *   - name: agents may read the weather
 *     peer: spiffe://demo.local/agent/coordinator
 *     server: weather
 *     tool: getForecast
 *     arguments: {city: Berlin}
 *     expect: permit
 *     rule: agents-read-weather
 * }</pre>
 *
 * @param cases in the order of the file; at least one
 */
public record Cases(List<Case> cases) {

    private static final List<String> KEYS = List.of(
            "name",
            "peer",
            "server",
            "tool",
            "prompt",
            "resource",
            "method",
            "arguments",
            "assurance",
            "issuer",
            "subject",
            "client",
            "scopes",
            "expect",
            "rule");
    private static final String EXAMPLE =
            "cases: [{peer: 'spiffe://demo.local/agent/planner', server: echo, tool: echo, expect: permit}]";
    private static final List<String> TARGETS = List.of("tool", "prompt", "resource", "method");

    /** Copies the list. */
    public Cases {
        cases = List.copyOf(cases);
    }

    /**
     * A call and what is expected.
     *
     * @param name empty when the case has none
     * @param at where the case begins
     * @param rule the name of the rule that is expected to decide; empty when it does not matter
     */
    public record Case(String name, Location at, Caller caller, Call call, Effect expect, Optional<String> rule) {}

    /**
     * The outcome of a case.
     *
     * @param explanation the decision with its reasons
     * @param difference the difference from the expected outcome, in one clause; empty when there is none
     */
    public record Result(Case of, Explanation explanation, Optional<String> difference) {}

    /**
     * The names of a server that a case is about.
     *
     * @param entry in the settings, for example {@code weather}
     * @param mcpName of our own server, for example {@code weather-mcp}; else the same
     */
    public record Server(String entry, String mcpName) {}

    /**
     * Loads a file.
     *
     * @param servers finds both names of a server by the one that a case has
     * @param callers makes a caller of what a case names as {@code peer}, with the assurance of the case if it has one; {@link
     *     Callers#named} takes names
     * @throws BadPolicyException when it cannot be read or has an error
     */
    public static Cases load(
            Path file, Function<String, Server> servers, BiFunction<String, Optional<Assurance>, Caller> callers) {
        return parse(file.toString(), YamlReader.load(file, EXAMPLE), servers, callers);
    }

    /** As {@link #load}, of text about servers with one name. */
    static Cases parse(String file, String text, BiFunction<String, Optional<Assurance>, Caller> callers) {
        return parse(file, text, name -> new Server(name, name), callers);
    }

    private static Cases parse(
            String file,
            String text,
            Function<String, Server> servers,
            BiFunction<String, Optional<Assurance>, Caller> callers) {
        NodeReader reader = new NodeReader();
        Node root = YamlReader.parse(file, text)
                .orElseThrow(() -> new BadPolicyException(Problem.error(
                        Location.of(file), "there are no cases in it\nadd 'cases:' with at least one case")));
        Map<String, Entry> entries = reader.entries(root, List.of("cases"), "cases:");
        List<Case> cases = new ArrayList<>();
        if (entries.containsKey("cases")) {
            reader.elements(entries.get("cases"))
                    .forEach(node -> read(reader, node, servers, callers).ifPresent(cases::add));
        } else {
            reader.error(root.at(), "there is no 'cases'\nadd 'cases:' with at least one case");
        }
        reader.finish();
        return new Cases(cases);
    }

    /** Decides every case by a policy, as if it were enforced. */
    public List<Result> test(Policy policy, Instant now) {
        return cases.stream()
                .map(one -> {
                    Explanation explanation = policy.explain(one.caller(), one.call(), now);
                    return new Result(one, explanation, difference(one, explanation.enforced()));
                })
                .toList();
    }

    private static Optional<String> difference(Case one, Decision decision) {
        Effect effect = decision instanceof Decision.Permit ? Effect.PERMIT : Effect.DENY;
        String by = decision.rule().map(rule -> "rule '" + rule + "'").orElse("no rule");
        if (effect != one.expect()) {
            return Optional.of("expected " + word(one.expect()) + ", but it is " + word(effect) + " by " + by);
        }
        return one.rule()
                .filter(rule -> !decision.rule().equals(Optional.of(rule)))
                .map(rule -> "expected rule '" + rule + "' to decide, but it is " + word(effect) + " by " + by);
    }

    private static String word(Effect effect) {
        return effect.name().toLowerCase(Locale.ROOT);
    }

    private static Optional<Case> read(
            NodeReader reader,
            Node node,
            Function<String, Server> servers,
            BiFunction<String, Optional<Assurance>, Caller> callers) {
        Map<String, Entry> entries = reader.entries(node, KEYS, "name: agents may read the weather");
        Optional<Caller> caller = caller(reader, node, entries, callers);
        Optional<Call> call = call(reader, node, servers, entries);
        Optional<Effect> expect = required(reader, node, entries, "expect")
                .flatMap(entry -> reader.choice(entry, List.of("permit", "deny")))
                .map(word -> Effect.valueOf(word.toUpperCase(Locale.ROOT)));
        Optional<String> rule = text(reader, entries, "rule");
        Optional<String> name = text(reader, entries, "name");
        return caller.isEmpty() || call.isEmpty() || expect.isEmpty()
                ? Optional.empty()
                : Optional.of(new Case(name.orElse(""), node.at(), caller.get(), call.get(), expect.get(), rule));
    }

    private static Optional<Caller> caller(
            NodeReader reader,
            Node node,
            Map<String, Entry> entries,
            BiFunction<String, Optional<Assurance>, Caller> callers) {
        Optional<Assurance> assurance = Optional.ofNullable(entries.get("assurance"))
                .flatMap(entry -> reader.choice(entry, List.of("verified", "pinned", "claimed")))
                .map(word -> Assurance.valueOf(word.toUpperCase(Locale.ROOT)));
        Optional<Scalar> peer = required(reader, node, entries, "peer").flatMap(reader::word);
        try {
            return peer.map(scalar -> callers.apply(scalar.text(), assurance));
        } catch (RuntimeException e) {
            reader.error(peer.orElseThrow().at(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<Call> call(
            NodeReader reader, Node node, Function<String, Server> servers, Map<String, Entry> entries) {
        List<String> targets = TARGETS.stream().filter(entries::containsKey).toList();
        if (targets.size() != 1 && node instanceof Mapping) {
            reader.error(node.at(), "a case takes exactly one of " + String.join(", ", TARGETS));
        }
        Optional<Server> server = required(reader, node, entries, "server")
                .flatMap(entry -> text(reader, entries, entry.key()))
                .map(servers);
        if (targets.size() != 1 || server.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> arguments = arguments(reader, entries);
        String kind = targets.get(0);
        String name = server.get().mcpName();
        return text(reader, entries, kind)
                .map(target -> switch (kind) {
                    case "tool" -> new Call(name, "tools/call", target).with(() -> arguments);
                    case "prompt" -> new Call(name, "prompts/get", target).with(() -> arguments);
                    case "resource" -> new Call(name, "resources/read", target);
                    default -> new Call(name, target, "");
                })
                .map(call -> call.at(server.get().entry()).bearing(token(reader, entries)));
    }

    /** The access token that the call is made with; it has an issuer and a subject, if there is one. */
    private static Optional<AccessToken> token(NodeReader reader, Map<String, Entry> entries) {
        Optional<String> issuer = text(reader, entries, "issuer");
        Optional<String> subject = text(reader, entries, "subject");
        List<String> scopes = entries.containsKey("scopes")
                ? reader.words(entries.get("scopes")).stream().map(Scalar::text).toList()
                : List.of();
        Optional<String> client = text(reader, entries, "client");
        if (issuer.isPresent() && subject.isPresent()) {
            return Optional.of(
                    new AccessToken(issuer.get(), subject.get(), client, Set.copyOf(scopes), Instant.MAX, true));
        }
        Stream.of("issuer", "subject", "client", "scopes")
                .flatMap(key -> Optional.ofNullable(entries.get(key)).stream())
                .findFirst()
                .ifPresent(entry -> reader.error(
                        entry.at(), "an access token has an issuer and a subject\nwrite both 'issuer' and 'subject'"));
        return Optional.empty();
    }

    private static Optional<Entry> required(NodeReader reader, Node node, Map<String, Entry> entries, String key) {
        if (!entries.containsKey(key) && node instanceof Mapping) {
            reader.error(node.at(), "the case has no '" + key + "'\nadd '" + key + ": …'");
        }
        return Optional.ofNullable(entries.get(key));
    }

    private static Optional<String> text(NodeReader reader, Map<String, Entry> entries, String key) {
        return Optional.ofNullable(entries.get(key)).flatMap(reader::word).map(Scalar::text);
    }

    private static Map<String, Object> arguments(NodeReader reader, Map<String, Entry> entries) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        if (entries.containsKey("arguments")) {
            if (entries.get("arguments").value() instanceof Mapping mapping) {
                mapping.entries().forEach(entry -> arguments.put(entry.key(), json(entry.value())));
            } else {
                reader.error(
                        entries.get("arguments").at(),
                        "'arguments' takes keys with values\nwrite for example 'arguments: {city: Berlin}'");
            }
        }
        return arguments;
    }

    private static @org.jspecify.annotations.Nullable Object json(Node node) {
        if (node instanceof Mapping mapping) {
            Map<String, Object> members = new LinkedHashMap<>();
            mapping.entries().forEach(entry -> members.put(entry.key(), json(entry.value())));
            return members;
        }
        if (node instanceof Sequence list) {
            List<Object> elements = new ArrayList<>();
            list.elements().forEach(element -> elements.add(json(element)));
            return elements;
        }
        return ((Scalar) node).value();
    }
}
