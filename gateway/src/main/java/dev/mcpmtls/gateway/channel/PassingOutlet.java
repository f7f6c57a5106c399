// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.Outlet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Passes everything on to another outlet, for those that change some of it. */
public class PassingOutlet implements Outlet {

    private final Outlet to;

    /** In front of another. */
    public PassingOutlet(Outlet to) {
        this.to = to;
    }

    @Override
    public void answer(Response response) {
        to.answer(response);
    }

    @Override
    public void streams() {
        to.streams();
    }

    @Override
    public void pass(JsonRpcMessage message) {
        to.pass(message);
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {
        to.result(members, meta);
    }

    @Override
    public void error(Failure failure) {
        to.error(failure);
    }

    @Override
    public Observation observation() {
        return to.observation();
    }

    @Override
    public void notification(String method, @Nullable Object params) {
        to.notification(method, params);
    }

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        return to.question(id, method, params);
    }
}
