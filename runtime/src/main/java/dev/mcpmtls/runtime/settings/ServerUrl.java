// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Printable;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the URL of an MCP server, and says what is wrong with one that cannot be dialled. */
public final class ServerUrl {

    static final String EXAMPLE = "https://localhost:8443/mcp";
    private static final int MAX_LENGTH = 2048;
    private static final Pattern FORM = Pattern.compile("(?i)https://([^/?#]*)([^#]*)(#.*)?", Pattern.DOTALL);
    private static final Pattern OTHER_SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[^\\]]*]|[^:\\[\\]]*)(?::(.*))?", Pattern.DOTALL);
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}");

    private ServerUrl() {}

    /** Whether a text is meant as a URL and not as a name. */
    public static boolean isMeant(String text) {
        return text.contains(":") || text.contains("/");
    }

    /**
     * Parses a URL such as {@code https://localhost:8443/mcp}. Its path is {@code /mcp} when it has none; a dot at the end of the
     * host is left out, as certificates have none.
     *
     * @throws IllegalArgumentException when it cannot be dialled; the message says why and how to write it
     */
    public static URI parse(String text) {
        String shown = Printable.clean(withoutPassword(text));
        if (text.length() > MAX_LENGTH) {
            throw wrong(shown, "is longer than " + MAX_LENGTH + " characters");
        }
        if (text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw wrong(shown, "has a blank or a control character in it; leave it out, or write it as %20");
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw wrong(shown, scheme(text));
        }
        if (form.group(3) != null) {
            throw wrong(shown, "has a fragment, '#...', which is never sent; leave it out");
        }
        String path = form.group(2).isEmpty() || form.group(2).startsWith("?") ? "/mcp" + form.group(2) : form.group(2);
        try {
            return new URI("https://" + authority(form.group(1), shown) + path);
        } catch (URISyntaxException e) {
            throw wrong(shown, "has a character in its path that has to be percent-encoded");
        }
    }

    private static String scheme(String text) {
        Matcher other = OTHER_SCHEME.matcher(text);
        if (!other.matches()) {
            return text.toLowerCase(Locale.ROOT).startsWith("https:")
                    ? "lacks the two slashes after https:"
                    : "does not begin with https://; write https://HOST:PORT/mcp";
        }
        String scheme = other.group(1).toLowerCase(Locale.ROOT);
        return scheme.equals("http")
                ? "is plain HTTP, which proves no identity; write https://"
                : "begins with " + scheme + "://, and only https:// is spoken here";
    }

    private static String authority(String authority, String shown) {
        if (authority.contains("@")) {
            throw wrong(shown, "contains a user name, and the certificate identifies us; remove the part before '@'");
        }
        Matcher form = AUTHORITY.matcher(authority);
        if (!form.matches()) {
            throw wrong(
                    shown,
                    authority.chars().filter(c -> c == ':').count() > 1 && !authority.contains("[")
                            ? "has an IPv6 address without brackets; write https://[::1]:8443/mcp"
                            : "has brackets that do not enclose an IPv6 address");
        }
        String port = form.group(2);
        if (port != null && port.contains(":")) {
            throw wrong(shown, "has an IPv6 address without brackets; write https://[::1]:8443/mcp");
        }
        return host(form.group(1), shown) + (port == null ? "" : ":" + port(port, shown));
    }

    private static int port(String text, String shown) {
        if (text.isEmpty()) {
            throw wrong(
                    shown, "has no port after its ':'; write a number from 1 to 65535, or leave out the ':' for 443");
        }
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65535) {
            throw wrong(shown, "has the port '" + Printable.clean(text) + "', which is not a number from 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    private static String host(String text, String shown) {
        if (text.isEmpty()) {
            throw wrong(shown, "names no host");
        }
        if (text.startsWith("[")) {
            return address(text, shown);
        }
        String host = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        if (!host.chars().allMatch(c -> c < 0x80)) {
            throw wrong(shown, "has a host that is not ASCII; write it as certificates do" + ascii(host));
        }
        if (host.contains("%")) {
            throw wrong(shown, "has a percent-encoded host; write its characters as they are");
        }
        if (host.contains("_")) {
            throw wrong(
                    shown,
                    "has an underscore in its host '" + host
                            + "', which no host name may have; give the server another name, such as '"
                            + host.replace('_', '-') + "'");
        }
        boolean endsAsNumber = host.matches("(.*\\.)?[0-9]+");
        if (endsAsNumber && !IPV4.matcher(host).matches()) {
            throw wrong(
                    shown, "has the host '" + Printable.clean(host) + "', which is no IPv4 address, such as 127.0.0.1");
        }
        if (!endsAsNumber && !isName(host)) {
            throw wrong(shown, "has the host '" + Printable.clean(host) + "', which is no host name");
        }
        return host;
    }

    private static boolean isName(String host) {
        try {
            // The URI's own rule as well: it is what the rest of the program reads.
            return !DnsName.parse(host).text().isEmpty() && new URI("https://" + host).getHost() != null;
        } catch (IllegalArgumentException | URISyntaxException e) {
            return false;
        }
    }

    private static String ascii(String host) {
        try {
            return ": " + IDN.toASCII(host);
        } catch (IllegalArgumentException e) {
            return ", in punycode";
        }
    }

    private static String address(String bracketed, String shown) {
        if (bracketed.contains("%")) {
            throw wrong(
                    shown,
                    "has an IPv6 address with a zone, which no certificate can name; use a global address or a name");
        }
        try {
            if (bracketed.contains(":") && new URI("https://" + bracketed).getHost() != null) {
                return bracketed;
            }
        } catch (URISyntaxException e) {
            // As below.
        }
        throw wrong(shown, "has no IPv6 address in its brackets, such as [::1]");
    }

    /** A password that was typed is not printed again. */
    private static String withoutPassword(String text) {
        return text.replaceFirst("//[^/?#]*@", "//...@");
    }

    private static IllegalArgumentException wrong(String shown, String why) {
        return new IllegalArgumentException(
                "'" + shown + "' " + why + (why.contains("https://") ? "" : "; a URL looks like " + EXAMPLE));
    }
}
