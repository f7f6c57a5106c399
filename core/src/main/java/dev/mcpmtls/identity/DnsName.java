// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A DNS host name in its preferred syntax, lower case, without a trailing dot.
 *
 * @param text for example {@code weather.example.com}; at most 253 characters, labels of 1 to 63
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5890">RFC 5890 (A-labels)</a>
 */
public record DnsName(String text) implements Identity {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");

    private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?[0-9]+");

    /** Checks length and every label. */
    public DnsName {
        if (!isDnsName(text)) {
            throw new IllegalArgumentException("not a DNS name: " + Printable.quote(text));
        }
    }

    /**
     * Parses a host name; case is folded.
     *
     * @throws IllegalArgumentException when the text is not a DNS name; the message names the text
     */
    public static DnsName parse(String text) {
        return new DnsName(text.toLowerCase(Locale.ROOT));
    }

    /** Whether a certificate may hold it: no underscore in it, and nothing that reads as an IPv4 address. */
    public boolean isHostName() {
        return !text.contains("_") && !NUMERIC_END.matcher(text).matches();
    }

    @Override
    public String toString() {
        return text;
    }

    private static boolean isDnsName(String text) {
        if (text.isEmpty() || text.length() > 253) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }
}
