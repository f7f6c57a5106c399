// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules for URLs that a server names, so that it cannot make this client ask what only this client reaches: https; no user, no
 * fragment; and no private, loopback or link-local address, unless the MCP server itself is at such an address or the operator chose
 * the host. TLS and the name in the certificate keep a name from leading elsewhere after it was looked at.
 *
 * @see <a href="https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices#server-side-request-forgery-ssrf">Server-side
 *     request forgery</a>
 */
public final class UrlRules {

    private static final int MAX_LENGTH = 2_048;
    private static final int MAX_PORT = 65_535;

    private final Set<String> chosenHosts;
    private final Set<Relaxation> relaxations;
    private final Resolver resolver;
    private final String serverHost;

    /** Finds the addresses of a host. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /**
     * Rules for one MCP server.
     *
     * @param chosen URLs of the operator, whose hosts may be anywhere
     */
    public UrlRules(URI server, Set<URI> chosen, Set<Relaxation> relaxations) {
        this(server, chosen, relaxations, InetAddress::getAllByName);
    }

    UrlRules(URI server, Set<URI> chosen, Set<Relaxation> relaxations, Resolver resolver) {
        this.serverHost = host(server);
        this.chosenHosts = Stream.concat(chosen.stream(), Stream.of(server))
                .map(UrlRules::host)
                .collect(Collectors.toSet());
        this.relaxations = Set.copyOf(relaxations);
        this.resolver = resolver;
    }

    private static String host(URI url) {
        return String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
    }

    /**
     * The URL in a text, if it may be asked. Looks up its host, so it may block.
     *
     * @param what the URL is, for the message: {@code the token endpoint}
     * @throws NoTokenException when it may not
     */
    public URI require(String what, String text) {
        if (text.length() > MAX_LENGTH) {
            throw refused(what, text, "it is longer than " + MAX_LENGTH + " characters");
        }
        try {
            return require(what, new URI(text));
        } catch (URISyntaxException e) {
            throw refused(what, text, "it is not a URL");
        }
    }

    /** As {@link #require(String, String)}. */
    public URI require(String what, URI url) {
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            throw refused(what, url.toString(), "it needs a host, and neither a user nor a fragment");
        }
        if (url.getPort() == 0 || url.getPort() > MAX_PORT) {
            throw refused(what, url.toString(), "it has no port that can be asked");
        }
        boolean isPlain = "http".equalsIgnoreCase(url.getScheme());
        boolean mayBePlain = isPlain && relaxations.contains(Relaxation.PLAIN_LOOPBACK);
        if (!"https".equalsIgnoreCase(url.getScheme()) && !mayBePlain) {
            throw refused(what, url.toString(), "it is not an https URL");
        }
        Set<AddressKind> kinds = kinds(what, url);
        if (isPlain && !kinds.equals(EnumSet.of(AddressKind.LOOPBACK))) {
            throw refused(what, url.toString(), "plain HTTP is for loopback addresses only");
        }
        if (!chosenHosts.contains(host(url))) {
            for (AddressKind kind : kinds) {
                requireAllowed(what, url, kind);
            }
        }
        return url;
    }

    private void requireAllowed(String what, URI url, AddressKind kind) {
        boolean isOfSite = kind == AddressKind.LOOPBACK || kind == AddressKind.PRIVATE;
        boolean isAllowed = kind == AddressKind.PUBLIC
                || (isOfSite && relaxations.contains(Relaxation.PRIVATE_ADDRESSES))
                || (isOfSite
                        && kinds("the server", URI.create("https://" + serverHost))
                                .contains(kind));
        if (!isAllowed) {
            throw refused(
                    what, url.toString(), "its host is at a " + kind.name().toLowerCase(Locale.ROOT) + " address");
        }
    }

    private Set<AddressKind> kinds(String what, URI url) {
        try {
            Set<AddressKind> kinds = EnumSet.noneOf(AddressKind.class);
            for (InetAddress address : resolver.resolve(host(url))) {
                kinds.add(AddressKind.of(address));
            }
            return kinds;
        } catch (UnknownHostException e) {
            throw new NoTokenException(
                    Why.UNREACHABLE,
                    "cannot reach " + what + " " + Printable.clean(url.toString()) + ": no such host",
                    "check the name, and the network");
        }
    }

    private static NoTokenException refused(String what, String url, String why) {
        return new NoTokenException(
                Why.ADDRESS,
                "refused to ask " + what + " " + Printable.quote(url) + ": " + why,
                "if that is right, name the authorization server in oauth.issuer or relax oauth.allow; else ask the"
                        + " server's operator");
    }
}
