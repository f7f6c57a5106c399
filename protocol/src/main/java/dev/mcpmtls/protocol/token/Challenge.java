// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.token;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A server's refusal of a request for its access token: a status, and what the server wants instead (RFC 9110 section 11.6.1, RFC 6750
 * section 3, RFC 9728 section 5.1). Everything in it is the server's word, and may be hostile.
 *
 * @param status 401 or 403
 * @param schemes in the server's order; those that cannot be parsed are left out
 * @param nonce for the next proof of possession ({@code DPoP-Nonce}, RFC 9449 section 9)
 */
public record Challenge(int status, List<Scheme> schemes, Optional<String> nonce) {

    private static final int MAX_CHARACTERS = 16 * 1024;
    private static final int MAX_SCHEMES = 8;
    private static final int MAX_PARAMETERS = 32;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int MAX_NONCE = 512;

    /**
     * One scheme with its parameters.
     *
     * @param name in lower case, for example {@code bearer}
     * @param parameters by their names in lower case
     */
    public record Scheme(String name, Map<String, String> parameters) {

        /** Copies the parameters. */
        public Scheme {
            parameters = Map.copyOf(parameters);
        }

        /** A parameter; empty when the server sent none of that name. */
        public Optional<String> parameter(String called) {
            return Optional.ofNullable(parameters.get(called));
        }
    }

    /** Copies the list. */
    public Challenge {
        schemes = List.copyOf(schemes);
    }

    /**
     * The challenge of a response; empty when it is none: a status but 401 and 403, or a 403 without a word on tokens, which another
     * token does not change.
     *
     * @param authenticate the values of {@code WWW-Authenticate}
     * @param nonce the value of {@code DPoP-Nonce}, if any
     */
    public static Optional<Challenge> of(int status, List<String> authenticate, Optional<String> nonce) {
        if (status != UNAUTHORIZED && status != FORBIDDEN) {
            return Optional.empty();
        }
        Challenge challenge =
                new Challenge(status, new Parser(authenticate).schemes(), nonce.filter(Challenge::isNonce));
        return status == UNAUTHORIZED || challenge.isInsufficientScope() ? Optional.of(challenge) : Optional.empty();
    }

    private static boolean isNonce(String text) {
        return !text.isEmpty() && text.length() <= MAX_NONCE && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /** Whether the token lacks a scope (RFC 6750 section 3.1). */
    public boolean isInsufficientScope() {
        return isError("insufficient_scope");
    }

    /** Whether the proof of possession needs the nonce (RFC 9449 section 9). */
    public boolean wantsNonce() {
        return nonce.isPresent() && isError("use_dpop_nonce");
    }

    private boolean isError(String error) {
        return parameter("error").filter(error::equals).isPresent();
    }

    /** Whether the server wants a proof of possession with each token, and takes none without. */
    public boolean wantsProof() {
        return has("dpop") && !has("bearer");
    }

    private boolean has(String scheme) {
        return schemes.stream().anyMatch(one -> one.name().equals(scheme));
    }

    /** The first value of a parameter among the schemes for access tokens. */
    public Optional<String> parameter(String name) {
        return schemes.stream()
                .filter(scheme -> Set.of("bearer", "dpop").contains(scheme.name()))
                .flatMap(scheme -> scheme.parameter(name).stream())
                .findFirst();
    }

    /** Reads {@code scheme [token68 | parameter *( "," parameter )] *( "," scheme … )}; stops at the first fault. */
    private static final class Parser {

        private final String text;
        private final List<Scheme> found = new ArrayList<>();
        private int at;

        Parser(List<String> values) {
            String joined = String.join(", ", values);
            text = joined.length() > MAX_CHARACTERS ? "" : joined;
        }

        List<Scheme> schemes() {
            while (found.size() < MAX_SCHEMES) {
                skip(" \t,");
                String name = token();
                if (name.isEmpty()) {
                    break;
                }
                Optional<Map<String, String>> parameters = parameters();
                if (parameters.isEmpty()) {
                    break;
                }
                found.add(new Scheme(name.toLowerCase(Locale.ROOT), parameters.get()));
            }
            return found;
        }

        /** Up to the next scheme, which is a token without an equals sign behind it. */
        private Optional<Map<String, String>> parameters() {
            Map<String, String> parameters = new LinkedHashMap<>();
            while (true) {
                int before = at;
                skip(" \t,");
                String name = token();
                skip(" \t");
                if (name.isEmpty() || at >= text.length() || text.charAt(at) != '=') {
                    at = before;
                    return at >= text.length() || !name.isEmpty() ? Optional.of(parameters) : Optional.empty();
                }
                at++;
                skip(" \t");
                Optional<String> value = at < text.length() && text.charAt(at) == '"' ? quoted() : unquoted();
                if (value.isEmpty()
                        || parameters.size() == MAX_PARAMETERS
                        || parameters.put(name.toLowerCase(Locale.ROOT), value.get()) != null) {
                    return Optional.empty();
                }
            }
        }

        private Optional<String> unquoted() {
            return Optional.of(token()).filter(value -> !value.isEmpty());
        }

        private Optional<String> quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return Optional.of(value.toString());
                }
                if (c == '\\' && ++at < text.length()) {
                    c = text.charAt(at);
                }
                value.append(c);
            }
            return Optional.empty();
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        /** RFC 9110 section 5.6.2. */
        private String token() {
            int start = at;
            while (at < text.length() && isTokenCharacter(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private static boolean isTokenCharacter(char c) {
            return c < 0x80 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
        }
    }
}
