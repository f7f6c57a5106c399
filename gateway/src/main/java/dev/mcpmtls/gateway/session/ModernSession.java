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

    private static final String ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

    // Subscriptions arrive one by one; the server is asked once for all of them.
    private static final long GATHER_MILLIS = 50;

    // A subscription that ends is opened again after a pause, which doubles unless the subscription lasted longer.
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MAX_PAUSE_MILLIS = 60_000;
    private static final int ENDED = 502;
    private static final int UNAVAILABLE = 503;
    private static final Map<String, String> LISTS = Map.of(
            "toolsListChanged", "notifications/tools/list_changed",
            "promptsListChanged", "notifications/prompts/list_changed",
            "resourcesListChanged", "notifications/resources/list_changed");

    private final String id = SessionIds.next();
    private final ModernLink link;
    private final Caller caller;
    private final Set<String> uris = new TreeSet<>();
    private @Nullable Outlet listener;
    private @Nullable Disposable listening;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private long openedAt;
    private boolean gathering;
    private boolean isInterrupted;
    private boolean gaveWay;
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
        openIn(GATHER_MILLIS);
    }

    private void openIn(long millis) {
        synchronized (this) {
            if (gathering) {
                return;
            }
            gathering = true;
        }
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::open);
    }

    private void open() {
        Disposable before;
        Heard heard;
        String wanted;
        synchronized (this) {
            gathering = false;
            if (closed || listener == null) {
                return;
            }
            if (gaveWay && !link.isOpen()) { // the next request of the identity opens it
                openIn(FIRST_PAUSE_MILLIS);
                return;
            }
            gaveWay = false;
            before = listening;
            heard = new Heard(listener, isInterrupted);
            openedAt = System.nanoTime();
            wanted = Messages.json(Map.of(
                    "notifications",
                    Map.of(
                            "toolsListChanged", true,
                            "promptsListChanged", true,
                            "resourcesListChanged", true,
                            "resourceSubscriptions", uris)));
        }
        Disposable opened = link.request(caller, own(Method.SUBSCRIPTIONS_LISTEN.text(), wanted), heard)
                .subscribe(nothing -> {}, failure -> ended(UNAVAILABLE), () -> ended(heard.code()));
        synchronized (this) {
            listening = opened;
        }
        if (before != null) {
            before.dispose();
        }
    }

    /**
     * The server's side of the subscription is over, and its client's is not.
     *
     * @param code of the error; 0 for none. One of the server's own says that it will not have a subscription
     */
    private void ended(int code) {
        long pause;
        synchronized (this) {
            if (closed || (code != 0 && code != ENDED && code != UNAVAILABLE)) {
                return;
            }
            isInterrupted = true;
            gaveWay = code == UNAVAILABLE;
            boolean lasted = System.nanoTime() - openedAt > TimeUnit.MILLISECONDS.toNanos(MAX_PAUSE_MILLIS);
            pause = lasted ? FIRST_PAUSE_MILLIS : pauseMillis;
            pauseMillis = Math.min(2 * pause, MAX_PAUSE_MILLIS);
        }
        openIn(pause);
    }

    /** The messages of our subscription; its answer is none of the client's business. */
    private static final class Heard extends AnswerOnly {

        private final Outlet to;
        private final boolean isLate;

        /** @param isLate whether something may have been missed before, which the client is told */
        Heard(Outlet to, boolean isLate) {
            this.to = to;
            this.isLate = isLate;
        }

        @Override
        public void pass(JsonRpcMessage message) {
            to.pass(message);
            if (isLate && message instanceof Notification told && told.method().equals(ACKNOWLEDGED)) {
                Map<String, Object> granted =
                        JsonRpcMessage.object(told.params().get("notifications"));
                LISTS.forEach((filter, method) -> {
                    if (Boolean.TRUE.equals(granted.get(filter))) {
                        to.pass(Messages.notification(method, null));
                    }
                });
            }
        }

        /** The code of the error that it was answered with; 0 for none. */
        int code() {
            Response answer = response();
            return answer != null
                            && JsonRpcMessage.object(answer.whole().get("error"))
                                            .get("code")
                                    instanceof Number code
                    ? code.intValue()
                    : 0;
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
