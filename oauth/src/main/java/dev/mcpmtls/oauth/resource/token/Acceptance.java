// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.trust.Peer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * Whether claims fit this server, this moment and this connection. Asked for every request, whatever is remembered of the token.
 * Thread-safe.
 *
 * @param audiences of this server
 * @param requireBound whether a token must be bound to the certificate of the connection
 */
public record Acceptance(Audiences audiences, boolean requireBound, Duration skew, InstantSource clock) {

    /** The token of these claims, which its issuer vouches for. */
    public AccessToken of(Claims claims, Peer peer) throws TokenRefusedException {
        Instant now = clock.instant();
        if (!now.isBefore(claims.token().expiresAt().plus(skew))) {
            throw refused(Why.EXPIRED, "the access token has expired; fetch a new one", claims);
        }
        if (now.plus(skew).isBefore(claims.validFrom())) {
            throw refused(
                    Why.EXPIRED,
                    "the access token is not yet valid; compare the clocks of its issuer and here",
                    claims);
        }
        if (!audiences.haveAnyOf(claims.audiences())) {
            throw refused(
                    Why.WRONG_AUDIENCE,
                    "the access token is for another server; fetch one with the resource " + audiences.resource(),
                    claims);
        }
        if (claims.thumbprint().isEmpty() && requireBound) {
            throw refused(
                    Why.WRONG_BINDING,
                    "the access token is bound to no certificate (cnf.x5t#S256 of RFC 8705); fetch one over a"
                            + " connection with yours",
                    claims);
        }
        if (claims.thumbprint().isPresent() && !isOf(peer, claims.thumbprint().get())) {
            throw refused(
                    Why.WRONG_BINDING,
                    "the access token belongs to another certificate than this connection's; if yours was renewed,"
                            + " fetch a new token",
                    claims);
        }
        return claims.token();
    }

    private static boolean isOf(Peer peer, String thumbprint) {
        try {
            byte[] digest = Sha256.of(peer.chain().leaf().getEncoded());
            byte[] expected = Base64.getUrlEncoder().withoutPadding().encode(digest);
            return MessageDigest.isEqual(expected, thumbprint.getBytes(StandardCharsets.UTF_8));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }

    private static TokenRefusedException refused(Why why, String message, Claims claims) {
        return new TokenRefusedException(why, message, Optional.of(claims.token()), claims.thumbprint());
    }
}
