// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import dev.mcpmtls.oauth.resource.fetch.JsonFetch;
import dev.mcpmtls.oauth.resource.token.Audiences;
import dev.mcpmtls.protocol.Json;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An MCP server as OAuth 2.0 sees it: a protected resource, the issuers that it trusts, and what it tells clients (RFC 9728). Immutable.
 *
 * <pre>{@code
 * ProtectedResource crm = ProtectedResource.builder("https://mcp.example/crm")
 *         .issuer(TrustedIssuer.builder("https://login.example").build())
 *         .scopes("crm.read", "crm.write")
 *         .build();
 * }</pre>
 */
public final class ProtectedResource {

    /** The algorithms that are accepted unless fewer are named, all asymmetric. */
    public static final Set<String> ALGORITHMS =
            Set.of("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512");

    private static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";
    private static final Json JSON = new Json(16, 16 * 1024);

    private final String url;
    private final URI location;
    private final List<TrustedIssuer> issuers;
    private final Audiences audiences;
    private final Set<String> scopes;
    private final Set<String> algorithms;
    private final Optional<String> name;
    private final boolean requireBound;

    private ProtectedResource(Builder builder) {
        url = builder.url;
        location = builder.location;
        issuers = List.copyOf(builder.issuers.values());
        audiences = new Audiences(url, builder.audiences);
        scopes = Set.copyOf(builder.scopes);
        algorithms = Set.copyOf(builder.algorithms);
        name = builder.name;
        requireBound = builder.requireBound;
        if (issuers.isEmpty()) {
            throw new IllegalArgumentException("the protected resource " + url + " trusts no issuer");
        }
    }

    /**
     * A server by its URL, which clients name as the resource of their tokens (RFC 8707).
     *
     * @param url an {@code https} URL without query and fragment; the MCP specification wants it without {@code /} at the end
     */
    public static Builder builder(String url) {
        return new Builder(url);
    }

    /** Its URL, as given. */
    public String url() {
        return url;
    }

    /** The scopes that it has, in no order. */
    public Set<String> scopes() {
        return scopes;
    }

    /** The issuers that it trusts. */
    public List<TrustedIssuer> issuers() {
        return issuers;
    }

    /** Whether tokens must be bound to a certificate. */
    public boolean requiresBound() {
        return requireBound;
    }

    Audiences audiences() {
        return audiences;
    }

    Set<String> algorithms() {
        return algorithms;
    }

    /** The path at which its metadata is served: for {@code https://mcp.example/crm}, {@code /.well-known/oauth-protected-resource/crm}. */
    public String metadataPath() {
        String path = location.getRawPath();
        return WELL_KNOWN + ("/".equals(path) ? "" : path);
    }

    /** The URL of its metadata. */
    public String metadataUrl() {
        return location.getScheme() + "://" + location.getRawAuthority() + metadataPath();
    }

    /** Its metadata (RFC 9728, section 2), JSON in UTF-8. */
    public byte[] metadata() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("resource", url);
        document.put(
                "authorization_servers",
                issuers.stream().map(TrustedIssuer::url).toList());
        if (!scopes.isEmpty()) {
            document.put("scopes_supported", scopes.stream().sorted().toList());
        }
        document.put("bearer_methods_supported", List.of("header"));
        document.put("tls_client_certificate_bound_access_tokens", true);
        name.ifPresent(text -> document.put("resource_name", text));
        return JSON.write(document);
    }

    /** Its answers in {@code WWW-Authenticate} to clients without a token, or with one that is refused. */
    public Challenge challenge() {
        return new Challenge(metadataUrl(), scopes);
    }

    /** Options of a resource. */
    public static final class Builder {

        private final String url;
        private final URI location;
        private final Map<String, TrustedIssuer> issuers = new LinkedHashMap<>();
        private final List<String> audiences = new ArrayList<>();
        private final Set<String> scopes = new LinkedHashSet<>();
        private Set<String> algorithms = ALGORITHMS;
        private Optional<String> name = Optional.empty();
        private boolean requireBound = true;

        private Builder(String url) {
            this.url = url;
            this.location = URI.create(url);
            if (!JsonFetch.isAllowed(location, false) || location.getRawQuery() != null) {
                throw new IllegalArgumentException(
                        "a protected resource is an https URL without query and fragment, and not " + url);
            }
        }

        /** Trusts an issuer; at least one. */
        public Builder issuer(TrustedIssuer issuer) {
            if (issuers.put(issuer.url(), issuer) != null) {
                throw new IllegalArgumentException("the issuer " + issuer.url() + " is named twice");
            }
            return this;
        }

        /** A further name that an issuer writes into {@code aud} for this server, a URL or not. */
        public Builder audience(String other) {
            audiences.add(other);
            return this;
        }

        /** The scopes that clients may ask for. */
        public Builder scopes(String... supported) {
            for (String scope : supported) {
                if (!Challenge.isScope(scope)) {
                    throw new IllegalArgumentException("no scope (RFC 6749, section 3.3): " + scope);
                }
                scopes.add(scope);
            }
            return this;
        }

        /** Fewer algorithms than {@link #ALGORITHMS}. */
        public Builder algorithms(Set<String> accepted) {
            if (accepted.isEmpty() || !ALGORITHMS.containsAll(accepted)) {
                throw new IllegalArgumentException("algorithms are one or more of " + ALGORITHMS);
            }
            algorithms = accepted;
            return this;
        }

        /** Its name for people. */
        public Builder name(String text) {
            name = Optional.of(text);
            return this;
        }

        /** Accepts tokens that every holder can use. Default: a token must be bound to the certificate of its connection. */
        public Builder allowUnbound() {
            requireBound = false;
            return this;
        }

        /**
         * The resource.
         *
         * @throws IllegalArgumentException when it trusts no issuer
         */
        public ProtectedResource build() {
            return new ProtectedResource(this);
        }
    }
}
