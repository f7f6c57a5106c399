// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.Outlet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Keeps the answer to a request of our own. */
class AnswerOnly implements Outlet {

    private volatile @Nullable Response response;

    /** The answer; null when there was none. */
    @Nullable
    Response response() {
        return response;
    }

    @Override
    public void answer(Response answer) {
        response = answer;
    }

    @Override
    public void pass(JsonRpcMessage message) {}

    @Override
    public void result(Object members, Map<String, Object> meta) {}

    @Override
    public void error(Failure failure) {}

    @Override
    public void notification(String method, @Nullable Object params) {}

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        return Mono.error(new IllegalStateException("there is no client to ask"));
    }
}
