// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.runtime.settings.Key;
import java.util.ArrayList;
import java.util.List;

/** The flags of the settings, which follow from their keys. */
public final class SettingFlags {

    private SettingFlags() {}

    /** All, shortest first: the settings of {@code tls} also go without that word, {@code --engine}, {@code --tls-engine}. */
    public static List<String> of(Key<?> key) {
        List<String> flags = new ArrayList<>();
        if (key.path().startsWith("tls.")) {
            flags.add("--" + key.path().substring("tls.".length()).replace('.', '-'));
        }
        flags.add("--" + key.path().replace('.', '-'));
        return flags;
    }

    /** The shortest. */
    public static String shortest(Key<?> key) {
        return of(key).get(0);
    }
}
