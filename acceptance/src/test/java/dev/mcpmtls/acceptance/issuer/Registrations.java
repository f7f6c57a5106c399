// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.OAuth2TokenFormat;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;

/** The clients that the authorization server knows. */
final class Registrations {

    /** A client whose tokens have expired before they are issued. */
    static final String BELATED_CLIENT = "belated";

    static final Duration BELATED = Duration.ofHours(1);

    private Registrations() {}

    /** A program that authenticates by its certificate (RFC 8705, section 2.1); the chain that it sends must have two certificates at least. */
    static RegisteredClient certificate(String id, String subject) {
        return client(
                id,
                true,
                OAuth2TokenFormat.SELF_CONTAINED,
                client -> client.clientAuthenticationMethod(ClientAuthenticationMethod.TLS_CLIENT_AUTH)
                        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                        .clientSettings(ClientSettings.builder()
                                .x509CertificateSubjectDN(subject)
                                .build()));
    }

    /** A program with a secret. Its tokens are bound to the certificate that it shows, if any. */
    static RegisteredClient secret(String id, String secret, boolean isBound, OAuth2TokenFormat format) {
        return client(
                id,
                isBound,
                format,
                client -> client.clientSecret("{noop}" + secret)
                        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS));
    }

    /** A program that signs with a key (RFC 7523, ES256). Its tokens are bound to the certificate that it shows. */
    static RegisteredClient key(String id, String keys) {
        return client(
                id,
                true,
                OAuth2TokenFormat.SELF_CONTAINED,
                client -> client.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                        .clientSettings(ClientSettings.builder()
                                .jwkSetUrl(keys)
                                .tokenEndpointAuthenticationSigningAlgorithm(SignatureAlgorithm.ES256)
                                .build()));
    }

    /** A program on the machine of a person, who logs in; a public client with PKCE. */
    static RegisteredClient person(String id) {
        return client(
                id,
                true,
                OAuth2TokenFormat.SELF_CONTAINED,
                client -> client.clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
                        .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                        .authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
                        .redirectUri("http://127.0.0.1/callback")
                        .clientSettings(
                                ClientSettings.builder().requireProofKey(true).build()));
    }

    private static RegisteredClient client(
            String id, boolean isBound, OAuth2TokenFormat format, Consumer<RegisteredClient.Builder> more) {
        RegisteredClient.Builder client = RegisteredClient.withId(
                        UUID.nameUUIDFromBytes(id.getBytes()).toString())
                .clientId(id)
                .scope("mcp:read")
                .scope("mcp:write")
                .tokenSettings(TokenSettings.builder()
                        .accessTokenFormat(format)
                        .accessTokenTimeToLive(Duration.ofMinutes(10))
                        .x509CertificateBoundAccessTokens(isBound)
                        .build());
        more.accept(client);
        return client.build();
    }
}
