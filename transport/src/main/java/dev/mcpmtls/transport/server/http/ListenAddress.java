// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.identity.Printable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host a host name or address, IPv6 without brackets
 * @param port 0 to 65535; 0 takes any free one
 */
public record ListenAddress(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:/@\\s\\[\\]]+)):(\\d{1,5})");

    /**
     * Parses {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException when the text has another form; the message says what is wrong with it
     */
    public static ListenAddress parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group(3)) > 65535) {
            throw new IllegalArgumentException(Printable.quote(text) + " is not an address to listen on" + why(text)
                    + "; it looks like 127.0.0.1:8443 or [::1]:8443");
        }
        String host = form.group(1) == null ? form.group(2) : form.group(1);
        return new ListenAddress(host, Integer.parseInt(form.group(3)));
    }

    private static String why(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (text.contains("/")) {
            return ": leave out https:// and the path";
        }
        if (colon < 0) {
            return text.matches("\\d+") ? ": the host is missing" : ": the port is missing";
        }
        if (colon == 0) {
            return ": the host is missing; 0.0.0.0 is every IPv4 address of this machine";
        }
        if (port.isEmpty()) {
            return ": the port is missing";
        }
        if (!text.contains("[") && text.indexOf(':') < colon) {
            return ": an IPv6 address needs brackets";
        }
        return port.matches("\\d{1,5}") && Integer.parseInt(port) <= 65535
                ? ""
                : ": the port " + Printable.quote(port) + " is not a number from 0 to 65535";
    }

    /** Whether only processes on this machine can connect. */
    public boolean isLoopback() throws UnknownHostException {
        return InetAddress.getByName(host).isLoopbackAddress();
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
