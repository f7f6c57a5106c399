// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.remedy.Remedy;
import java.util.Set;
import java.util.TreeSet;

/** Looks keys up by their names in the file. */
final class Names {

    private Names() {}

    /** The key of that path. */
    static Key<?> find(String path, String where) {
        return Keys.all().stream()
                .filter(key -> key.path().equals(path))
                .findFirst()
                .orElseThrow(() -> unknown(path, where));
    }

    static BadSettingException unknown(String path, String where) {
        Set<String> known = new TreeSet<>();
        for (Key<?> key : Keys.all()) {
            for (int end = key.path().length(); end > 0; end = key.path().lastIndexOf('.', end - 1)) {
                known.add(key.path().substring(0, end));
            }
        }
        String remedy = Nearest.to(path, known, 4)
                .or(() ->
                        known.stream().filter(name -> name.endsWith("." + path)).findFirst())
                .map(name -> "did you mean '" + name + "'?")
                .orElseGet(() -> Remedy.of(Act.Verb.LIST_SETTINGS).text());
        return new BadSettingException(where + ": unknown key '" + Printable.clean(path) + "'; " + remedy);
    }
}
