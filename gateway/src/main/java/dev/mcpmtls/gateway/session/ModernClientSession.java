// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A modern client's request, or subscription, to a server whose era may have to be found out first. Thread-safe. */
public final class ModernClientSession implements BackendSession {

    private final String id = SessionIds.next();
    private final Supplier<Mono<Boolean>> isModern;
    private final Supplier<BackendSession> modern;
    private final Supplier<BackendSession> legacy;
    private final Consumer<Throwable> failed;
    private @Nullable BackendSession chosen;
    private @Nullable String level;
    private boolean closed;

    /**
     * Chooses one of the two sessions when the first message is there.
     *
     * @param failed hears why a request could not be delivered
     */
    public ModernClientSession(
            Supplier<Mono<Boolean>> isModern,
            Supplier<BackendSession> modern,
            Supplier<BackendSession> legacy,
            Consumer<Throwable> failed) {
        this.failed = failed;
        this.isModern = isModern;
        this.modern = modern;
        this.legacy = legacy;
    }

    @Override
    public String id() {
        return id;
    }

    private synchronized BackendSession chosen(boolean isModernServer) {
        BackendSession session = chosen;
        if (session == null) {
            session = isModernServer ? modern.get() : legacy.get();
            chosen = session;
            if (level != null) {
                session.minLogLevel(level);
            }
            if (closed) {
                session.close();
            }
        }
        return session;
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        return Mono.defer(isModern)
                .flatMap(is -> chosen(is).request(caller, request, outlet).doOnError(failed));
    }

    @Override
    public void listen(Outlet outlet) {
        var unused = isModern.get().onErrorComplete().subscribe(is -> chosen(is).listen(outlet));
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        return Mono.error(RefusedException.invalidRequest("no request of the server has that id"));
    }

    @Override
    public synchronized void minLogLevel(String from) {
        level = from;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (chosen != null) {
            chosen.close();
        }
    }
}
