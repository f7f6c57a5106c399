// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.settings;

import dev.mcpmtls.identity.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host a host name or address, IPv6 without brackets
 * @param port 0 to 65535; 0 takes any free one
 */
public record Listen(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:\\s\\[\\]]+)):(\\d{1,5})");

    /**
     * Parses {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException when the text has another form
     */
    public static Listen parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group(3)) > 65535) {
            throw new IllegalArgumentException(
                    Printable.quote(text) + " is not an address to listen on, such as 127.0.0.1:8443 or [::1]:8443");
        }
        String host = form.group(1) == null ? form.group(2) : form.group(1);
        return new Listen(host, Integer.parseInt(form.group(3)));
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
