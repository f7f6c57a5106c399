// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A member in which two JSON values differ. Its texts are a server's, as they came; they may be long.
 *
 * @param path the members' names from the root, joined by dots; empty for the value itself
 * @param pinned the one value, as canonical JSON; empty where there is none
 * @param offered the other value, likewise
 */
public record Difference(String path, Optional<String> pinned, Optional<String> offered) {

    /** So many differences of two values are told; there may be more. */
    public static final int MOST = 100;

    static List<Difference> between(Optional<?> pinned, Optional<?> offered) {
        List<Difference> found = new ArrayList<>();
        add("", pinned.orElse(null), pinned.isPresent(), offered.orElse(null), offered.isPresent(), found);
        return List.copyOf(found);
    }

    private static void add(
            String path,
            @Nullable Object pinned,
            boolean isPinned,
            @Nullable Object offered,
            boolean isOffered,
            List<Difference> found) {
        if (found.size() >= MOST || (isPinned == isOffered && isSame(pinned, offered))) {
            return;
        }
        Map<?, ?> before = pinned instanceof Map<?, ?> map ? map : Map.of();
        Map<?, ?> after = offered instanceof Map<?, ?> map ? map : Map.of();
        boolean areObjects = (pinned instanceof Map || !isPinned) && (offered instanceof Map || !isOffered);
        Set<Object> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        if (!areObjects || names.isEmpty()) {
            found.add(new Difference(
                    path,
                    isPinned ? Optional.of(json(pinned)) : Optional.empty(),
                    isOffered ? Optional.of(json(offered)) : Optional.empty()));
            return;
        }
        for (Object name : names) {
            add(
                    path.isEmpty() ? String.valueOf(name) : path + "." + name,
                    before.get(name),
                    before.containsKey(name),
                    after.get(name),
                    after.containsKey(name),
                    found);
        }
    }

    private static boolean isSame(@Nullable Object pinned, @Nullable Object offered) {
        return json(pinned).equals(json(offered));
    }

    private static String json(@Nullable Object value) {
        try {
            return CanonicalJson.of(value);
        } catch (IllegalArgumentException e) {
            return "(" + e.getMessage() + ")";
        }
    }
}
