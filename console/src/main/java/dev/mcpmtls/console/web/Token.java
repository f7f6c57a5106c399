// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import dev.mcpmtls.identity.Sha256;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A secret of one start, sent as {@code Authorization: Bearer} (RFC 6750): 256 random bits, compared by digest in constant time. No cookie has
 * it, because cookies are shared by all ports of a host.
 */
public final class Token implements Admission {

    private static final String SCHEME = "bearer ";
    private static final String REMEDY = "open the URL with the token that was printed at the start";

    private final String text;
    private final byte[] digest;

    private Token(String text) {
        this.text = text;
        this.digest = digest(text);
    }

    /** A new one. */
    public static Token random() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return new Token(Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
    }

    /** The secret, for the one who started the process. */
    public String reveal() {
        return text;
    }

    @Override
    public Optional<Refusal> refusal(HttpServerRequest request) {
        List<String> sent = request.headers().getAll("authorization");
        if (sent.size() != 1 || !sent.get(0).regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.of(new Refusal(401, "TOKEN_MISSING", "the API needs the token of this start", REMEDY));
        }
        String token = sent.get(0).substring(SCHEME.length()).strip();
        return MessageDigest.isEqual(digest, digest(token))
                ? Optional.empty()
                : Optional.of(new Refusal(401, "TOKEN_WRONG", "the token is not the one of this start", REMEDY));
    }

    private static byte[] digest(String text) {
        return Sha256.fresh().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "Token[redacted]";
    }
}
