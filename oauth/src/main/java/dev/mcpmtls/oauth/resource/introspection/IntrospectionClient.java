// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.introspection;

import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** This server as a client of an issuer, which asks it about tokens. */
public final class IntrospectionClient {

    private final String id;
    private final Optional<Supplier<String>> secret;
    private final Optional<URI> endpoint;

    /**
     * A client.
     *
     * @param secret sent in the header {@code Authorization}; empty when the certificate of the connection says who asks (RFC 8705)
     * @param endpoint empty to look in the issuer's metadata
     */
    public IntrospectionClient(String id, Optional<Supplier<String>> secret, Optional<URI> endpoint) {
        this.id = id;
        this.secret = secret;
        this.endpoint = endpoint;
    }

    Optional<URI> endpoint() {
        return endpoint;
    }

    boolean isKnownByCertificate() {
        return secret.isEmpty();
    }

    /** The header's value; empty where the certificate does. */
    String authorization() {
        return secret.map(now ->
                        new ClientSecretBasic(new ClientID(id), new Secret(now.get())).toHTTPAuthorizationHeader())
                .orElse("");
    }

    /** The request's body (RFC 7662, section 2.1). */
    String form(String token) {
        String form = "token=" + encoded(token) + "&token_type_hint=access_token";
        return isKnownByCertificate() ? form + "&client_id=" + encoded(id) : form;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
