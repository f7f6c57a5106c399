// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonText;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The questions that members ask one client: their ids are the members' own, and two may choose the same. Thread-safe. */
final class Questions {

    static final int MAX_OPEN = 1_000;

    private final Map<String, Asked> open = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /** A question of a member, by its own id. */
    record Asked(String member, Object id) {}

    /** The question as the client sees it; empty when too many wait for its answers. */
    Optional<Request> asked(String member, Request question) {
        if (open.size() >= MAX_OPEN) {
            return Optional.empty();
        }
        String id = member + "/" + last.incrementAndGet();
        open.put(id, new Asked(member, question.id()));
        return Optional.of(
                Messages.with(question, id, JsonText.set(Messages.text(question), JsonText.quote(id), "id")));
    }

    /** The question that an answer is to; once. */
    Optional<Asked> answered(Object id) {
        return id instanceof String text ? Optional.ofNullable(open.remove(text)) : Optional.empty();
    }

    /** A member's withdrawal of its question as the client sees it; unchanged when it is about something else. */
    Notification withdrawn(String member, Notification cancelled) {
        Object id = cancelled.params().get("requestId");
        return open.entrySet().stream()
                .filter(entry -> id != null && entry.getValue().equals(new Asked(member, id)))
                .map(Map.Entry::getKey)
                .findFirst()
                .map(outer -> {
                    open.remove(outer);
                    String text = JsonText.set(Messages.text(cancelled), JsonText.quote(outer), "params", "requestId");
                    return (Notification) Messages.read(text);
                })
                .orElse(cancelled);
    }
}
