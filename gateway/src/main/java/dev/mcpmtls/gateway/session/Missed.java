// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Notifications of a call that wait for its client's next round. The oldest give way when there are too many. Not thread-safe. */
final class Missed {

    static final int MAX_COUNT = 256;
    static final int MAX_CHARACTERS = 256 * 1024;

    private final Deque<Notification> waiting = new ArrayDeque<>();
    private int characters;

    void add(Notification notification) {
        waiting.add(notification);
        characters += size(notification);
        while (waiting.size() > MAX_COUNT || characters > MAX_CHARACTERS) {
            characters -= size(waiting.remove());
        }
    }

    /** Takes the waiting ones out, oldest first. */
    List<Notification> take() {
        List<Notification> taken = List.copyOf(waiting);
        waiting.clear();
        characters = 0;
        return taken;
    }

    private static int size(Notification notification) {
        return Messages.text(notification).length();
    }
}
