// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import dev.mcpmtls.oauth.resource.fetch.JsonFetch;
import dev.mcpmtls.oauth.resource.introspection.IntrospectionClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An authorization server whose access tokens are accepted, and how it is reached. Its keys are found by its metadata (RFC 8414, OpenID
 * Connect Discovery), unless their location is given:
 *
 * <pre>{@code
 * TrustedIssuer.builder("https://login.example/realms/agents").security(MtlsHttpClient.customizer(profile)).build()
 * }</pre>
 *
 * <p>Immutable.
 */
public final class TrustedIssuer {

    private final String url;
    private final Optional<URI> jwks;
    private final Consumer<HttpClient.Builder> security;
    private final boolean plainOnLoopback;
    private final boolean acceptsPlainJwt;
    private final Duration patience;
    private final Optional<IntrospectionClient> introspection;

    private TrustedIssuer(Builder builder) {
        url = builder.url;
        jwks = builder.jwks;
        security = builder.security;
        plainOnLoopback = builder.plainOnLoopback;
        acceptsPlainJwt = builder.acceptsPlainJwt;
        patience = builder.patience;
        introspection = builder.client.map(id -> new IntrospectionClient(id, builder.secret, builder.endpoint));
        requireAllowed("an issuer", URI.create(url));
        jwks.ifPresent(location -> requireAllowed("the location of keys", location));
        builder.endpoint.ifPresent(location -> requireAllowed("the location of introspection", location));
        if (builder.endpoint.isPresent() && introspection.isEmpty()) {
            throw new IllegalArgumentException("an introspection endpoint is given, and no client to ask it as");
        }
    }

    private void requireAllowed(String role, URI location) {
        if (!JsonFetch.isAllowed(location, plainOnLoopback)) {
            throw new IllegalArgumentException(role + " must be an https URL, and not " + location);
        }
    }

    /**
     * An issuer by its identifier, which {@code iss} of its tokens equals character by character.
     *
     * @param url an {@code https} URL without query and fragment (RFC 8414, section 2)
     */
    public static Builder builder(String url) {
        return new Builder(url);
    }

    /** Its identifier. */
    public String url() {
        return url;
    }

    Optional<URI> jwks() {
        return jwks;
    }

    boolean acceptsPlainJwt() {
        return acceptsPlainJwt;
    }

    Optional<IntrospectionClient> introspection() {
        return introspection;
    }

    JsonFetch fetch() {
        return new JsonFetch(security, plainOnLoopback, patience);
    }

    @Override
    public String toString() {
        return url;
    }

    /** Options of an issuer; each has a safe default. */
    public static final class Builder {

        private final String url;
        private Optional<URI> jwks = Optional.empty();
        private Consumer<HttpClient.Builder> security = client -> {};
        private boolean plainOnLoopback;
        private boolean acceptsPlainJwt;
        private Duration patience = Duration.ofSeconds(5);
        private Optional<String> client = Optional.empty();
        private Optional<Supplier<String>> secret = Optional.empty();
        private Optional<URI> endpoint = Optional.empty();

        private Builder(String url) {
            URI parsed = URI.create(url);
            if (parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
                throw new IllegalArgumentException("an issuer has neither query nor fragment: " + url);
            }
            this.url = url;
        }

        /** The location of its keys (RFC 7517). Default: as its metadata says. */
        public Builder jwks(URI location) {
            jwks = Optional.of(location);
            return this;
        }

        /**
         * Puts TLS under the client that fetches its metadata and keys and asks about tokens: {@code MtlsHttpClient.customizer(profile)}
         * presents our certificate and verifies the server's with our trust policy. Default: the trust anchors of the Java platform,
         * and no certificate of ours.
         */
        public Builder security(Consumer<HttpClient.Builder> customizer) {
            security = customizer;
            return this;
        }

        /**
         * Accepts tokens whose header says {@code JWT} or no type at all, where RFC 9068 has {@code at+jwt}: Keycloak, Spring and others
         * issue such. An ID token then differs from an access token by its audience alone; those that an issuer marks as other
         * than access tokens stay refused. Default: refused.
         */
        public Builder acceptPlainJwt() {
            acceptsPlainJwt = true;
            return this;
        }

        /**
         * Asks the issuer about every token (RFC 7662), as this client with this secret. Also accepts tokens that are not JWTs.
         *
         * @param supplier called for each question
         */
        public Builder introspectWithSecret(String clientId, Supplier<String> supplier) {
            client = Optional.of(clientId);
            secret = Optional.of(supplier);
            return this;
        }

        /** As {@link #introspectWithSecret}, known by the certificate that {@link #security} presents (RFC 8705, section 2). */
        public Builder introspectWithCertificate(String clientId) {
            client = Optional.of(clientId);
            secret = Optional.empty();
            return this;
        }

        /** The location that is asked. Default: as its metadata says. */
        public Builder introspectionEndpoint(URI location) {
            endpoint = Optional.of(location);
            return this;
        }

        /** Allows {@code http} where the host is a loopback address: for tests and for a sidecar. Default: {@code https} alone. */
        public Builder allowPlainHttpOnLoopback() {
            plainOnLoopback = true;
            return this;
        }

        /** How long one document may take, from the first packet to the last. Default: five seconds. */
        public Builder patience(Duration most) {
            patience = most;
            return this;
        }

        /**
         * The issuer.
         *
         * @throws IllegalArgumentException when a location is not allowed; the message names it
         */
        public TrustedIssuer build() {
            return new TrustedIssuer(this);
        }
    }
}
