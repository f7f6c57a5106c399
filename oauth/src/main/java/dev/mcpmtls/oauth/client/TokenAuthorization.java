// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import dev.mcpmtls.oauth.client.grant.ProofKey;
import dev.mcpmtls.oauth.client.store.Token;
import dev.mcpmtls.protocol.token.Authorization;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A token as it is presented to its server. Not printed.
 *
 * @param key that the token is bound to, if it is
 * @param nonce of the server for proofs
 */
record TokenAuthorization(Token token, URI server, Optional<ProofKey> key, Optional<String> nonce)
        implements Authorization {

    /** @throws IllegalArgumentException when the token's key is none */
    static TokenAuthorization of(Token token, URI server) {
        return new TokenAuthorization(token, server, token.proofKey().map(ProofKey::parse), Optional.empty());
    }

    TokenAuthorization with(Optional<String> next) {
        return new TokenAuthorization(token, server, key, next);
    }

    @Override
    public Map<String, String> headers(String method) {
        return key.map(owned -> Map.of(
                        "Authorization",
                        "DPoP " + token.value(),
                        "DPoP",
                        owned.proof(method, server, token.value(), nonce)))
                .orElseGet(() -> Map.of("Authorization", "Bearer " + token.value()));
    }

    @Override
    public String toString() {
        return token.toString();
    }
}
