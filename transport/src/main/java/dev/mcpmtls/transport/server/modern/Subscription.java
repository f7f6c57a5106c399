// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.call.Audience;
import dev.mcpmtls.transport.server.call.Reply;
import dev.mcpmtls.transport.server.call.Seen;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.task.RunningTask;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One open {@code subscriptions/listen} stream.
 *
 * @param id of the request that opened it
 * @param granted the notifications that it carries, in the form of the request's filter
 * @param caller the peer that opened it
 */
record Subscription(
        Object id,
        Map<String, Object> granted,
        Reply reply,
        Caller caller,
        BackendSession backend,
        Seen seen,
        Json json)
        implements Audience {

    private static final String ID = "io.modelcontextprotocol/subscriptionId";
    private static final Map<String, String> FILTERS = Map.of(
            "notifications/tools/list_changed", "toolsListChanged",
            "notifications/prompts/list_changed", "promptsListChanged",
            "notifications/resources/list_changed", "resourcesListChanged",
            "notifications/resources/updated", "resourceSubscriptions");

    @Override
    public String version() {
        return Revision.MODERN.text();
    }

    void acknowledge() {
        emit("notifications/subscriptions/acknowledged", Map.of("notifications", granted));
    }

    @Override
    public void tell(String method) {
        tell(method, null);
    }

    /** Passes a notification on if this subscription is for it. */
    void tell(String method, @Nullable Object params) {
        if (granted.containsKey(FILTERS.getOrDefault(method, ""))) {
            emit(method, params == null ? Map.of() : json.asObject(params));
        }
    }

    /** As {@link #tell}, with everything but our mark in its text as it came. */
    void pass(Notification told) {
        if (granted.containsKey(FILTERS.getOrDefault(told.method(), ""))) {
            String marked =
                    JsonText.set(Objects.requireNonNull(told.text()), JsonText.scalar(id), "params", "_meta", ID);
            reply.event(null, marked.getBytes(StandardCharsets.UTF_8));
        }
    }

    boolean watches(RunningTask task) {
        return granted.get("taskIds") instanceof List<?> ids && ids.contains(task.id());
    }

    /** Tells of a task's state. */
    void tell(RunningTask task) {
        emit(TaskStatus.NOTIFICATION, task.whole());
    }

    /** Ends the stream from our side. */
    void close() {
        emit("notifications/cancelled", Map.of("requestId", id, "reason", "the server ends the subscription"));
        Map<String, Object> result = Map.of("resultType", "complete", "_meta", Map.of(ID, id));
        reply.answer(200, null, json.write(Map.of("jsonrpc", "2.0", "id", id, "result", result)));
    }

    private void emit(String method, Map<String, Object> params) {
        Map<String, Object> tagged = new LinkedHashMap<>(params);
        Map<String, Object> meta = new LinkedHashMap<>(JsonRpcMessage.object(params.get("_meta")));
        meta.put(ID, id);
        tagged.put("_meta", meta);
        reply.event(null, json.write(Map.of("jsonrpc", "2.0", "method", method, "params", tagged)));
    }
}
