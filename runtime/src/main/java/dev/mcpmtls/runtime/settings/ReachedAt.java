// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.ServerName;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where other machines reach a server.
 *
 * @param host a DNS name or IP address, IPv6 without brackets
 * @param port empty for the port on which it listens
 */
public record ReachedAt(String host, Optional<Integer> port) {

    private static final Pattern FORM =
            Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._-]+))(?::(\\d{1,5}))?|([0-9A-Fa-f:.]+)");

    /**
     * Parses {@code host}, {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException when the text has another form
     */
    public static ReachedAt parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || (form.group(3) != null && Integer.parseInt(form.group(3)) > 65535)) {
            throw new IllegalArgumentException(Printable.quote(text)
                    + " is not a name or address under which others reach this machine, such as authority.example.org");
        }
        String host = form.group(1) != null ? form.group(1) : form.group(2) != null ? form.group(2) : form.group(4);
        ReachedAt parsed =
                new ReachedAt(host, Optional.ofNullable(form.group(3)).map(Integer::valueOf));
        parsed.identity();
        return parsed;
    }

    /** As a name in a certificate. */
    public Identity identity() {
        return host.matches("[0-9.]+") ? IpAddress.parse(host) : ServerName.of(host);
    }

    /** The address for clients. */
    public URI uri(int listening) {
        return URI.create("https://" + new ListenAddress(host, port.orElse(listening)));
    }
}
