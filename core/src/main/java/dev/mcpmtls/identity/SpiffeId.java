// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A SPIFFE ID, {@code spiffe://trust-domain/path}.
 *
 * @param trustDomain lower-case letters, digits, dots, dashes and underscores; at most 255 characters
 * @param path starts with a slash and has no empty, {@code .} or {@code ..} segment; empty for a trust domain's own ID
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md">SPIFFE-ID, section 2</a>
 */
public record SpiffeId(String trustDomain, String path) implements Identity {

    private static final int MAX_LENGTH = 2048;
    private static final String SCHEME = "spiffe://";
    private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");

    /** Checks both parts against SPIFFE-ID section 2. */
    public SpiffeId {
        if (!TRUST_DOMAIN.matcher(trustDomain).matches()) {
            throw new IllegalArgumentException("not a SPIFFE trust domain: " + Printable.quote(trustDomain));
        }
        if (!path.isEmpty()) {
            checkPath(path);
        }
    }

    /**
     * Parses a SPIFFE ID; scheme and trust domain are case-insensitive, the path is not.
     *
     * @throws IllegalArgumentException when the text is not a SPIFFE ID; the message names the text
     */
    public static SpiffeId parse(String text) {
        if (text.length() > MAX_LENGTH || !text.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw new IllegalArgumentException("not a SPIFFE ID: " + Printable.quote(text));
        }
        String rest = text.substring(SCHEME.length());
        int slash = rest.indexOf('/');
        String domain = (slash < 0 ? rest : rest.substring(0, slash)).toLowerCase(Locale.ROOT);
        return new SpiffeId(domain, slash < 0 ? "" : rest.substring(slash));
    }

    @Override
    public String text() {
        return SCHEME + trustDomain + path;
    }

    @Override
    public String toString() {
        return text();
    }

    private static void checkPath(String path) {
        String[] segments = path.split("/", -1);
        boolean wellFormed = segments.length > 1 && segments[0].isEmpty();
        for (int i = 1; i < segments.length; i++) {
            wellFormed &= SEGMENT.matcher(segments[i]).matches() && !segments[i].matches("\\.{1,2}");
        }
        if (!wellFormed) {
            throw new IllegalArgumentException("not a SPIFFE path: " + Printable.quote(path));
        }
    }
}
