// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.CallerMember;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request that a server works on: the client's id and progress token, and ours in their place on the way to the server. */
final class Pending {

    /** How long a client may take to answer. */
    static final Duration TO_ANSWER = Duration.ofMinutes(15);

    private final long id;
    private final Member member;
    private final Caller caller;
    private final Request request;
    private final Outlet outlet;
    private final Runnable over;
    private final Observation observation;
    private volatile long heardAt = System.nanoTime();
    private volatile long askedAt;
    private volatile boolean waits;
    private int openQuestions;

    /**
     * A request.
     *
     * @param id of ours
     * @param request as the client sent it, or as it was translated
     * @param upstream the server, with its observer
     * @param over runs when nothing more comes
     */
    Pending(long id, Member member, Caller caller, Request request, Outlet outlet, Upstream upstream, Runnable over) {
        this.id = id;
        this.member = member;
        this.caller = caller;
        this.request = request;
        this.outlet = outlet;
        this.over = over;
        this.observation = Carrying.sent(upstream, id, request, outlet.observation());
    }

    long id() {
        return id;
    }

    Member member() {
        return member;
    }

    Caller caller() {
        return caller;
    }

    Request request() {
        return request;
    }

    Outlet outlet() {
        return outlet;
    }

    Observation observation() {
        return observation;
    }

    void over() {
        observation.end();
        over.run();
    }

    /**
     * The answer is there.
     *
     * @param session of the server, where it has one
     */
    void answered(Response response, String revision, @Nullable String session) {
        observation.speaks(revision);
        if (session != null) {
            observation.inSession(session);
        }
        observation.answered(response.whole());
    }

    /** It did not leave, or no answer will come. */
    void failed(UpstreamFailure failure) {
        observation.failed(failure.type());
        observation.end();
    }

    /** Its client does not want the answer any more. */
    void cancelled() {
        observation.failed("cancelled");
        observation.end();
    }

    /** The request as the server sees it. */
    Request outgoing(boolean namesCaller) {
        String text = JsonText.set(Messages.text(request), Long.toString(id), "id");
        if (token() != null) {
            text = JsonText.set(text, Long.toString(id), "params", "_meta", "progressToken");
        }
        text = Carrying.trace(observation, CallerMember.dropped(text));
        return Messages.with(request, id, namesCaller ? CallerMember.added(text, caller) : text);
    }

    /** The client's own token; null when it wants no progress. */
    private @Nullable Object token() {
        return request.meta().get("progressToken");
    }

    /** The answer as the client sees it. */
    Response incoming(Response response) {
        String own = JsonText.find(Messages.text(request), "id").orElseGet(() -> JsonText.scalar(request.id()));
        return new Response(request.id(), response.whole(), JsonText.set(Messages.text(response), own, "id"));
    }

    /** A notification of its progress as the client sees it; null when it wants none. */
    @Nullable
    Notification progress(Notification notification) {
        String token = JsonText.find(Messages.text(request), "params", "_meta", "progressToken")
                .orElse(null);
        return token == null
                ? null
                : new Notification(
                        notification.method(),
                        notification.params(),
                        JsonText.set(Messages.text(notification), token, "params", "progressToken"));
    }

    /** The server shows that it is working on it. */
    void heard() {
        heardAt = System.nanoTime();
    }

    /** Whether the server has been silent for too long, or the client with its answer to a question. */
    boolean isLate(long now, long allowedNanos) {
        return waits ? now - askedAt > TO_ANSWER.toNanos() : now - heardAt > allowedNanos;
    }

    /** The failure of a request that is late. */
    UpstreamFailure late(Upstream server) {
        String who = waits
                ? "a question of the server " + server.name() + " was not answered within " + TO_ANSWER.toSeconds()
                : "the server " + server.name() + " did not answer within "
                        + server.timeout().toSeconds();
        return UpstreamFailure.timedOut(who + " s; the call may have run");
    }

    synchronized void asks() {
        if (openQuestions == 0) {
            askedAt = System.nanoTime();
        }
        openQuestions++;
        waits = true;
    }

    synchronized void answered() {
        openQuestions--;
        waits = openQuestions > 0;
        heard();
    }

    boolean waits() {
        return waits;
    }
}
