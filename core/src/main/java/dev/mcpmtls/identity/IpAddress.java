// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * An IP address as a certificate's iPAddress name or as a URL's host.
 *
 * @param address four or sixteen octets; never looked up by name
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6">RFC 5280, section 4.2.1.6</a>
 */
public record IpAddress(InetAddress address) implements Identity {

    private static final Pattern ZEROS = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");

    /** The text form of RFC 5952, for example {@code ::1}. */
    @Override
    public String text() {
        String written = address.getHostAddress();
        return ZEROS.matcher(written)
                .results()
                .max(Comparator.comparingInt(run -> run.end() - run.start()))
                .map(run -> without(run, written))
                .orElse(written);
    }

    private static String without(MatchResult run, String written) {
        String before = written.substring(0, run.start()).replaceFirst(":$", "");
        return before + "::" + written.substring(run.end()).replaceFirst("^:", "");
    }

    @Override
    public String toString() {
        return text();
    }
}
