// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenVerifier;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A server as a protected resource of OAuth 2.0, beside mutual TLS: its metadata (RFC 9728), its challenges (RFC 6750, section 3), and the verifier
 * of the access tokens that its callers send. Immutable.
 *
 * <pre>{@code
 * ProtectedResource resource = ProtectedResource.of(URI.create("https://weather.demo.local:8443/mcp"), verifier)
 *         .issuers(List.of("https://login.demo.local"))
 *         .required()
 *         .build();
 * }</pre>
 */
public final class ProtectedResource {

    private static final String WELL_KNOWN = "/.well-known/oauth-protected-resource";

    private final URI resource;
    private final TokenVerifier verifier;
    private final List<String> issuers;
    private final List<String> scopes;
    private final boolean required;
    private final Duration patience;

    private final String metadataPath;

    private ProtectedResource(
            URI resource,
            TokenVerifier verifier,
            List<String> issuers,
            List<String> scopes,
            boolean required,
            Duration patience,
            String path) {
        this.resource = resource;
        this.verifier = verifier;
        this.issuers = List.copyOf(issuers);
        this.scopes = List.copyOf(scopes);
        this.required = required;
        this.patience = patience;
        this.metadataPath = path.equals("/") ? WELL_KNOWN : WELL_KNOWN + path;
    }

    /**
     * Begins a protected resource.
     *
     * @param resource its identifier, the audience of its tokens (RFC 8707): an https URL, as clients write the server's
     * @throws IllegalArgumentException when it is not an absolute https URL without query and fragment
     */
    public static Builder of(URI resource, TokenVerifier verifier) {
        boolean isUsable = "https".equalsIgnoreCase(resource.getScheme())
                && resource.getHost() != null
                && resource.getRawUserInfo() == null
                && resource.getRawQuery() == null
                && resource.getRawFragment() == null;
        if (!isUsable) {
            throw new IllegalArgumentException(
                    "a protected resource is an https URL without query and fragment, unlike '" + resource + "'");
        }
        return new Builder(resource, verifier);
    }

    /** Verifies the tokens. */
    public TokenVerifier verifier() {
        return verifier;
    }

    /** The scopes that every token needs. */
    public List<String> scopes() {
        return scopes;
    }

    /** Whether every request needs a token; else one without a token is served by its certificate alone. */
    public boolean isRequired() {
        return required;
    }

    /** How long the verification of one token may take. */
    public Duration patience() {
        return patience;
    }

    /** The same of a server whose MCP is at this path; default {@code /mcp}. */
    public ProtectedResource at(String path) {
        return new ProtectedResource(resource, verifier, issuers, scopes, required, patience, path);
    }

    /** The path of the metadata, which follows from the server's (RFC 9728, section 3.1). */
    public String metadataPath() {
        return metadataPath;
    }

    /** The members of the metadata document (RFC 9728, section 2). */
    public Map<String, Object> metadata() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("resource", resource.toString());
        metadata.put("authorization_servers", issuers);
        if (!scopes.isEmpty()) {
            metadata.put("scopes_supported", scopes);
        }
        metadata.put("bearer_methods_supported", List.of("header"));
        metadata.put("tls_client_certificate_bound_access_tokens", true);
        return metadata;
    }

    /** The challenge to a request without a token. */
    public String challenge() {
        return challenge(Map.of(), scopes);
    }

    /**
     * The challenge to a request with a token that is refused.
     *
     * @param error a code of RFC 6750, section 3.1
     * @param description why, in one sentence
     */
    public String challenge(String error, String description) {
        return challenge(errors(error, description), scopes);
    }

    /**
     * The challenge to a request whose token lacks scopes. It names those that the token has, too: a new token has all of them.
     *
     * @param more the scopes that are needed besides {@link #scopes}
     */
    public String stepUp(String description, Optional<AccessToken> token, Collection<String> more) {
        TreeSet<String> needed = new TreeSet<>(scopes);
        needed.addAll(more);
        token.ifPresent(claims -> needed.addAll(claims.scopes()));
        needed.removeIf(scope -> !isScope(scope));
        return challenge(errors("insufficient_scope", description), needed);
    }

    private static Map<String, String> errors(String error, String description) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("error", error);
        parameters.put("error_description", description.replaceAll("[^ !#-\\[\\]-~]", "?"));
        return parameters;
    }

    private String challenge(Map<String, String> errors, Collection<String> needed) {
        Map<String, String> parameters = new LinkedHashMap<>(errors);
        parameters.put("resource_metadata", "https://" + resource.getRawAuthority() + metadataPath);
        if (!needed.isEmpty()) {
            parameters.put("scope", String.join(" ", needed));
        }
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=\"" + parameter.getValue() + '"')
                .collect(Collectors.joining(", ", "Bearer ", ""));
    }

    /** RFC 6749, section 3.3. */
    private static boolean isScope(String text) {
        return text.matches("[!#-\\[\\]-~]+");
    }

    /** Collects the settings; only {@link #issuers} has no default. Not thread-safe. */
    public static final class Builder {

        private final URI resource;
        private final TokenVerifier verifier;
        private List<String> issuers = List.of();
        private List<String> scopes = List.of();
        private boolean required;
        private Duration patience = Duration.ofSeconds(10);

        private Builder(URI resource, TokenVerifier verifier) {
            this.resource = resource;
            this.verifier = verifier;
        }

        /** The authorization servers whose tokens are accepted, by their issuer identifiers (RFC 8414). */
        public Builder issuers(List<String> urls) {
            this.issuers = new ArrayList<>(urls);
            return this;
        }

        /**
         * The scopes that every token needs; default none.
         *
         * @throws IllegalArgumentException when one is no scope (RFC 6749, section 3.3)
         */
        public Builder scopes(List<String> all) {
            all.stream().filter(scope -> !isScope(scope)).findFirst().ifPresent(scope -> {
                throw new IllegalArgumentException("not a scope: '" + scope + "'");
            });
            this.scopes = new ArrayList<>(all);
            return this;
        }

        /** Refuses requests without a token; by default their certificate alone is enough. */
        public Builder required() {
            this.required = true;
            return this;
        }

        /** How long the verification of one token may take; default 10 seconds. */
        public Builder patience(Duration most) {
            this.patience = most;
            return this;
        }

        /**
         * The protected resource.
         *
         * @throws IllegalStateException when it has no issuers
         */
        public ProtectedResource build() {
            if (issuers.isEmpty()) {
                throw new IllegalStateException(
                        "a protected resource needs an issuer of tokens: issuers(List.of(url))");
            }
            return new ProtectedResource(resource, verifier, issuers, scopes, required, patience, "/mcp");
        }
    }
}
