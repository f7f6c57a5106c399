// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.pattern.NamePattern;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An element of {@code tls.trust-anchors}.
 *
 * @param file as it is written, relative to the store
 * @param names the names that its anchors may vouch for; empty when they are not bound
 */
public record AnchorEntry(Path file, List<NamePattern> names) {

    /** Copies the list. */
    public AnchorEntry {
        names = List.copyOf(names);
    }

    /** An element that is a file alone, in a list, a flag or a variable. */
    static AnchorEntry plain(String text) {
        if (text.startsWith("{") || text.contains("for:")) {
            throw new IllegalArgumentException(
                    "files alone are named here; write what binds them, {file: PATH, for: [PATTERN]}, into"
                            + " mcp-mtls.yaml under tls.trust-anchors");
        }
        return new AnchorEntry(Type.path().parse().apply(List.of(text)), List.of());
    }

    /**
     * The entries that should be bound: those without names, except ours. As far as settings tell, ours is the one beside the credential,
     * else the first.
     */
    public static List<AnchorEntry> unbound(List<AnchorEntry> entries) {
        List<AnchorEntry> unbound =
                entries.stream().filter(entry -> !entry.isBound()).toList();
        Optional<AnchorEntry> ours = unbound.stream()
                .filter(entry -> entry.file().startsWith("credentials/<name>"))
                .findFirst()
                .or(() -> unbound.stream()
                        .filter(entry -> entry.equals(entries.get(0)))
                        .findFirst());
        return unbound.stream()
                .filter(entry -> ours.filter(entry::equals).isEmpty())
                .toList();
    }

    /** Whether it may vouch for listed names only. */
    public boolean isBound() {
        return !names.isEmpty();
    }

    /** As JSON has it: a file, or an object of the file and its patterns. */
    public Object asObject() {
        if (!isBound()) {
            return file.toString();
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", file.toString());
        object.put("for", names.stream().map(NamePattern::text).toList());
        return object;
    }

    /** As the configuration file has it, in one line. */
    @Override
    public String toString() {
        if (!isBound()) {
            return file.toString();
        }
        return "{file: " + quoted(file.toString()) + ", for: ["
                + names.stream().map(name -> quoted(name.text())).collect(Collectors.joining(", ")) + "]}";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
