// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.pattern.Glob;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.policy.Node.Entry;
import dev.mcpmtls.policy.Node.Scalar;
import dev.mcpmtls.policy.Problem.Location;
import dev.mcpmtls.policy.condition.BadConditionException;
import dev.mcpmtls.policy.condition.Condition;
import dev.mcpmtls.policy.pattern.ResourceUri;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads a policy from YAML. Goes on after an error, to report all of them. */
final class PolicyReader {

    private static final int MAX_RULES = 1000;
    private static final int MAX_PATTERNS = 1000;
    private static final int MAX_PATTERN_LENGTH = 2048;
    private static final int MAX_NAME_LENGTH = 128;

    private static final List<String> KEYS = List.of("default", "mode", "rules");
    private static final List<String> TARGETS = List.of("tools", "prompts", "resources", "methods");
    private static final List<String> RULE_KEYS = List.of(
            "name",
            "effect",
            "peers",
            "subjects",
            "scopes",
            "servers",
            "tools",
            "prompts",
            "resources",
            "methods",
            "when",
            "rate",
            "assurance");

    /** The methods that a selector beside 'methods' would narrow. */
    private static final Map<String, String> NARROWED =
            Map.of("tools", "tools/call", "prompts", "prompts/get", "resources", "resources/read");

    private final String text;
    private final NodeReader reader = new NodeReader();
    private final Map<String, Location> names = new HashMap<>();

    private PolicyReader(String text) {
        this.text = text;
    }

    static Policy read(String file, String text) {
        return new PolicyReader(text)
                .read(YamlReader.parse(file, text)
                        .orElseThrow(() -> new BadPolicyException(Problem.error(
                                Location.of(file), "there are no rules in it\nadd 'rules:' with at least one rule"))));
    }

    private Policy read(Node root) {
        Map<String, Entry> entries = reader.entries(root, KEYS, "default: deny");
        Effect fallback = choice(entries, "default", Effect.values(), Effect.DENY);
        Policy.Mode mode = choice(entries, "mode", Policy.Mode.values(), Policy.Mode.ENFORCE);
        List<Rule> rules = new ArrayList<>();
        if (entries.containsKey("rules")) {
            rules(entries.get("rules"), rules);
        } else if (root instanceof Node.Mapping) {
            reader.error(root.at(), "there is no 'rules'\nadd 'rules:' with at least one rule");
        }
        reader.finish();
        return new Policy(fallback, mode, rules);
    }

    private void rules(Entry entry, List<Rule> rules) {
        if (!(entry.value() instanceof Node.Sequence)) {
            reader.error(
                    entry.value().at(),
                    "'rules' takes a list, not " + entry.value().form() + "\nbegin each rule with '- name: …'");
            return;
        }
        List<Node> elements = reader.elements(entry);
        if (elements.size() > MAX_RULES) {
            reader.error(
                    entry.at(),
                    "there are more than " + MAX_RULES + " rules\nuse patterns instead of a rule for each name");
            return;
        }
        elements.forEach(element -> rules.add(rule(element)));
    }

    private Rule rule(Node node) {
        Map<String, Entry> entries = reader.entries(node, RULE_KEYS, "name: agents-read-weather");
        Effect effect = choice(entries, "effect", Effect.values(), Effect.PERMIT);
        if (TARGETS.stream().noneMatch(entries::containsKey) && node instanceof Node.Mapping) {
            reader.error(
                    node.at(),
                    "the rule does not say what it is about\n"
                            + "add 'tools', 'prompts', 'resources' or 'methods'; all tools are tools: [\"*\"]");
        }
        Rule rule = new Rule(
                name(node, entries),
                entries.containsKey("name") ? entries.get("name").value().at() : node.at(),
                effect,
                patterns(entries, "peers", NamePattern::parse),
                patterns(entries, "subjects", SubjectPattern::parse),
                Set.copyOf(patterns(entries, "scopes", PolicyReader::scope)),
                patterns(entries, "servers", Glob::ofWhole),
                patterns(entries, "tools", Glob::ofWhole),
                patterns(entries, "prompts", Glob::ofWhole),
                resources(entries, effect),
                patterns(entries, "methods", Glob::ofWhole),
                value(entries, "when").flatMap(this::condition),
                rate(entries, effect),
                entries.containsKey("assurance")
                        && reader.choice(entries.get("assurance"), List.of("claimed"))
                                .isPresent());
        checkSize(entries);
        checkNarrowed(rule, entries);
        return rule;
    }

    private String name(Node node, Map<String, Entry> entries) {
        if (!entries.containsKey("name")) {
            if (node instanceof Node.Mapping) {
                reader.error(node.at(), "the rule has no name\nadd 'name: …'; refusals and the audit log tell it");
            }
            return "";
        }
        Optional<Scalar> scalar = reader.word(entries.get("name"));
        scalar.ifPresent(name -> checkName(name));
        return scalar.map(Scalar::text).orElse("");
    }

    private void checkName(Scalar name) {
        if (name.text().length() > MAX_NAME_LENGTH || name.text().chars().anyMatch(Character::isISOControl)) {
            reader.error(
                    name.at(),
                    "the name is longer than " + MAX_NAME_LENGTH
                            + " characters or has a control character\n"
                            + "choose a short one, such as agents-read-weather");
        }
        Location first = names.putIfAbsent(name.text(), name.at());
        if (first != null) {
            reader.error(
                    name.at(),
                    "a rule of the name '" + Printable.clean(name.text()) + "' is at " + first
                            + " already\nchoose another name");
        }
    }

