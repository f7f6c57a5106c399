// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A legacy client's session with a server that may turn out to speak the modern revision alone. Thread-safe. */
public final class LegacyClientSession implements BackendSession {

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

    @Override
    public String id() {
        return chosen.id();
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        return chosen.request(caller, request, outlet);
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        return chosen.notification(caller, notification);
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        return chosen.answer(caller, response);
    }

    @Override
    public void cancelled(Notification notification) {
        chosen.cancelled(notification);
    }

    @Override
    public void listen(Outlet outlet) {
        chosen.listen(outlet);
    }

    @Override
    public @Nullable String resumption() {
        return chosen.resumption();
    }

    @Override
    public void minLogLevel(String level) {
        chosen.minLogLevel(level);
    }

    @Override
    public void close() {
        chosen.close();
    }

    @Override
    public void release() {
        chosen.release();
    }
}
