// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

/** The syntax of a configuration file. */
enum Syntax {
    /** JSON, in which comments and trailing commas are left as they are; none are ever written. */
    JSON,
    TOML,
    YAML;

    /**
     * Reads a text without byte order mark.
     *
     * @param list whether the servers are a list of objects with a {@code name}, where the text has none yet
     * @throws MalformedText when it is not of the syntax, or its root is not an object
     */
    Document parse(String text, boolean list) {
        return switch (this) {
            case JSON -> new JsonDocument(text);
            case TOML -> new TomlDocument(text);
            case YAML -> new YamlDocument(text, list);
        };
    }
}
