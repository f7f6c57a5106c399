// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.keys;

import dev.mcpmtls.oauth.resource.fetch.FetchFailedException;
import dev.mcpmtls.oauth.resource.fetch.JsonFetch;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The metadata of an issuer (RFC 8414), found where the MCP specification has clients look. Thread-safe. */
public final class IssuerMetadata {

    private final String issuer;
    private final JsonFetch fetch;
    private final List<URI> locations;

    /** Fetches nothing yet. */
    public IssuerMetadata(String issuer, JsonFetch fetch) {
        this.issuer = issuer;
        this.fetch = fetch;
        this.locations = locations(issuer);
    }

    /** A new copy, fetched now. A document that is another issuer's is as good as none (RFC 8414, section 3.3). */
    public CompletableFuture<Map<String, Object>> fetched() {
        return from(0, "");
    }

    private CompletableFuture<Map<String, Object>> from(int index, String complaints) {
        if (index == locations.size()) {
            return CompletableFuture.failedFuture(new FetchFailedException("no metadata: " + complaints));
        }
        return fetch.get(locations.get(index))
                .thenApply(this::checked)
                .exceptionallyCompose(failure -> from(index + 1, join(complaints, locations.get(index), failure)));
    }

    private Map<String, Object> checked(Map<String, Object> document) {
        if (!issuer.equals(document.get("issuer"))) {
            throw new FetchFailedException("the document names another issuer than " + issuer);
        }
        return document;
    }

    private static String join(String complaints, URI location, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String complaint = String.valueOf(cause.getMessage());
        String named = complaint.startsWith(location.toString()) ? complaint : location + ": " + complaint;
        return complaints.isEmpty() ? named : complaints + "; " + named;
    }

    /** A URL in such a document, when it is there; whether it may be asked is for {@link JsonFetch} to say. */
    public static Optional<URI> url(Map<String, Object> document, String member) {
        if (!(document.get(member) instanceof String text)) {
            return Optional.empty();
        }
        try {
            return Optional.of(URI.create(text));
        } catch (IllegalArgumentException e) {
            throw new FetchFailedException("'" + member + "' in the issuer's metadata is not a URL");
        }
    }

    /** In the order of the MCP specification: RFC 8414 and OpenID Connect by insertion, OpenID Connect by appending. */
    static List<URI> locations(String issuer) {
        URI url = URI.create(issuer);
        String path = url.getRawPath() == null ? "" : url.getRawPath().replaceAll("/+$", "");
        String origin = url.getScheme() + "://" + url.getRawAuthority();
        List<URI> inserted = List.of(
                URI.create(origin + "/.well-known/oauth-authorization-server" + path),
                URI.create(origin + "/.well-known/openid-configuration" + path));
        return path.isEmpty()
                ? inserted
                : List.of(
                        inserted.get(0),
                        inserted.get(1),
                        URI.create(origin + path + "/.well-known/openid-configuration"));
    }
}
