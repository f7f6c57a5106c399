// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.util.List;
import java.util.Optional;

/**
 * A setting as it was given.
 *
 * @param elements one, or a list's elements
 * @param origin where, as shown to users: {@code default}, {@code mcp-mtls.yaml:3}, a variable or a flag
 * @param entries the trust anchors that the elements stand for, as the file has them
 */
public record Assignment(Key<?> key, List<String> elements, String origin, Optional<List<AnchorEntry>> entries) {

    /** Copies the list. */
    public Assignment {
        elements = List.copyOf(elements);
    }

    /** A setting of plain values. */
    public Assignment(Key<?> key, List<String> elements, String origin) {
        this(key, elements, origin, Optional.empty());
    }

    static Assignment ofAnchors(List<AnchorEntry> entries, String origin) {
        List<String> elements = entries.stream().map(AnchorEntry::toString).toList();
        return new Assignment(TlsKeys.TRUST_ANCHORS, elements, origin, Optional.of(entries));
    }

    /** From a flag or a variable, where commas separate a list's elements. */
    public static Assignment ofText(Key<?> key, String text, String origin) {
        if (!key.type().isList()) {
            return new Assignment(key, List.of(text), origin);
        }
        List<String> elements = text.isBlank() ? List.of() : List.of(text.split(",", -1));
        return new Assignment(key, elements.stream().map(String::strip).toList(), origin);
    }

    /** Reads the text. */
    @SuppressWarnings("unchecked") // only the trust anchors have entries
    <T> T parse(Key<T> as) {
        if (entries.isPresent()) {
            return (T) entries.get();
        }
        try {
            return as.type().parse().apply(elements);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(where() + ": " + e.getMessage());
        }
    }

    /** The subject of a message: a place in a file and the key, or the flag or variable, which names the key by itself. */
    String where() {
        return origin.contains(":") ? origin + ": " + key.path() : origin;
    }
}
