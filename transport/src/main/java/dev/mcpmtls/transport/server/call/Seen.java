// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The lists of a server as a client saw them last, each as a number that differs when the lists do. Thread-safe. */
public final class Seen {

    private final Map<ListKind, Integer> shown = new EnumMap<>(ListKind.class);
    private final Map<ListKind, Long> changes = new EnumMap<>(ListKind.class);
    private final Set<ListKind> waiting = EnumSet.noneOf(ListKind.class);

    /** How often a list has changed so far. */
    synchronized long changes(ListKind kind) {
        return changes.getOrDefault(kind, 0L);
    }

    /** Notes a list, unless it has changed since {@link #changes} gave the number. */
    synchronized void note(ListKind kind, long asOf, Collection<?> list) {
        if (changes(kind) == asOf) {
            shown.put(kind, list.hashCode());
        }
    }

    /** Whether these lists are about to be compared anyway; if not, they are from now on. */
    synchronized boolean isBeingCompared(List<ListKind> kinds) {
        kinds.forEach(kind -> changes.merge(kind, 1L, Long::sum));
        return !waiting.addAll(kinds);
    }

    /** A list is about to be read. */
    synchronized void comparing(ListKind kind) {
        waiting.remove(kind);
    }

    /** Notes a list. */
    synchronized void note(ListKind kind, Collection<?> list) {
        changes.merge(kind, 1L, Long::sum);
        shown.put(kind, list.hashCode());
    }

    /**
     * Notes a list and compares it with the one before.
     *
     * @param unless the answer when no list is known is that it differs, unless this is true
     */
    synchronized boolean differs(ListKind kind, Collection<?> list, boolean unless) {
        changes.merge(kind, 1L, Long::sum);
        Integer before = shown.put(kind, list.hashCode());
        return before == null ? !unless : before != list.hashCode();
    }
}
