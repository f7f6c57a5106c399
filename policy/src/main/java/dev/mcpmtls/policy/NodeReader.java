// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.policy.Node.Entry;
import dev.mcpmtls.policy.Node.Mapping;
import dev.mcpmtls.policy.Node.Scalar;
import dev.mcpmtls.policy.Node.Sequence;
import dev.mcpmtls.policy.Problem.Location;
import dev.mcpmtls.remedy.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads values out of a tree of YAML, and collects what is wrong with them. */
final class NodeReader {

    /** Words of other products for what is meant here. */
    private static final Map<String, String> MEANT = Map.of(
            "allow", "permit",
            "forbid", "deny",
            "block", "deny",
            "action", "effect",
            "condition", "when",
            "if", "when",
            "identities", "peers",
            "subjects", "peers",
            "ratelimit", "rate",
            "audit", "shadow");

    private final List<Problem> problems = new ArrayList<>();

    void error(Location at, String message) {
        problems.add(Problem.error(at, message));
    }

    /**
     * Ends reading.
     *
     * @throws BadPolicyException when something was wrong
     */
    void finish() {
        if (!problems.isEmpty()) {
            throw new BadPolicyException(problems);
        }
    }

    /** The keys of a node with their values; unknown ones are errors. */
    Map<String, Entry> entries(Node node, Collection<String> known, String example) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        if (!(node instanceof Mapping mapping)) {
            error(
                    node.at(),
                    "keys with values are expected here, not " + node.form() + "\nwrite for example '" + example + "'");
            return entries;
        }
        for (Entry entry : mapping.entries()) {
            if (known.contains(entry.key())) {
                entries.put(entry.key(), entry);
            } else {
                error(entry.at(), "unknown key '" + Printable.clean(entry.key()) + "'\n" + guess(entry.key(), known));
            }
        }
        return entries;
    }

    /** The elements of a list; an empty list and no value are errors, and one value is a list of one. */
    List<Node> elements(Entry entry) {
        if (entry.value() instanceof Sequence list) {
            if (list.elements().isEmpty()) {
                error(
                        entry.value().at(),
                        "'" + entry.key()
                                + "' is an empty list, which nothing can match\nadd an element, or remove the key");
            }
            return list.elements();
        }
        return List.of(entry.value());
    }

    /** The texts of a list; see {@link #elements}. */
    List<Scalar> words(Entry entry) {
        List<Scalar> words = new ArrayList<>();
        for (Node element : elements(entry)) {
            word(entry.key(), element).ifPresent(words::add);
        }
        return words;
    }

    /** A key's one text. */
    Optional<Scalar> word(Entry entry) {
        return word(entry.key(), entry.value());
    }

    private Optional<Scalar> word(String key, Node node) {
        if (node instanceof Scalar scalar && !scalar.text().isEmpty()) {
            return Optional.of(scalar);
        }
        String form = node instanceof Scalar ? "has no value" : "takes plain words here, not " + node.form();
        error(node.at(), "'" + key + "' " + form + "\nwrite a value, or remove the key");
        return Optional.empty();
    }

    /** A key's text when it is one of the words. */
    Optional<String> choice(Entry entry, Collection<String> words) {
        Optional<Scalar> scalar = word(entry);
        if (scalar.isPresent() && !words.contains(scalar.get().text())) {
            String text = scalar.get().text();
            error(
                    scalar.get().at(),
                    "'" + entry.key() + "' cannot be '" + Printable.clean(text) + "'\n" + guess(text, words));
            return Optional.empty();
        }
        return scalar.map(Scalar::text);
    }

    private static String guess(String text, Collection<String> words) {
        return Optional.ofNullable(MEANT.get(text))
                .filter(words::contains)
                .or(() -> Nearest.to(text, words))
                .map(word -> "did you mean '" + word + "'?")
                .orElse("there " + (words.size() == 1 ? "is " : "are ") + String.join(", ", words));
    }
}
