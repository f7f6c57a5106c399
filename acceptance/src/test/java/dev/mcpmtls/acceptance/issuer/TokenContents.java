// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import jakarta.servlet.http.HttpServletRequest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationGrantAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenContext;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * The claims that Spring leaves to a deployment: the audience from {@code resource} (RFC 8707), the client (RFC 9068), and the binding of tokens
 * for clients that show a certificate without authenticating by it (RFC 8705, section 4).
 */
final class TokenContents {

    private TokenContents() {}

    /** Completes a JWT: an access token, or an ID token, which gets its algorithm only. */
    static void of(JwtEncodingContext context) {
        context.getJwsHeader().algorithm(SignatureAlgorithm.ES256);
        if (context.getTokenType().equals(OAuth2TokenType.ACCESS_TOKEN)) {
            context.getJwsHeader().type("at+jwt");
            add(context, context.getClaims()::claim);
            if (isBelated(context)) {
                Instant then = Instant.now().minus(Registrations.BELATED);
                context.getClaims().issuedAt(then).notBefore(then).expiresAt(then.plusSeconds(60));
            }
        }
    }

    /** Completes an access token, JWT or not. */
    static void add(OAuth2TokenContext context, BiConsumer<String, Object> claims) {
        claims.accept("client_id", context.getRegisteredClient().getClientId());
        resources(context).ifPresent(resources -> claims.accept("aud", resources));
        if (context.getRegisteredClient().getTokenSettings().isX509CertificateBoundAccessTokens()) {
            certificate().ifPresent(leaf -> claims.accept("cnf", Map.of("x5t#S256", thumbprint(leaf))));
        }
    }

    private static boolean isBelated(OAuth2TokenContext context) {
        return context.getRegisteredClient().getClientId().equals(Registrations.BELATED_CLIENT);
    }

    /** The resources that the client named, in this request or when the person agreed; without any the audience stays the client. */
    private static Optional<List<String>> resources(OAuth2TokenContext context) {
        Object grant = context.getAuthorizationGrant();
        Object named = grant instanceof OAuth2AuthorizationGrantAuthenticationToken token
                ? token.getAdditionalParameters().get("resource")
                : null;
        if (named instanceof String one) {
            return Optional.of(List.of(one));
        }
        return named instanceof String[] several ? Optional.of(List.of(several)) : Optional.empty();
    }

    private static Optional<X509Certificate> certificate() {
        return Optional.ofNullable(RequestContextHolder.getRequestAttributes())
                .map(attributes -> ((ServletRequestAttributes) attributes).getRequest())
                .map(TokenContents::chain)
                .map(chain -> chain[0]);
    }

    private static X509Certificate[] chain(HttpServletRequest request) {
        return (X509Certificate[]) request.getAttribute("jakarta.servlet.request.X509Certificate");
    }

    private static String thumbprint(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
