// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One setting.
 *
 * @param path its place in the file, for example {@code tls.min-version}
 * @param type how its text is read
 * @param defaults its text when it is not set: one element, or a list's elements; none when it is then absent
 * @param doc one sentence
 */
public record Key<T>(String path, Type<T> type, List<String> defaults, String doc) {

    /** Copies the list. */
    public Key {
        defaults = List.copyOf(defaults);
    }

    /** The environment variable, for example {@code MCP_MTLS_TLS_MIN_VERSION}. */
    public String variable() {
        return "MCP_MTLS_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Keys are equal when their paths are: no two have the same. In words, because Java makes a record's own at each start. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Key<?> key && key.path.equals(path);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }
}
