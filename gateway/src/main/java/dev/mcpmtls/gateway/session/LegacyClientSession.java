// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.PassingSession;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Set;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** A legacy client's session with a server that may turn out to speak the modern revision alone. Thread-safe. */
public final class LegacyClientSession extends PassingSession {

    // The server cannot be used now, in either era.
    private static final Set<Integer> NOT_NOW = Set.of(503, 504);

    private final Mono<Boolean> isModern;
    private final Supplier<BackendSession> modern;
    private volatile BackendSession chosen;

    /**
     * Tries the legacy session first, because a server of both eras serves each client in its own.
     *
     * @param isModern asks the server, after it has refused the legacy session
     */
    public LegacyClientSession(BackendSession legacy, Mono<Boolean> isModern, Supplier<BackendSession> modern) {
        this.chosen = legacy;
        this.isModern = isModern;
        this.modern = modern;
    }

    @Override
    protected BackendSession to() {
        return chosen;
    }

    @Override
    public Mono<Welcome> welcome() {
        return Mono.defer(() -> chosen.welcome()).onErrorResume(refused -> {
            boolean isDown = refused instanceof RefusedException known && NOT_NOW.contains(known.code());
            return isDown
                    ? Mono.error(refused)
                    : isModern.onErrorReturn(false).flatMap(is -> is ? instead() : Mono.error(refused));
        });
    }

    private Mono<Welcome> instead() {
        BackendSession legacy = chosen;
        chosen = modern.get();
        legacy.close();
        return chosen.welcome();
    }
}
