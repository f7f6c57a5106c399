// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The requests of a host that a new session needs again: its log level and its resource subscriptions, at most 10,000. Thread-safe. */
final class Subscriptions {

    private static final int MAX = 10_000;

    private final Map<String, Message.Request> byUri = new LinkedHashMap<>();
    private Message.@Nullable Request level;

    /** Remembers or forgets, by what the server has answered without an error. */
    synchronized void answered(Message.Request request) {
        String uri = request.params().raw("uri").orElse("");
        if (request.method().equals(Method.SET_LEVEL.text())) {
            level = request;
        } else if (request.method().equals(Method.RESOURCES_SUBSCRIBE.text()) && byUri.size() < MAX) {
            byUri.put(uri, request);
        } else if (request.method().equals(Method.RESOURCES_UNSUBSCRIBE.text())) {
            byUri.remove(uri);
        }
    }

    synchronized void clear() {
        byUri.clear();
        level = null;
    }

    /** The level first, then the subscriptions in the host's order. */
    synchronized List<Message.Request> requests() {
        List<Message.Request> requests = new ArrayList<>(byUri.values());
        if (level != null) {
            requests.add(0, level);
        }
        return requests;
    }
}
