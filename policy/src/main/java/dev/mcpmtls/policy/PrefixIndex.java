// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Numbers by the beginnings of names: a trie. */
final class PrefixIndex {

    private final Map<Character, PrefixIndex> longer = new HashMap<>(2);
    private final BitSet numbers = new BitSet();

    void add(String prefix, int number) {
        PrefixIndex node = this;
        for (int i = 0; i < prefix.length(); i++) {
            node = node.longer.computeIfAbsent(prefix.charAt(i), any -> new PrefixIndex());
        }
        node.numbers.set(number);
    }

    /** Adds the numbers of all beginnings of the name to the set. */
    void find(String name, BitSet found) {
        PrefixIndex node = this;
        for (int i = 0; node != null; i++) {
            found.or(node.numbers);
            node = i < name.length() ? node.longer.get(name.charAt(i)) : null;
        }
    }
}
