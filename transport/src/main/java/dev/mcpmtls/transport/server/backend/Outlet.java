// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Takes what a backend says on a request, or of its own accord. Callable from any thread. */
public interface Outlet {

    /**
     * The request's result.
     *
     * @param members anything that becomes a JSON object
     * @param meta its {@code _meta}, which {@code members} holds as well; empty when there is none
     */
    void result(Object members, Map<String, Object> meta);

    /** The request failed. */
    void error(Failure failure);

    /** The observation of the request, as the cause of what the backend sends on. */
    default Observation observation() {
        return Observation.NONE;
    }

    /**
     * A notification.
     *
     * @param params anything that becomes a JSON object; null when there are none
     */
    void notification(String method, @Nullable Object params);

    /**
     * A question to the client: elicitation, sampling or roots. Its answer comes to {@link BackendSession#answer}.
     *
     * @return runs when it is subscribed to; fails when this client cannot be asked
     */
    Mono<Void> question(Object id, String method, @Nullable Object params);

    /** The client gets a stream that it can take up again, where its revision has such streams; the answer may take a while. */
    default void streams() {}

    /** The answer to the request, result or error, whose text is sent as it is. */
    default void answer(Response response) {
        Map<String, Object> error = JsonRpcMessage.object(response.whole().get("error"));
        if (!error.isEmpty()) {
            int code = error.get("code") instanceof Number number ? number.intValue() : ErrorCode.INTERNAL_ERROR;
            error(new Failure(code, String.valueOf(error.get("message")), error.get("data"), null));
        } else {
            Map<String, Object> result = JsonRpcMessage.object(response.whole().get("result"));
            result(result, JsonRpcMessage.object(result.get("_meta")));
        }
    }

    /** A notification, or a question whose answer comes to {@link BackendSession#answer}; its text is sent as it is. */
    default void pass(JsonRpcMessage message) {
        if (message instanceof Notification notification) {
            notification(notification.method(), notification.params());
        } else if (message instanceof Request question) {
            question(question.id(), question.method(), question.params())
                    .onErrorComplete()
                    .subscribe();
        }
    }

    /**
     * The handler has begun work for which its client need not wait: whether the request is a task from now on. Its result, its
     * failure and its questions are then the task's.
     *
     * @return says how far the work is; null when this client has to wait for the result
     * @throws RefusedException when there is no room for the task, or the request is over; its client was told
     */
    default @Nullable Consumer<String> becomeTask() {
        return null;
    }

    /**
     * An error in the words of JSON-RPC.
     *
     * @param undeclared the capability that the client should have declared; null when that is not the reason
     */
    record Failure(
            int code,
            String message,
            @Nullable Object data,
            @Nullable String undeclared) {}
}
