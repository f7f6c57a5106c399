// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.identity.Printable;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The claims that an issuer vouches for, their types checked (RFC 7519, RFC 9068). Immutable.
 *
 * @param token as rules and the audit log see it
 * @param audiences for which resources it is; may be empty
 * @param validFrom the later of {@code nbf} and {@code iat}; the epoch when it has neither
 * @param thumbprint to which certificate it is bound: {@code cnf.x5t#S256}, as it came (RFC 8705, section 3.1)
 */
public record Claims(AccessToken token, Set<String> audiences, Instant validFrom, Optional<String> thumbprint) {

    private static final int MAX_VALUES = 256;
    private static final long END_OF_9999 = 253_402_300_799L;

    /** Copies the audiences. */
    public Claims {
        audiences = Set.copyOf(audiences);
    }

    /**
     * The claims of a JWT or of an introspection's answer.
     *
     * @param issuer the one that vouches for them
     * @throws TokenRefusedException {@code INVALID} when one is missing or of a wrong type; {@code WRONG_BINDING} when the token is bound
     *     in a way that this server does not check
     */
    public static Claims of(String issuer, Map<String, Object> members) throws TokenRefusedException {
        Optional<String> thumbprint = thumbprint(members);
        Optional<String> client = name(members, members.containsKey("client_id") ? "client_id" : "azp");
        AccessToken token = new AccessToken(
                issuer,
                name(members, "sub").orElseThrow(() -> invalid("the access token has no 'sub'")),
                client,
                scopes(members),
                time(members, "exp").orElseThrow(() -> invalid("the access token has no 'exp'")),
                thumbprint.isPresent());
        return new Claims(token, texts(members, "aud"), validFrom(members), thumbprint);
    }

    private static Instant validFrom(Map<String, Object> members) throws TokenRefusedException {
        Instant notBefore = time(members, "nbf").orElse(Instant.EPOCH);
        Instant issuedAt = time(members, "iat").orElse(Instant.EPOCH);
        return notBefore.isAfter(issuedAt) ? notBefore : issuedAt;
    }

    private static Optional<String> thumbprint(Map<String, Object> members) throws TokenRefusedException {
        if (!members.containsKey("cnf")) {
            return Optional.empty();
        }
        if (!(members.get("cnf") instanceof Map<?, ?> confirmation)) {
            throw invalid("'cnf' in the access token is not an object");
        }
        if (confirmation.size() == 1 && confirmation.get("x5t#S256") instanceof String text) {
            return Optional.of(text);
        }
        throw new TokenRefusedException(
                Why.WRONG_BINDING,
                "the access token is bound in a way that this server does not check; fetch one that is bound to your"
                        + " certificate alone");
    }

    /** {@code scope} as RFC 9068 has it, a list of some servers, or {@code scp} of others. */
    private static Set<String> scopes(Map<String, Object> members) throws TokenRefusedException {
        String member = members.containsKey("scope") ? "scope" : "scp";
        Set<String> scopes = new HashSet<>();
        for (String text : texts(members, member)) {
            scopes.addAll(List.of(text.split(" ", -1)));
        }
        scopes.remove("");
        for (String scope : scopes) {
            if (!scope.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+")) {
                throw invalid("a scope of the access token has characters that scopes cannot have");
            }
        }
        return atMost(scopes, member);
    }

    private static Set<String> texts(Map<String, Object> members, String name) throws TokenRefusedException {
        if (!members.containsKey(name)) {
            return Set.of();
        }
        Object value = members.get(name);
        Collection<?> values = value instanceof List<?> list ? list : value == null ? List.of(0) : List.of(value);
        Set<String> texts = new HashSet<>();
        for (Object one : values) {
            if (!(one instanceof String text)) {
                throw invalid("'" + name + "' in the access token is neither a string nor a list of strings");
            }
            texts.add(text);
        }
        return atMost(texts, name);
    }

    private static Set<String> atMost(Set<String> texts, String name) throws TokenRefusedException {
        if (texts.size() > MAX_VALUES) {
            throw invalid("'" + name + "' in the access token has more than " + MAX_VALUES + " values");
        }
        return texts;
    }

    /** A name that rules compare and people read: without characters that cannot be seen. */
    private static Optional<String> name(Map<String, Object> members, String name) throws TokenRefusedException {
        if (!members.containsKey(name)) {
            return Optional.empty();
        }
        if (members.get(name) instanceof String text
                && !text.isBlank()
                && Printable.line(text).equals(text)) {
            return Optional.of(text);
        }
        throw invalid("'" + name + "' in the access token is not a string of visible characters");
    }

    /** A NumericDate (RFC 7519, section 2), up to the year 9999. */
    private static Optional<Instant> time(Map<String, Object> members, String name) throws TokenRefusedException {
        if (!members.containsKey(name)) {
            return Optional.empty();
        }
        if (members.get(name) instanceof Number number
                && number.doubleValue() >= 0
                && number.doubleValue() <= END_OF_9999) {
            return Optional.of(Instant.ofEpochSecond(number.longValue()));
        }
        throw invalid("'" + name + "' in the access token is not a time in seconds between 1970 and 9999");
    }

    private static TokenRefusedException invalid(String message) {
        return new TokenRefusedException(Why.INVALID, message);
    }
}
