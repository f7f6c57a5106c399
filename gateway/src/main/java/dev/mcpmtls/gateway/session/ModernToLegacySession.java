// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.Member;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A modern client's request, or subscription, to a legacy server. */
public final class ModernToLegacySession implements BackendSession {

    private final String id = SessionIds.next();
    private final LegacyLink link;
    private final HeldCalls held;
    private final Supplier<Description> server;
    private final Map<String, Object> capabilities;
    private volatile @Nullable String level;
    private volatile @Nullable Member listening;

    /** @param capabilities the client's */
    public ModernToLegacySession(
            LegacyLink link, HeldCalls held, Supplier<Description> server, Map<String, Object> capabilities) {
        this.link = link;
        this.held = held;
        this.server = server;
        this.capabilities = capabilities;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        if (request.text() == null) {
            return ours(caller, Messages.written(request), outlet);
        }
        if (request.params().containsKey("requestState")) {
            return Mono.defer(() -> held.take(caller, request).resume(caller, request, outlet));
        }
        Translation translation = new Translation(server, capabilities, level);
        return link.welcome()
                .onErrorMap(LegacySession::refusal)
                .then(logLevel(caller))
                .then(Mono.defer(
                        () -> new HeldCall(held, link, link.join(), caller, translation, HeldCalls.digest(request))
                                .start(request, outlet)));
    }

    /** A request that the era itself makes, for a subscription or to compare lists. */
    private Mono<Void> ours(Caller caller, Request request, Outlet outlet) {
        Member member = listening;
        if (member != null) {
            return link.request(member, caller, request, outlet);
        }
        Member passing = link.join();
        return link.request(passing, caller, request, outlet).doFinally(end -> link.leave(passing));
    }

    /** Has the server log from the level that the request wants. */
    private Mono<Void> logLevel(Caller caller) {
        String wanted = level;
        if (wanted == null || !server.get().offers("logging")) {
            return Mono.empty();
        }
        return Mono.fromRunnable(() -> link.logFrom(caller, wanted));
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        return Mono.error(RefusedException.invalidRequest("no request of the server has that id"));
    }

    @Override
    public void listen(Outlet outlet) {
        Member member = link.join();
        listening = member;
        member.listen(outlet);
    }

    @Override
    public void minLogLevel(String from) {
        level = from;
    }

    @Override
    public void close() {
        Member member = listening;
        if (member != null) {
            link.leave(member);
        }
    }
}
