// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.call.Announcer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Takes what a backend says to a legacy session on one of its streams, of its own accord or beside the answer to a request. */
record ListeningOutlet(Json json, Announcer announcer, Session session, SessionStream stream) implements Outlet {

    @Override
    public void result(Object members, Map<String, Object> meta) {}

    @Override
    public void error(Failure failure) {}

    @Override
    public void pass(JsonRpcMessage message) {
        if (message instanceof Notification told) {
            announcer.pass(session, told.method(), told.params(), () -> stream.send(told.bytes()));
        } else {
            stream.send(message.bytes());
        }
    }

    @Override
    public void notification(String method, @Nullable Object params) {
        announcer.pass(session, method, params, () -> stream.send(json.notification(method, params)));
    }

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        stream.send(json.request(id, method, params));
        return Mono.empty();
    }
}
