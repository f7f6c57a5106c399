// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.util.ArrayList;
import java.util.List;

/** The settings of one subject, in the order in which they are declared. */
final class KeyTable {

    private final List<Key<?>> keys = new ArrayList<>();

    <T> Key<T> key(String path, Type<T> type, String standard, String doc) {
        return add(new Key<>(path, type, List.of(standard), doc));
    }

    <T> Key<List<T>> list(String path, Type<T> element, List<String> standard, String doc) {
        return add(new Key<>(path, Type.listOf(element), standard, doc));
    }

    Key<Integer> limit(String name, int standard, String what) {
        return key("limits." + name, Type.number(1, 1_000_000), Integer.toString(standard), "the most " + what);
    }

    /** A key that may be absent. */
    <T> Key<T> optional(String path, Type<T> type, String doc) {
        return add(new Key<>(path, type, List.of(), doc));
    }

    private <T> Key<T> add(Key<T> key) {
        keys.add(key);
        return key;
    }

    void addAll(List<Key<?>> others) {
        keys.addAll(others);
    }

    List<Key<?>> all() {
        return List.copyOf(keys);
    }
}
