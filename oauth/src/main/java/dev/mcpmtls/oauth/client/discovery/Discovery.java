// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.discovery;

import com.nimbusds.oauth2.sdk.ParseException;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.Web;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.token.Challenge;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds and validates metadata. A document that is missing (a status of 4xx) lets the next place be asked; one that cannot be
 * used, or a server that cannot be reached, fails. Blocks.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery">Authorization
 *     server discovery</a>
 */
public final class Discovery {

    private static final String OF_RESOURCES = "/.well-known/oauth-protected-resource";
    private static final String OF_SERVERS = "/.well-known/oauth-authorization-server";
    private static final String OF_PROVIDERS = "/.well-known/openid-configuration";
    private static final String ASK_OPERATOR = "ask the operator of the server to correct its metadata";
    private static final int MAX_DEPTH = 16;
    private static final int MAX_STRING = 16 * 1024;
    private static final int MAX_ITEMS = 64;

    private final Web web;
    private final URI server;
    private final Json json = new Json(MAX_DEPTH, MAX_STRING);

    /** Discovery for the MCP endpoint {@code server}. */
    public Discovery(Web web, URI server) {
        this.web = web;
        this.server = server;
    }

    /**
     * The metadata that the server publishes about itself: at the URL in its challenge, else at the well-known URLs with and without its path. Without any the
     * server is its own authorization server, as in revision 2025-03-26.
     *
     * @throws NoTokenException when the metadata is about another resource, or names no authorization server
     */
    public ProtectedResource protectedResource(Challenge challenge) {
        Optional<String> named = challenge.parameter("resource_metadata");
        if (named.isPresent()) {
            URI url = web.rules().require("the resource metadata", named.get());
            return resource(url)
                    .orElseThrow(() -> unusable(url, "it is not there", "ask the server's operator to publish it"));
        }
        Set<URI> places = new LinkedHashSet<>(List.of(insert(server, OF_RESOURCES), root(OF_RESOURCES)));
        for (URI place : places) {
            Optional<ProtectedResource> found = resource(place);
            if (found.isPresent()) {
                return found.get();
            }
        }
        return new ProtectedResource(canonical(server), List.of(origin(server)), Set.of(), false, false, false);
    }

    private Optional<ProtectedResource> resource(URI place) {
        Optional<Map<String, Object>> found =
                document("the resource metadata", place).map(text -> read(place, text));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> document = found.get();
        String resource = document.get("resource") instanceof String text ? text : "";
        if (!isOurs(resource, place)) {
            throw new NoTokenException(
                    Why.RESOURCE,
                    "the metadata at " + place + " is about " + Printable.quote(resource) + ", not about "
                            + canonical(server),
                    "use the URL that the metadata names, or " + ASK_OPERATOR);
        }
        List<String> issuers = strings(document.get("authorization_servers"));
        if (issuers.isEmpty()) {
            throw unusable(place, "it names no authorization server", ASK_OPERATOR);
        }
        return Optional.of(new ProtectedResource(
                resource,
                issuers,
                new LinkedHashSet<>(strings(document.get("scopes_supported"))),
                isTrue(document.get("tls_client_certificate_bound_access_tokens")),
                isTrue(document.get("dpop_bound_access_tokens_required")),
                true));
    }

