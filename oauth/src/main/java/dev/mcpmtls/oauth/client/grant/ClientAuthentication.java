// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import java.security.PrivateKey;
import java.util.Optional;

/** How this client shows an authorization server that it is the client that was registered. Secrets in it are not printed. */
public sealed interface ClientAuthentication {

    /** Not at all: a public client, such as a program on a person's machine. */
    static ClientAuthentication none() {
        return new None();
    }

    /** By a secret, in the header or in the form, whichever the authorization server takes (RFC 6749 section 2.3.1). */
    static ClientAuthentication secret(String secret) {
        return new Secret(secret, Optional.empty());
    }

    /**
     * By a signature (RFC 7523, {@code private_key_jwt}).
     *
     * @param key EC on P-256, P-384 or P-521, or RSA
     * @param keyId by which the authorization server knows the key; empty when it knows one only
     */
    static ClientAuthentication privateKey(PrivateKey key, Optional<String> keyId) {
        return new Key(key, keyId);
    }

    /**
     * By the certificate that is presented in the handshake, {@code tls_client_auth} or {@code self_signed_tls_client_auth} (RFC 8705 section
     * 2). Nothing is sent that could be stolen.
     */
    static ClientAuthentication certificate() {
        return new Certificate();
    }

    /** See {@link #none}. */
    record None() implements ClientAuthentication {}

    /** See {@link #certificate}. */
    record Certificate() implements ClientAuthentication {}

    /** See {@link #secret}. */
    final class Secret implements ClientAuthentication {

        private final String value;
        private final Optional<String> method;

        /**
         * A secret.
         *
         * @param method as the authorization server registered it ({@code client_secret_post}); empty to choose
         */
        public Secret(String value, Optional<String> method) {
            this.value = value;
            this.method = method;
        }

        /** For the store and the wire alone. */
        public String value() {
            return value;
        }

        /** The registered way; empty to choose. */
        public Optional<String> method() {
            return method;
        }

        @Override
        public String toString() {
            return "a client secret";
        }
    }

    /** See {@link #privateKey}. */
    final class Key implements ClientAuthentication {

        private final PrivateKey privateKey;
        private final Optional<String> keyId;

        private Key(PrivateKey privateKey, Optional<String> keyId) {
            this.privateKey = privateKey;
            this.keyId = keyId;
        }

        PrivateKey privateKey() {
            return privateKey;
        }

        Optional<String> keyId() {
            return keyId;
        }

        @Override
        public String toString() {
            return "a private key";
        }
    }
}
