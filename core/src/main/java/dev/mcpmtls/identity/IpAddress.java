// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * An IP address as a certificate's iPAddress name or as a URL's host.
 *
 * @param address four or sixteen octets; never looked up by name
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6">RFC 5280, section 4.2.1.6</a>
 */
public record IpAddress(InetAddress address) implements Identity {

    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9A-Fa-f:.]{2,45}");
    private static final Pattern ZEROS = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");

    /**
     * The address that a text is: four decimal numbers without leading zeros, or IPv6 (RFC 4291, section 2.2) without brackets and zone. IPv4
     * mapped into IPv6 becomes IPv4. Nothing is looked up.
     */
    public static Optional<IpAddress> of(String text) {
        try {
            if (IPV4.matcher(text).matches()) {
                return Optional.of(new IpAddress(InetAddress.getByName(text)));
            }
            // In brackets, the platform never takes it for a name.
            return IPV6.matcher(text).matches()
                    ? Optional.of(new IpAddress(InetAddress.getByName("[" + text + "]")))
                    : Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /**
     * As {@link #of}.
     *
     * @throws IllegalArgumentException when the text is no address; the message names it
     */
    public static IpAddress parse(String text) {
        return of(text).orElseThrow(() -> new IllegalArgumentException("not an IP address: " + Printable.quote(text)));
    }

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