    private <T> List<T> patterns(Map<String, Entry> entries, String key, Function<String, T> parser) {
        List<T> patterns = new ArrayList<>();
        if (entries.containsKey(key)) {
            for (Scalar word : reader.words(entries.get(key))) {
                pattern(key, word, parser).ifPresent(patterns::add);
            }
        }
        return patterns;
    }

    /** RFC 6749, section 3.3. */
    private static String scope(String text) {
        if (!text.matches("[!#-\\[\\]-~]+")) {
            throw new IllegalArgumentException("it has a space, a quotation mark or a character that is not ASCII\n"
                    + "write each scope by itself: scopes: [\"files:read\", \"files:write\"]");
        }
        return text;
    }

    private List<Glob> resources(Map<String, Entry> entries, Effect effect) {
        return effect == Effect.PERMIT
                ? patterns(entries, "resources", ResourceUri::permitPattern)
                : patterns(entries, "resources", ResourceUri::denyPatterns).stream()
                        .flatMap(List::stream)
                        .toList();
    }

    private <T> Optional<T> pattern(String key, Scalar word, Function<String, T> parser) {
        if (word.text().length() > MAX_PATTERN_LENGTH) {
            reader.error(
                    word.at(),
                    "the pattern is longer than " + MAX_PATTERN_LENGTH + " characters\nuse '*' for a part of it");
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(word.text()));
        } catch (IllegalArgumentException e) {
            reader.error(
                    word.at(),
                    "'" + key + "' has a pattern that no name can match, '" + Printable.clean(word.text()) + "': "
                            + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Scalar> value(Map<String, Entry> entries, String key) {
        return Optional.ofNullable(entries.get(key)).flatMap(reader::word);
    }

    private Optional<Condition> condition(Scalar when) {
        try {
            return Optional.of(Condition.compile(when.text()));
        } catch (BadConditionException e) {
            reader.error(placeIn(when, e.line(), e.column()), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Where a character of the value is in the file: exact for a value on one line and for a block, else where the value begins. */
    private Location placeIn(Scalar value, int line, int column) {
        Location at = value.at();
        String rest = text.substring(Math.min(Math.max(value.offset(), 0), text.length()));
        String first = rest.lines().findFirst().orElse("");
        boolean quoted = first.startsWith("'") || first.startsWith("\"");
        if (line == 1 && first.startsWith(value.text(), quoted ? 1 : 0)) {
            return new Location(at.file(), at.line(), at.column() + column - 1 + (quoted ? 1 : 0));
        }
        if (first.startsWith("|")) {
            String content = rest.lines().skip(line).findFirst().orElse("");
            int indent = content.length() - content.stripLeading().length();
            return new Location(at.file(), at.line() + line, indent + column);
        }
        return at;
    }

    private Optional<Rate> rate(Map<String, Entry> entries, Effect effect) {
        Entry entry = entries.get("rate");
        if (entry != null && effect == Effect.DENY) {
            reader.error(entry.at(), "a deny cannot have a rate\nremove it, or write a permit with the rate");
            return Optional.empty();
        }
        return value(entries, "rate").flatMap(this::rate);
    }

    private Optional<Rate> rate(Scalar scalar) {
        try {
            return Optional.of(Rate.parse(scalar.text()));
        } catch (IllegalArgumentException e) {
            reader.error(scalar.at(), "'rate' cannot be '" + Printable.clean(scalar.text()) + "': " + e.getMessage());
            return Optional.empty();
        }
    }

    private void checkSize(Map<String, Entry> entries) {
        int patterns = entries.values().stream()
                .mapToInt(entry -> entry.value() instanceof Node.Sequence list
                        ? list.elements().size()
                        : 1)
                .sum();
        if (patterns > MAX_PATTERNS) {
            entries.values().stream()
                    .findFirst()
                    .ifPresent(entry -> reader.error(
                            entry.at(),
                            "the rule has more than " + MAX_PATTERNS + " patterns\nuse '*' for a part of them"));
        }
    }

    /** 'methods' beside a narrower selector: the rule would be about everything that the method can reach. */
    private void checkNarrowed(Rule rule, Map<String, Entry> entries) {
        Entry methods = entries.get("methods");
        if (methods == null) {
            return;
        }
        NARROWED.forEach((selector, method) -> {
            if (entries.containsKey(selector) && rule.methods().stream().anyMatch(pattern -> pattern.matches(method))) {
                reader.error(
                        methods.at(),
                        "'methods' covers " + method + ", so '" + selector
                                + "' beside it narrows nothing\nremove one of the two");
            }
        });
    }

    private <E extends Enum<E>> E choice(Map<String, Entry> entries, String key, E[] values, E otherwise) {
        if (!entries.containsKey(key)) {
            return otherwise;
        }
        List<String> words = new ArrayList<>();
        for (E value : values) {
            words.add(value.name().toLowerCase(Locale.ROOT));
        }
        return reader.choice(entries.get(key), words)
                .map(word -> values[words.indexOf(word)])
                .orElse(otherwise);
    }
}
