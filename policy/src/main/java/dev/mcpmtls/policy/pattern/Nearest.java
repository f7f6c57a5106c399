// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/** Guesses what was meant by a misspelt word. */
public final class Nearest {

    private Nearest() {}

    /** The word at the smallest edit distance, when that is at most a third of its length. */
    public static Optional<String> to(String text, Collection<String> words) {
        return words.stream()
                .filter(word -> Math.abs(word.length() - text.length()) <= limit(word))
                .filter(word -> distance(text, word) <= limit(word))
                .min(Comparator.comparingInt(word -> distance(text, word)));
    }

    private static int limit(String word) {
        return Math.max(1, Math.min(4, word.length() / 3));
    }

    private static int distance(String a, String b) {
        int[] row = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(diagonal, row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
