// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The access tokens that a server takes besides certificates: its {@code oauth}.
 *
 * @param issuers the authorization servers whose tokens are accepted; at least one
 * @param audience the name of this server in its tokens; empty for its URL
 * @param scopes that every token needs
 * @param isRequired whether every request needs a token
 * @param requiresBound whether a token must be bound to the certificate of its connection
 * @param origin where it is configured, for messages
 */
public record OauthEntry(
        List<Issuer> issuers,
        Optional<String> audience,
        List<String> scopes,
        boolean isRequired,
        boolean requiresBound,
        String origin) {

    /**
     * An authorization server.
     *
     * @param url its issuer identifier
     * @param jwks where its keys are; empty where its metadata says it
     * @param isPlainJwtAllowed whether tokens need not be marked as access tokens
     * @param credential the name of the credential that we present to it; then its certificate is verified by our own trust anchors, else by
     *     the system's
     * @param introspection how it is asked about each token; empty when it is not asked
     */
    public record Issuer(
            String url,
            Optional<URI> jwks,
            boolean isPlainJwtAllowed,
            Optional<String> credential,
            Optional<Introspection> introspection,
            String origin) {}

    /**
     * How an issuer is asked about tokens (RFC 7662).
     *
     * @param client our client identifier there
     * @param secret the file whose first line is our secret there; empty when our certificate is enough
     * @param endpoint where it is asked; empty where its metadata says it
     */
    public record Introspection(String client, Optional<Path> secret, Optional<URI> endpoint) {}

    /** For people: for example {@code access tokens of https://login.example, required, bound to the certificate}. */
    public String summary() {
        String whose = String.join(", ", issuers.stream().map(Issuer::url).toList());
        String needed = scopes.isEmpty() ? "" : ", with the scopes " + String.join(" ", scopes);
        return "access tokens of " + whose + (isRequired ? ", required" : ", optional")
                + (requiresBound ? ", bound to the certificate" : ", BOUND OR NOT") + needed;
    }
}
