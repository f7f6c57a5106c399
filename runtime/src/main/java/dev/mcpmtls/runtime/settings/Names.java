// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

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
        return names.stream()
                .filter(name -> distance(text, name) <= limit)
                .min(Comparator.comparingInt(name -> distance(text, name)))
                .or(() ->
                        names.stream().filter(name -> name.endsWith("." + text)).findFirst());
    }

    /** Two neighbours in each other's place are one mistake (optimal string alignment). */
    private static int distance(String a, String b) {
        int[][] rows = new int[a.length() + 1][];
        rows[0] = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            rows[i] = row;
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, 1 + Math.min(rows[i - 1][j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
                }
            }
        }
        return rows[a.length()][b.length()];
    }
}
