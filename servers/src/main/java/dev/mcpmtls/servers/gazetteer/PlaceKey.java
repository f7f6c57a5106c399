// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import java.text.Normalizer;
import java.util.Locale;

/** Place names in a form for comparison: letters and digits, without case, accents, spaces and punctuation. */
final class PlaceKey {

    private PlaceKey() {}

    /** For example {@code saopaulo} for {@code São Paulo}; empty if the text has neither letters nor digits. */
    static String of(String text) {
        String decomposed = Normalizer.normalize(text, Normalizer.Form.NFKD).toLowerCase(Locale.ROOT);
        StringBuilder key = new StringBuilder(decomposed.length());
        decomposed.codePoints().filter(Character::isLetterOrDigit).forEach(c -> appendFolded(key, c));
        return key.toString();
    }

    /** Letters that Unicode does not decompose although people type them without their stroke. */
    private static void appendFolded(StringBuilder key, int letter) {
        switch (letter) {
            case 'ß' -> key.append("ss");
            case 'æ' -> key.append("ae");
            case 'œ' -> key.append("oe");
            case 'ø' -> key.append('o');
            case 'ł' -> key.append('l');
            case 'đ', 'ð' -> key.append('d');
            case 'þ' -> key.append("th");
            case 'ı' -> key.append('i');
            default -> key.appendCodePoint(letter);
        }
    }
}
