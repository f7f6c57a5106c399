// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.policy.Problem.Location;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece of a YAML file with its place. */
sealed interface Node {

    Location at();

    /** The kind of node, for messages. */
    String form();

    /**
     * A plain or quoted value.
     *
     * @param text as the file has it
     * @param value the text as YAML understands it: a string, number or boolean, or null for no value
     * @param offset of its first character in the file
     */
    record Scalar(Location at, String text, @Nullable Object value, int offset) implements Node {
        @Override
        public String form() {
            return text.isEmpty() ? "no value" : "one value";
        }
    }

    /** A list. */
    record Sequence(Location at, List<Node> elements) implements Node {
        @Override
        public String form() {
            return "a list";
        }
    }

    /** Keys with values, in the order of the file; no key twice. */
    record Mapping(Location at, List<Entry> entries) implements Node {
        @Override
        public String form() {
            return "keys with values";
        }
    }

    /** A key with its value. */
    record Entry(String key, Location at, Node value) {}
}