    /**
     * The server itself (RFC 9728 section 3.3). A resource above it, on the same origin, is believed only where its own well-known URL says
     * so: one tenant must not get tokens for all.
     */
    private boolean isOurs(String resource, URI place) {
        if (resource.equals(server.toString()) || resource.equals(canonical(server))) {
            return true;
        }
        try {
            URI above = URI.create(resource);
            String path = above.getRawPath() == null ? "" : above.getRawPath().replaceFirst("/$", "");
            return above.getHost() != null
                    && above.getRawQuery() == null
                    && origin(above).equals(origin(server))
                    && server.getRawPath().startsWith(path + "/")
                    && place.equals(insert(above, OF_RESOURCES));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * The metadata of an authorization server, which must name that issuer (RFC 8414 section 3.3).
     *
     * @param isDescribed whether the MCP server names it; one that is its own authorization server may have no metadata, or name any
     *     issuer on its origin
     */
    public AuthorizationServer authorizationServer(String issuer, boolean isDescribed) {
        URI url = web.rules().require("the authorization server", issuer);
        if (url.getRawQuery() != null) {
            throw new NoTokenException(
                    Why.METADATA, "the issuer " + Printable.quote(issuer) + " has a query", ASK_OPERATOR);
        }
        for (URI place : places(url)) {
            Optional<String> found = document("the metadata of the authorization server", place);
            if (found.isPresent()) {
                return validated(issuer, isDescribed, place, found.get());
            }
        }
        if (isDescribed) {
            throw unusable(url, "the authorization server has no metadata", "check the issuer's URL");
        }
        return AuthorizationServer.withDefaults(issuer);
    }

    private static List<URI> places(URI issuer) {
        List<URI> places = new ArrayList<>(List.of(insert(issuer, OF_SERVERS), insert(issuer, OF_PROVIDERS)));
        if (!path(issuer).isEmpty()) {
            places.add(URI.create(origin(issuer) + path(issuer) + OF_PROVIDERS));
        }
        return places;
    }

    private AuthorizationServer validated(String issuer, boolean isDescribed, URI place, String text) {
        String named = String.valueOf(read(place, text).get("issuer"));
        if (!named.equals(issuer) && (isDescribed || !named.startsWith(issuer + "/"))) {
            throw new NoTokenException(
                    Why.ISSUER,
                    "the metadata at " + place + " is of the issuer " + Printable.quote(named) + ", not of " + issuer,
                    "do not use it; " + ASK_OPERATOR);
        }
        try {
            return AuthorizationServer.parse(issuer, text);
        } catch (ParseException | IllegalArgumentException e) {
            throw unusable(place, Printable.causeOf(e), ASK_OPERATOR);
        }
    }

    private Optional<String> document(String what, URI place) {
        Web.Answer answer = web.get(what, place);
        if (answer.isSuccess()) {
            return Optional.of(answer.body());
        }
        if (answer.status() >= 400 && answer.status() < 500) {
            return Optional.empty();
        }
        String isRedirect = answer.status() < 400 ? ", a redirect, which is not followed" : "";
        throw unusable(place, "it came with the status " + answer.status() + isRedirect, ASK_OPERATOR);
    }

    private Map<String, Object> read(URI place, String text) {
        try {
            return json.read(text);
        } catch (InvalidMessageException e) {
            throw unusable(place, e.message(), ASK_OPERATOR);
        }
    }

    private static NoTokenException unusable(URI place, String why, String remedy) {
        return new NoTokenException(Why.METADATA, "cannot use the metadata at " + place + ": " + why, remedy);
    }

    private URI root(String suffix) {
        return URI.create(origin(server) + suffix);
    }

    /** The well-known part between host and path. */
    private static URI insert(URI url, String suffix) {
        return URI.create(origin(url) + suffix + path(url));
    }

    private static String path(URI url) {
        String path = url.getRawPath();
        return path == null || path.equals("/") ? "" : path.replaceFirst("/$", "");
    }

    /** Scheme, host and port as the URL has them. */
    public static String origin(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority();
    }

    /** The URL without a slash for an empty path (RFC 8707 section 2). */
    private static String canonical(URI url) {
        return "/".equals(url.getRawPath()) && url.getRawQuery() == null ? origin(url) : url.toString();
    }

    private static boolean isTrue(@Nullable Object value) {
        return Boolean.TRUE.equals(value);
    }

    private static List<String> strings(@Nullable Object value) {
        return value instanceof List<?> items
                ? items.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .limit(MAX_ITEMS)
                        .toList()
                : List.of();
    }
}
