// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import dev.mcpmtls.identity.PrivateKeys;
import dev.mcpmtls.oauth.client.OAuthClient;
import dev.mcpmtls.oauth.client.grant.Client;
import dev.mcpmtls.oauth.client.grant.ClientAuthentication;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The client's side of the suites' OAuth scenarios, set up with what they hand out. A program takes the part of the person. */
final class ConformanceTokens {

    /** The suites take it for ours, and do not fetch it. */
    private static final URI DOCUMENT = URI.create("https://conformance-test.local/client-metadata.json");

    private final TlsProfile tls;
    private final Map<String, Object> given;

    /** @param given by the suite for the scenario; may be empty */
    ConformanceTokens(TlsProfile tls, Map<String, Object> given) {
        this.tls = tls;
        this.given = given;
    }

    OAuthClient of(String scenario, URI server) {
        OAuthClient.Builder client = OAuthClient.builder(server, tls)
                .confirmingIssuer(issuer -> issuer.startsWith("https://localhost:"))
                .clientDocument(DOCUMENT)
                .browser(this::consent);
        switch (scenario) {
            case "auth/pre-registration" -> client.client(text("client_id"), secret());
            case "auth/client-credentials-basic" ->
                client.client(text("client_id"), secret()).grant(Grant.clientCredentials());
            case "auth/client-credentials-jwt" ->
                client.client(text("client_id"), signature()).grant(Grant.clientCredentials());
            case "auth/wif-jwt-bearer" ->
                client.client(text("client_id"), ClientAuthentication.none())
                        .grant(Grant.workload(() -> text("valid_jwt")));
            case "auth/enterprise-managed-authorization", "auth/cross-app-access-complete-flow" ->
                client.client(text("client_id"), secret())
                        .grant(Grant.enterprise(
                                URI.create(text("idp_token_endpoint")),
                                new Client(text("idp_client_id"), ClientAuthentication.none()),
                                () -> text("idp_id_token")));
            default -> {
                // A person logs in, as a client that registers itself.
            }
        }
        return client.build();
    }

    private String text(String name) {
        return String.valueOf(given.get(name));
    }

    private ClientAuthentication secret() {
        return ClientAuthentication.secret(text("client_secret"));
    }

    private ClientAuthentication signature() {
        byte[] pem = text("private_key_pem").getBytes(StandardCharsets.US_ASCII);
        return ClientAuthentication.privateKey(
                PrivateKeys.parse(Path.of("private_key_pem"), pem, new char[0]), Optional.empty());
    }

    /** Follows the authorization server's redirect to our loopback address, as a browser does. */
    private void consent(URI page) {
        try {
            URI back = URI.create(tls.secure(HttpClient.newBuilder())
                    .build()
                    .send(HttpRequest.newBuilder(page).build(), BodyHandlers.discarding())
                    .headers()
                    .firstValue("Location")
                    .orElseThrow());
            HttpClient.newHttpClient().send(HttpRequest.newBuilder(back).build(), BodyHandlers.discarding());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
