// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A cache of encoded fields that records repeat; entries stay while they are in use. Used by one thread. */
final class Recent<K> {

    private static final int KEPT = 1024;

    private final Map<K, byte[]> words = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, byte[]> eldest) {
            return size() > KEPT;
        }
    };

    /** The fields of {@code subject}, as {@link JsonFields#encode} has them. */
    byte[] wordsFor(K subject, Supplier<Map<String, Object>> fields) {
        byte[] known = words.get(subject);
        if (known == null) {
            known = JsonFields.encode(fields.get());
            words.put(subject, known);
        }
        return known;
    }
}
