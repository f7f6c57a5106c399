// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.remedy.Remedy;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Looks keys up by name, and guesses what was meant. */
public final class Names {

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
        String remedy = nearest(path, known, 4)
                .map(name -> "did you mean '" + name + "'?")
                .orElseGet(() -> Remedy.of(Act.Verb.LIST_SETTINGS).text());
        return new BadSettingException(where + ": unknown key '" + Printable.clean(path) + "'; " + remedy);
    }

    /** The name at the smallest edit distance, if that is at most {@code limit}; the last part of a path counts as well. */
    public static Optional<String> nearest(String text, Collection<String> names, int limit) {
        return Nearest.within(limit, text, names)
                .or(() ->
                        names.stream().filter(name -> name.endsWith("." + text)).findFirst());
    }
}
