// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.transport.server.backend.Outlet;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One client among those that share a link: where what the server says of its own accord goes, and what it subscribed to. Thread-safe. */
public final class Member {

    // Said before the client listens, which it may do a moment after it has initialized.
    private static final int MAX_WAITING = 64;

    private final Set<String> subscriptions = ConcurrentHashMap.newKeySet();
    private final Deque<JsonRpcMessage> waiting = new ArrayDeque<>();
    private @Nullable Outlet listener;

    /** From now on, what is for this client of the server's own accord goes there, and what has waited for it. */
    public void listen(Outlet outlet) {
        synchronized (this) {
            listener = outlet;
            for (JsonRpcMessage message = waiting.poll(); message != null; message = waiting.poll()) {
                outlet.pass(message);
            }
        }
    }

    void tell(JsonRpcMessage message) {
        synchronized (this) {
            if (listener != null) {
                listener.pass(message);
            } else if (waiting.size() < MAX_WAITING) {
                waiting.add(message);
            }
        }
    }

    Set<String> subscriptions() {
        return subscriptions;
    }

    /** Whether it expects messages that come of the server's own accord. */
    boolean expects() {
        return !subscriptions.isEmpty();
    }
}
