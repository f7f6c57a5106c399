// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import java.net.URI;
import java.util.function.Supplier;

/** How a program without a person gets its token. No token is printed. */
public sealed interface Grant {

    /** As the client that it is registered as, on its own behalf (RFC 6749 section 4.4). */
    static Grant clientCredentials() {
        return new ClientCredentials();
    }

    /**
     * As a workload, whose platform says which one it is by a JWT for the authorization server (RFC 7523 section 2.1).
     *
     * @param assertion gives the current JWT, for example from the file that the platform renews; may block
     */
    static Grant workload(Supplier<String> assertion) {
        return new Workload(assertion);
    }

    /**
     * On behalf of a person of an enterprise, whose identity provider decides which servers they may use: it exchanges their ID token for an
     * assertion for the authorization server (RFC 8693; extension "enterprise-managed authorization").
     *
     * @param provider token endpoint of the identity provider
     * @param client as the identity provider knows it
     * @param idToken gives the current ID token; may block
     */
    static Grant enterprise(URI provider, Client client, Supplier<String> idToken) {
        return new Enterprise(provider, client, idToken);
    }

    /** See {@link #clientCredentials}. */
    record ClientCredentials() implements Grant {}

    /** See {@link #workload}. */
    record Workload(Supplier<String> assertion) implements Grant {}

    /** See {@link #enterprise}. */
    record Enterprise(URI provider, Client client, Supplier<String> idToken) implements Grant {}
}
