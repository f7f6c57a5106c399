// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.token;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Access tokens for one server. A transport asks {@link #current} before each request, and {@link #answer} when the server refused one;
 * then it sends that request again, at most {@link #MOST_ANSWERS} times. Implementations are thread-safe and never block: what takes
 * time goes on elsewhere. Stages complete exceptionally with an unchecked exception whose message is for the user.
 */
public interface TokenSource {

    /** How often one request is sent again with another token: the server's wish may be a nonce, a token, and a scope. */
    int MOST_ANSWERS = 3;

    /** No tokens: every refusal stands. */
    TokenSource NONE = new TokenSource() {
        @Override
        public CompletionStage<Optional<Authorization>> current() {
            return CompletableFuture.completedStage(Optional.empty());
        }

        @Override
        public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
            return current();
        }
    };

    /** The MCP endpoint that the tokens are for: they go to no other; empty for any, as without tokens. */
    default Optional<URI> server() {
        return Optional.empty();
    }

    /**
     * The token to send with the next request; empty as long as the server has asked for none. Complete at once while there is a good token; it is
     * renewed before it expires.
     */
    CompletionStage<Optional<Authorization>> current();

    /**
     * Gets what the server asks for. May take as long as a person takes to log in.
     *
     * @param challenge of the server's refusal
     * @param refused the authorization of the refused request; empty when it had none
     * @return another authorization, with which to send the request again; empty when the refusal stands
     */
    CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused);
}
