// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Passes everything on to another session, for those that change some of it. */
public abstract class PassingSession implements BackendSession {

    /** The other session, asked for each time. */
    protected abstract BackendSession to();

    @Override
    public String id() {
        return to().id();
    }

    @Override
    public Mono<Welcome> welcome() {
        return to().welcome();
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        return to().request(caller, request, outlet);
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        return to().notification(caller, notification);
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        return to().answer(caller, response);
    }

    @Override
    public void cancelled(Notification notification) {
        to().cancelled(notification);
    }

    @Override
    public void listen(Outlet outlet) {
        to().listen(outlet);
    }

    @Override
    public @Nullable String resumption() {
        return to().resumption();
    }

    @Override
    public void minLogLevel(String level) {
        to().minLogLevel(level);
    }

    @Override
    public void close() {
        to().close();
    }

    @Override
    public void release() {
        to().release();
    }
}
