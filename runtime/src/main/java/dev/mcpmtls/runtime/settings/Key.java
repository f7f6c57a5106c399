// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.util.List;
import java.util.Locale;

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
}
