// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The open questions of a server, which are bounded. Each goes to the client whose request it is about. Thread-safe. */
final class ServerQuestions {

    // As many as ten clients may have of a combined server. A question waits for as long as the request that it is
    // about.
    private static final int MAX_OPEN = 10_000;

    private final Sharing sharing;
    private final Set<Member> members;
    private final InFlight inFlight;
    private final Consumer<Response> reply;
    // The questions that a client has, by their ids.
    private final Map<Object, Asked> open = new ConcurrentHashMap<>();

    private record Asked(Member member, @Nullable Pending about) {}

    /** @param reply answers the server in place of a client */
    ServerQuestions(Sharing sharing, Set<Member> members, InFlight inFlight, Consumer<Response> reply) {
        this.sharing = sharing;
        this.members = members;
        this.inFlight = inFlight;
        this.reply = reply;
    }

    /** A question; one that no client could be asked is refused. */
    void asked(Request question, @Nullable Object about) {
        if (question.method().equals("ping")) {
            reply.accept(Messages.result(question.id(), "{}"));
            return;
        }
        if (open.size() >= MAX_OPEN) {
            reply.accept(Messages.error(
                    question.id(), ErrorCode.INTERNAL_ERROR, "too many questions wait for answers; ask again later"));
            return;
        }
        Optional<Pending> call = sharing == Sharing.EVERYBODY ? Optional.empty() : inFlight.about(about);
        List<Member> listening = sharing == Sharing.EVERYBODY ? List.of() : List.copyOf(members);
        if (call.isPresent()) {
            Asked before = open.put(question.id(), new Asked(call.get().member(), call.get()));
            call.get().asks();
            if (before != null) { // the server knows one question by one id
                goesOn(before);
            }
            call.get().outlet().pass(question);
        } else if (sharing == Sharing.ONE_CLIENT && listening.size() == 1) {
            Asked before = open.put(question.id(), new Asked(listening.get(0), null));
            if (before != null) {
                goesOn(before);
            }
            listening.get(0).tell(question);
        } else {
            refuse(question, "there is no client here that could be asked this");
        }
    }

    /** Whether the answer is to a question that this client has. */
    boolean answered(Member member, Response response) {
        Asked asked = open.get(response.id());
        if (asked == null || asked.member() != member || !open.remove(response.id(), asked)) {
            return false;
        }
        goesOn(asked);
        return true;
    }

    private static void goesOn(Asked asked) {
        if (asked.about() != null) {
            asked.about().answered();
        }
    }

    /** Refuses a question whose client cannot be asked. */
    void refuse(Request question, String why) {
        Asked asked = open.remove(question.id());
        if (asked != null) {
            goesOn(asked);
        }
        reply.accept(Messages.error(question.id(), ErrorCode.METHOD_NOT_FOUND, why));
    }

    /** The server withdraws a question. */
    void withdrawn(Notification notification) {
        Object id = notification.params().get("requestId");
        Asked asked = id == null ? null : open.remove(id);
        if (asked != null && asked.about() != null) {
            asked.about().answered();
            asked.about().outlet().pass(notification);
        } else if (asked != null) {
            asked.member().tell(notification);
        }
    }

    /** The request is over, and with it the questions about it. */
    void forget(Pending one) {
        if (!open.isEmpty()) {
            open.values().removeIf(asked -> asked.about() == one);
        }
    }

    void clear() {
        open.clear();
    }
}
