// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import dev.mcpmtls.trust.Peer;
import java.util.concurrent.CompletionStage;

/** Verifies access tokens of accepted peers. Implementations are thread-safe and do not block. */
@FunctionalInterface
public interface TokenVerifier {

    /**
     * Verifies a token for the connection that it came over. Called for every request that carries one: its binding is compared with the
     * certificate of {@code peer} each time.
     *
     * @param token as it came, bounded in length by the caller
     * @param peer of the live connection
     * @return completes with what the token says, or exceptionally with {@link TokenRefusedException}
     */
    CompletionStage<AccessToken> verify(String token, Peer peer);
}
