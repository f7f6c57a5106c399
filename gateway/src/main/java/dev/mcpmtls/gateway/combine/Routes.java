// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the member to which a name or a URI belongs. Names of tools and prompts begin with the member's name and {@code __}. URIs stay as
 * they are. A URI belongs to the member that first listed it or answered for it, as long as this program runs: no other member can take it over.
 * Thread-safe.
 */
final class Routes {

    private static final String BETWEEN = "__";
    private static final int MAX_URIS = 20_000;
    // Clients choose them too, as long as a request may be.
    private static final int MAX_LENGTH = 2_048;

    private final List<String> members;
    private final Map<String, String> uris = new ConcurrentHashMap<>();
    // The part of each listed template before its first expression.
    private final Map<String, String> prefixes = new ConcurrentHashMap<>();

    /** @param members their names, none of which contains or ends so that it could be read as another's */
    Routes(List<String> members) {
        this.members = List.copyOf(members);
    }

    /** Whether the name of a member leaves no doubt about where it ends. */
    static boolean isMember(String name) {
        return !name.contains(BETWEEN) && !name.endsWith("_") && !name.isEmpty();
    }

    List<String> members() {
        return members;
    }

    /** The name of a member's tool or prompt here. */
    static String outer(String member, String name) {
        return member + BETWEEN + name;
    }

    /** Something of a member's. */
    record Target(String member, String name) {}

    /** The tool or prompt behind a name; empty when no member could have it. */
    Optional<Target> named(String outer) {
        int at = outer.indexOf(BETWEEN);
        return at > 0 && members.contains(outer.substring(0, at)) && at + BETWEEN.length() < outer.length()
                ? Optional.of(new Target(outer.substring(0, at), outer.substring(at + BETWEEN.length())))
                : Optional.empty();
    }

    /** The member that a resource or template belongs to; empty when none has listed it. */
    Optional<String> owner(String uri) {
        String owner = uris.get(uri);
        return owner != null
                ? Optional.of(owner)
                : prefixes.entrySet().stream()
                        .filter(entry -> uri.startsWith(entry.getKey()))
                        .max(Comparator.comparingInt(entry -> entry.getKey().length()))
                        .map(Map.Entry::getValue);
    }

    /** Notes a URI that a member lists or answers for; false when it belongs to another. A URI of one member never passes to another. */
    synchronized boolean claim(String member, String uri) {
        return claim(uris, member, uri);
    }

    /** Notes a template that a member lists; false when it belongs to another. */
    synchronized boolean claimTemplate(String member, String template) {
        int expression = template.indexOf('{');
        String prefix = expression < 0 ? template : template.substring(0, expression);
        // A template that begins with its expression says nothing about what it covers.
        return claim(uris, member, template) && (prefix.isEmpty() || claim(prefixes, member, prefix));
    }

    private boolean claim(Map<String, String> owners, String member, String uri) {
        Optional<String> owner = owner(uri);
        if (owner.isEmpty() || owner.get().equals(member)) {
            if (owners.size() < MAX_URIS && uri.length() <= MAX_LENGTH) {
                owners.putIfAbsent(uri, member);
            }
            return true;
        }
        return false;
    }
}
