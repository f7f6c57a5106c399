// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.link.ModernLink;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** A modern client's request, or subscription, to a modern server: texts pass as they are. */
public final class ModernSession implements BackendSession {

    /** Names this program in requests of its own. */
    public static final String OWN_META =
            "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":"
                    + "{\"name\":\"mcp-mtls\",\"version\":\"1\"},\"io.modelcontextprotocol/clientCapabilities\":{}}";

    // Subscriptions arrive one by one; the server is asked once for all of them.
    private static final long GATHER_MILLIS = 50;

    private final String id = SessionIds.next();
    private final ModernLink link;
    private final Caller caller;
    private final Set<String> uris = new TreeSet<>();
    private @Nullable Outlet listener;
    private @Nullable Disposable listening;
    private boolean gathering;
    private boolean closed;

    /** A session of that caller. */
    public ModernSession(ModernLink link, Caller caller) {
        this.link = link;
        this.caller = caller;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Mono<Welcome> welcome() {
        return Mono.error(new IllegalStateException("a modern request is not welcomed"));
    }

    @Override
    public Mono<Void> request(Caller from, Request request, Outlet outlet) {
        if (request.text() != null) {
            return link.request(from, request, outlet);
        }
        if (request.method().equals(Method.RESOURCES_SUBSCRIBE.text())) {
            return Mono.fromRunnable(() -> subscribe(request.text("uri")));
        }
        if (request.method().equals(Method.RESOURCES_UNSUBSCRIBE.text())) {
            return Mono.fromRunnable(() -> unsubscribe(request.text("uri")));
        }
        return link.request(from, own(request.method(), Messages.json(request.params())), outlet);
    }

    /** A request of this program's own. */
    public static Request own(String method, String params) {
        Request request = Messages.request(0, method, params);
        return (Request) Messages.read(JsonText.set(Messages.text(request), OWN_META, "params", "_meta"));
    }

    private void subscribe(String uri) {
        synchronized (this) {
            uris.add(uri);
        }
        gather();
    }

    private void unsubscribe(String uri) {
        synchronized (this) {
            uris.remove(uri);
        }
        gather();
    }

    @Override
    public void listen(Outlet outlet) {
        synchronized (this) {
            listener = outlet;
        }
        gather();
    }

    private void gather() {
        synchronized (this) {
            if (gathering) {
                return;
            }
            gathering = true;
        }
        CompletableFuture.delayedExecutor(GATHER_MILLIS, TimeUnit.MILLISECONDS).execute(this::open);
    }

    private void open() {
        Disposable before;
        Outlet to;
        String wanted;
        synchronized (this) {
            gathering = false;
            if (closed || listener == null) {
                return;
            }
            before = listening;
            to = listener;
            wanted = Messages.json(Map.of(
                    "notifications",
                    Map.of(
                            "toolsListChanged", true,
                            "promptsListChanged", true,
                            "resourcesListChanged", true,
                            "resourceSubscriptions", uris)));
        }
        Disposable opened = link.request(caller, own(Method.SUBSCRIPTIONS_LISTEN.text(), wanted), new Heard(to))
                .subscribe(nothing -> {}, failure -> {});
        synchronized (this) {
            listening = opened;
        }
        if (before != null) {
            before.dispose();
        }
    }

    /** The messages of our subscription; its answer is none of the client's business. */
    private static final class Heard extends AnswerOnly {

        private final Outlet to;

        Heard(Outlet to) {
            this.to = to;
        }

        @Override
        public void pass(JsonRpcMessage message) {
            to.pass(message);
        }
    }

    @Override
    public Mono<Void> notification(Caller from, Notification notification) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> answer(Caller from, Response response) {
        return Mono.error(RefusedException.invalidRequest("no request of the server has that id"));
    }

    /** Nothing: the request says it in its own {@code _meta}. */
    @Override
    public void minLogLevel(String level) {}

    @Override
    public void close() {
        Disposable open;
        synchronized (this) {
            closed = true;
            open = listening;
        }
        if (open != null) {
            open.dispose();
        }
    }
}
