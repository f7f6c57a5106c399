// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.Member;
import dev.mcpmtls.gateway.link.Sharing;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A legacy client's session with a legacy server: texts pass as they are. */
public final class LegacySession implements BackendSession {

    private static final String OLDEST = "2024-11-05";

    private final String id;
    private final LegacyLink link;
    private final Sharing sharing;
    private final Request initialize;
    private final Consumer<Response> learn;
    private final Runnable atEnd;
    private final Member member;

    /**
     * A session.
     *
     * @param initialize the client's
     * @param learn receives what the server says of itself
     * @param atEnd runs when the client has left the link
     */
    public LegacySession(
            String id, LegacyLink link, Sharing sharing, Request initialize, Consumer<Response> learn, Runnable atEnd) {
        this.id = id;
        this.link = link;
        this.sharing = sharing;
        this.initialize = initialize;
        this.learn = learn;
        this.atEnd = atEnd;
        this.member = link.join();
    }

    @Override
    public @Nullable String resumption() {
        return sharing == Sharing.ONE_CLIENT ? link.session() : null;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Mono<Welcome> welcome() {
        return link.welcome().map(this::welcome).onErrorMap(LegacySession::refusal);
    }

    private Welcome welcome(Response answer) {
        Map<String, Object> error = JsonRpcMessage.object(answer.whole().get("error"));
        if (!error.isEmpty()) {
            int code = error.get("code") instanceof Number number ? number.intValue() : 0;
            throw new RefusedException(200, code, String.valueOf(error.get("message")), error.get("data"));
        }
        learn.accept(answer);
        Object version = JsonRpcMessage.object(answer.whole().get("result")).get("protocolVersion");
        String revision = OLDEST.equals(version) ? Revision.V2025_03_26.text() : String.valueOf(version);
        String text = Messages.text(answer);
        if (OLDEST.equals(version)) {
            // The same messages; only that revision's own HTTP transport is another.
            text = JsonText.set(text, JsonText.quote(revision), "result", "protocolVersion");
        }
        if (sharing == Sharing.EVERYBODY) {
            text = JsonText.remove(text, "result", "capabilities", "tasks");
        }
        String own = JsonText.find(Messages.text(initialize), "id").orElseThrow();
        return new Welcome(revision, new Response(initialize.id(), answer.whole(), JsonText.set(text, own, "id")));
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        if (sharing == Sharing.EVERYBODY && request.method().startsWith("tasks/")) {
            // Any client that names a task of revision 2025-11-25 has it, and the server lists them to all.
            return Mono.fromRunnable(() -> outlet.answer(
                    Messages.error(request.id(), ErrorCode.METHOD_NOT_FOUND, "a shared server has no tasks")));
        }
        boolean ofThisClient =
                sharing == Sharing.ONE_CLIENT || !request.method().equals(Method.SET_LEVEL.text());
        if (ofThisClient || sharing == Sharing.ONE_IDENTITY) {
            return link.request(member, caller, request, outlet);
        }
        return Mono.fromRunnable(() -> outlet.answer(Messages.result(request.id(), "{}")));
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        boolean ownGreeting =
                sharing == Sharing.ONE_CLIENT || !notification.method().equals("notifications/initialized");
        return ownGreeting ? link.notification(caller, notification) : Mono.empty();
    }

    @Override
    public void cancelled(Notification notification) {
        link.cancelled(member, notification);
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        return Mono.<Void>fromRunnable(() -> link.answer(member, caller, response))
                .onErrorMap(LegacySession::refusal);
    }

    @Override
    public void listen(Outlet outlet) {
        member.listen(outlet);
    }

    /** Nothing: the client's own {@code logging/setLevel} goes to the server. */
    @Override
    public void minLogLevel(String level) {}

    @Override
    public void close() {
        link.leave(member);
        atEnd.run();
    }

    @Override
    public void release() {
        if (sharing == Sharing.ONE_CLIENT) {
            link.release();
        }
        close();
    }

    static Throwable refusal(Throwable failure) {
        return failure instanceof dev.mcpmtls.gateway.channel.UpstreamFailure known ? known.refusal() : failure;
    }
}
