// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A signed JWT in compact form (RFC 7515, section 7.1), taken apart strictly: canonical base64url, UTF-8, JSON without duplicate
 * members. Nothing in it is to be believed before its signature is verified. Immutable.
 */
public final class CompactJwt {

    private static final Json JSON = new Json(16, 16 * 1024);

    /** A token that has one of these says itself which key to trust, or wants processing that this server does not do. */
    private static final Set<String> REFUSED_HEADERS =
            Set.of("jku", "jwk", "x5u", "x5c", "crit", "b64", "cty", "enc", "zip", "epk");

    private final Map<String, Object> header;
    private final Map<String, Object> payload;
    private final byte[] signed;
    private final byte[] signature;

    private CompactJwt(Map<String, Object> header, Map<String, Object> payload, byte[] signed, byte[] signature) {
        this.header = header;
        this.payload = payload;
        this.signed = signed;
        this.signature = signature;
    }

    /** Whether a token is meant as a JWT, signed or encrypted; any other is opaque. */
    public static boolean is(String token) {
        return token.startsWith("ey") && token.indexOf('.') > 0;
    }

    /**
     * The parts of a token.
     *
     * @throws TokenRefusedException {@code INVALID} when its form is not strictly that of a signed JWT
     */
    public static CompactJwt parse(String token) throws TokenRefusedException {
        String[] parts = token.split("\\.", -1);
        if (parts.length == 5) {
            throw invalid("the access token is encrypted; this server takes signed ones");
        }
        if (parts.length != 3) {
            throw invalid("the access token is not a signed JWT of three parts");
        }
        CompactJwt jwt = new CompactJwt(
                object(parts[0]),
                object(parts[1]),
                token.substring(0, token.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII),
                octets(parts[2]));
        for (String name : jwt.header.keySet()) {
            if (REFUSED_HEADERS.contains(name)) {
                throw invalid("the access token's header has '" + name + "', which this server does not take");
            }
        }
        return jwt;
    }

    private static Map<String, Object> object(String part) throws TokenRefusedException {
        try {
            return JSON.read(Json.text(octets(part)));
        } catch (InvalidMessageException e) {
            throw invalid("a part of the access token is not strict JSON: an object without duplicate members");
        }
    }

    private static byte[] octets(String part) throws TokenRefusedException {
        try {
            byte[] octets = Base64.getUrlDecoder().decode(part);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(octets).equals(part)) {
                return octets;
            }
        } catch (IllegalArgumentException e) {
            // is refused below
        }
        throw invalid("a part of the access token is not base64url without padding");
    }

    /** The algorithm that it claims to be signed with. */
    public String algorithm() throws TokenRefusedException {
        return text(header, "alg").orElseThrow(() -> invalid("the access token's header has no 'alg'"));
    }

    /** The key that it claims to be signed with. */
    public Optional<String> keyId() throws TokenRefusedException {
        return text(header, "kid");
    }

    /** The media type that its header names, in lower case and without {@code application/} (RFC 7515, section 4.1.9). */
    public Optional<String> type() throws TokenRefusedException {
        return text(header, "typ")
                .map(type -> type.toLowerCase(Locale.ROOT))
                .map(type -> type.startsWith("application/") ? type.substring("application/".length()) : type);
    }

    /** The issuer that it claims to be from: to choose among those that are trusted. */
    public String issuer() throws TokenRefusedException {
        return text(payload, "iss").orElseThrow(() -> invalid("the access token has no 'iss'"));
    }

    /** Whether its issuer marks it as something else than an access token: by members of ID and logout tokens, or in Keycloak's way. */
    public boolean isMarkedAsOther() {
        Object kind = payload.getOrDefault("typ", "Bearer");
        return !"Bearer".equals(kind) || payload.containsKey("at_hash") || payload.containsKey("events");
    }

    /** The members of its payload. */
    public Map<String, Object> payload() {
        return payload;
    }

    /** The octets that its signature is over. */
    public byte[] signed() {
        return signed.clone();
    }

    /** Its signature. */
    public byte[] signature() {
        return signature.clone();
    }

    private static Optional<String> text(Map<String, Object> members, String name) throws TokenRefusedException {
        if (!members.containsKey(name)) {
            return Optional.empty();
        }
        if (members.get(name) instanceof String text) {
            return Optional.of(text);
        }
        throw invalid("'" + name + "' in the access token is not a string");
    }

    private static TokenRefusedException invalid(String message) {
        return new TokenRefusedException(Why.INVALID, message);
    }
}
