// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Guesses what was meant by a misspelt word. */
public final class Nearest {

    private Nearest() {}

    /** The word at the smallest edit distance, when that is at most a third of its length, at least 1 and at most 4. */
    public static Optional<String> to(String text, Collection<String> words) {
        return nearest(text, words, word -> Math.max(1, Math.min(4, word.length() / 3)));
    }

    /** The word at the smallest edit distance, when that is at most {@code limit}. */
    public static Optional<String> to(String text, Collection<String> words, int limit) {
        return nearest(text, words, word -> limit);
    }

    private static Optional<String> nearest(String text, Collection<String> words, ToIntFunction<String> limit) {
        return words.stream()
                .filter(word -> Math.abs(word.length() - text.length()) <= limit.applyAsInt(word))
                .filter(word -> distance(text, word) <= limit.applyAsInt(word))
                .min(Comparator.comparingInt(word -> distance(text, word)));
    }

    /** The number of edits of one letter: insert, delete, replace, swap neighbours (optimal string alignment). */
    public static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[b.length()];
    }
}
