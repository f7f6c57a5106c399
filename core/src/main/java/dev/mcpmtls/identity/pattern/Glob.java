// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity.pattern;

import java.util.Arrays;

/**
 * A text in which {@code *} stands for zero or more characters of one segment and {@code **} for zero or more of any. Only stars are
 * special. Matching takes time proportional to pattern times name, whatever the two are. Immutable.
 */
public final class Glob {

    private static final int STAR = -1;
    private static final int STARS = -2;

    private final String text;
    private final char separator;
    private final int[] tokens;
    private final String prefix;
    private final String suffix;

    private Glob(String text, char separator, int[] tokens) {
        this.text = text;
        this.separator = separator;
        this.tokens = tokens;
        int stars = firstStar();
        this.prefix = literal(0, stars);
        this.suffix = stars == tokens.length ? "" : literal(lastStar() + 1, tokens.length);
    }

    /** A pattern for names of segments that the character separates. */
    public static Glob ofSegments(String text, char separator) {
        return new Glob(text, separator, tokens(text, STAR));
    }

    /** A pattern for names without segments: {@code *} and {@code **} are the same. */
    public static Glob ofWhole(String text) {
        return new Glob(text, '\0', tokens(text, STARS));
    }

    /** A URI template (RFC 6570) as the pattern of what it may expand to: each {@code {…}} counts as {@code **}. */
    public static Glob ofTemplate(String template) {
        int[] tokens = new int[template.length()];
        int count = 0;
        for (int i = 0; i < template.length(); i++) {
            int close = template.charAt(i) == '{' ? template.indexOf('}', i) : -1;
            tokens[count++] = close < 0 ? template.charAt(i) : STARS;
            i = Math.max(i, close);
        }
        return new Glob(template, '/', Arrays.copyOf(tokens, count));
    }

    private static int[] tokens(String text, int single) {
        int[] tokens = new int[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '*') {
                tokens[count++] = text.charAt(i);
            } else {
                int first = i;
                while (i + 1 < text.length() && text.charAt(i + 1) == '*') {
                    i++;
                }
                tokens[count++] = i == first ? single : STARS;
            }
        }
        return Arrays.copyOf(tokens, count);
    }

    /** Whether the name is one of the pattern's. */
    public boolean matches(String name) {
        if (isLiteral()) {
            return prefix.equals(name);
        }
        int end = name.length() - suffix.length();
        if (prefix.length() > end || !name.startsWith(prefix) || !name.endsWith(suffix)) {
            return false;
        }
        int from = prefix.length();
        int last = tokens.length - suffix.length();
        if (last - from == 1) {
            return tokens[from] == STARS || name.substring(from, end).indexOf(separator) < 0;
        }
        return matchesBetween(name, from, end, from, last);
    }

    /** Whether the tokens take the characters: {@code reached} holds the places in the name that the tokens so far can end at. */
    private boolean matchesBetween(String name, int start, int end, int firstToken, int endToken) {
        boolean[] reached = new boolean[end - start + 1];
        reached[0] = true;
        for (int t = firstToken; t < endToken; t++) {
            int token = tokens[t];
            if (token >= 0) {
                for (int i = reached.length - 1; i > 0; i--) {
                    reached[i] = reached[i - 1] && name.charAt(start + i - 1) == token;
                }
                reached[0] = false;
            } else {
                for (int i = 1; i < reached.length; i++) {
                    reached[i] |= reached[i - 1] && takes(token, name.charAt(start + i - 1));
                }
            }
        }
        return reached[reached.length - 1];
    }

    /** Whether every name of the other pattern is one of this. A no may be wrong, where only a case-by-case proof would find it; a yes never is. */
    public boolean covers(Glob other) {
        return product(other, false);
    }

    /** Whether some name is one of both patterns. */
    public boolean intersects(Glob other) {
        return product(other, true);
    }

    /** Walks both patterns at once; {@code either} lets the other's stars take characters of this pattern as well. */
    private boolean product(Glob other, boolean either) {
        int columns = other.tokens.length + 1;
        boolean[] reached = new boolean[columns];
        reached[0] = true;
        for (int i = 0; i < tokens.length; i++) {
            int mine = tokens[i];
            boolean[] next = new boolean[columns];
            boolean any = false;
            for (int j = 0; j < columns; j++) {
                if (!reached[j]) {
                    continue;
                }
                next[j] |= mine < 0;
                if (j < columns - 1) {
                    int its = other.tokens[j];
                    boolean itsTakes = either && its < 0;
                    reached[j + 1] |= itsTakes || (mine < 0 && takes(mine, its));
                    next[j] |= itsTakes && other.takes(its, mine);
                    next[j + 1] |= mine >= 0 && mine == its;
                    any |= next[j + 1];
                }
                any |= next[j];
            }
            if (!any) {
                return false;
            }
            reached = next;
        }
        for (int j = 0; j < columns - 1 && either; j++) {
            reached[j + 1] |= reached[j] && other.tokens[j] < 0;
        }
        return reached[columns - 1];
    }

    /** Whether the star takes a character, or all that another star takes. */
    private boolean takes(int star, int token) {
        return star == STARS || token == STAR || (token >= 0 && token != separator);
    }

    /** The part before the first star, with which every name begins. */
    public String prefix() {
        return prefix;
    }

    /** Whether there is no star in it. */
    public boolean isLiteral() {
        return prefix.length() == tokens.length;
    }

    private int firstStar() {
        int i = 0;
        while (i < tokens.length && tokens[i] >= 0) {
            i++;
        }
        return i;
    }

    private int lastStar() {
        int i = tokens.length - 1;
        while (tokens[i] >= 0) {
            i--;
        }
        return i;
    }

    private String literal(int from, int to) {
        return new String(tokens, from, to - from);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Glob that && separator == that.separator && Arrays.equals(tokens, that.tokens);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(tokens);
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
