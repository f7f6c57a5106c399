// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pinned part of a tool's definition: everything that a model reads of it or its user sees. It holds the members of {@code _meta} that
 * hosts show ({@code ui}, {@code openai/…}). Other members are left out, because servers may change them with each list. Equal when the
 * digests are.
 */
public final class ToolDefinition {

    private static final String META = "_meta";

    /** The pinned members. */
    public static final List<String> MEMBERS =
            List.of("name", "title", "description", "inputSchema", "outputSchema", "annotations", "icons", META);

    private final String name;
    private final Map<String, @Nullable Object> members;
    private final String canonical;
    private final String digest;

    private ToolDefinition(String name, Map<String, @Nullable Object> members) {
        this.name = name;
        this.members = Collections.unmodifiableMap(members);
        this.canonical = CanonicalJson.of(members);
        this.digest = CanonicalJson.sha256(canonical);
    }

    /**
     * The definition in an element of {@code tools} of a {@code tools/list} result.
     *
     * @throws IllegalArgumentException when it has no name, or no canonical form
     */
    public static ToolDefinition of(Map<?, ?> listed) {
        if (!(listed.get("name") instanceof String name) || name.isEmpty()) {
            throw new IllegalArgumentException("it has no name");
        }
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        MEMBERS.stream().filter(listed::containsKey).forEach(member -> members.put(member, listed.get(member)));
        if (List.of().equals(members.get("icons"))) {
            members.remove("icons"); // shows nothing
        }
        if (members.containsKey(META)) {
            Map<?, ?> shown = shown(members.remove(META));
            if (!shown.isEmpty()) {
                members.put(META, shown);
            }
        }
        return new ToolDefinition(name, members);
    }

    /** The members by which hosts choose what they show for a tool: MCP Apps and the Apps SDK. */
    private static Map<?, ?> shown(@Nullable Object meta) {
        Map<Object, @Nullable Object> shown = new LinkedHashMap<>();
        if (meta instanceof Map<?, ?> all) {
            all.forEach((key, value) -> {
                String name = String.valueOf(key);
                if (name.equals("ui") || name.startsWith("ui/") || name.startsWith("openai/")) {
                    shown.put(key, value);
                }
            });
        }
        return shown;
    }

    /** The name as the server has it; it may hold any character. */
    public String name() {
        return name;
    }

    /** The pinned members that the definition has, in the order of {@link #MEMBERS}. */
    public Map<String, @Nullable Object> members() {
        return members;
    }

    /** The members in the canonical form of RFC 8785. */
    public String canonical() {
        return canonical;
    }

    /** The SHA-256 of {@link #canonical}'s UTF-8, as 64 lower-case hexadecimal digits. */
    public String digest() {
        return digest;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ToolDefinition definition && digest.equals(definition.digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return canonical;
    }
}
