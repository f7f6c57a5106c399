// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The requests of modern clients to a modern server, each of which stands for itself. A channel that ends is opened again by the next
 * request; requests in flight fail and are never repeated. Thread-safe.
 */
public final class ModernLink implements Link {

    private static final Logger LOG = LoggerFactory.getLogger(ModernLink.class);
    private static final String SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
    // Answers of legacy servers, which await a session, to a request without one.
    private static final Set<Integer> LEGACY_ERRORS =
            Set.of(-32_000, ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_VERSION);
    private static final Member NO_MEMBER = new Member();

    private final Upstream upstream;
    private final Optional<Owner> owner;
    private final AtomicLong lastId = new AtomicLong();
    private final ShownTools shown = new ShownTools();
    private @Nullable Run current;
    private volatile long usedAt = System.nanoTime();
    private volatile boolean doubtful;

    /**
     * A link whose channel is opened by the first request.
     *
     * @param owner the identity whose requests it carries; empty when all identities share it
     */
    public ModernLink(Upstream upstream, Optional<Owner> owner) {
        this.upstream = upstream;
        this.owner = owner;
    }

    @Override
    public Optional<Owner> owner() {
        return owner;
    }

    /** Makes a request. The outlet gets the server's messages about it, as the client is to see them. */
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        return Mono.create(sink -> {
            usedAt = System.nanoTime();
            Run run = run(caller);
            var unused = run.opened.whenComplete((channel, failure) -> {
                if (failure != null) {
                    sink.error(LegacyLink.refusal(LegacyLink.cause(failure)));
                    return;
                }
                Pending pending = new Pending(
                        lastId.incrementAndGet(), NO_MEMBER, caller, request, outlet, upstream, sink::success);
                run.pending.put(pending.id(), pending);
                sink.onCancel(() -> run.cancel(channel, pending));
                try {
                    channel.send(pending.outgoing(upstream.namesCallersInMessages()), caller);
                } catch (UpstreamFailure e) {
                    run.pending.remove(pending.id());
                    pending.failed(e);
                    sink.error(e.refusal());
                }
            });
        });
    }

    /** The lists that the server has sent over this link, held against its pins. */
    public ShownTools shown() {
        return shown;
    }

    /** Whether the last answer was none that a modern server gives. */
    public boolean isDoubtful() {
        return doubtful;
    }

    private synchronized Run run(Caller caller) {
        if (current == null) {
            Run opening = new Run();
            current = opening;
            opening.start(caller);
            return opening;
        }
        return current;
    }

    private synchronized void forget(Run run) {
        if (current == run) {
            current = null;
        }
    }

    private synchronized @Nullable Run running() {
        return current;
    }

    @Override
    public boolean isBusy() {
        Run run = running();
        return run != null
                && (!run.opened.isDone() || !run.pending.values().stream().allMatch(ModernLink::isSubscription));
    }

    @Override
    public boolean isOpen() {
        return running() != null;
    }

    @Override
    public long usedAt() {
        return usedAt;
    }

    @Override
    public void sweep(long now) {
        Run run = running();
        if (run != null) {
            run.sweep(now);
        }
    }

    @Override
    public boolean isExpectant() {
        Run run = running();
        return run != null && run.pending.values().stream().anyMatch(ModernLink::isSubscription);
    }

    private static boolean isSubscription(Pending one) {
        return one.request().method().equals(Method.SUBSCRIPTIONS_LISTEN.text());
    }

    @Override
    public boolean isForsaken() {
        return true;
    }

    @Override
    public void close() {
        pause();
    }

    @Override
    public void pause() {
        Run run = running();
        if (run != null) {
            forget(run);
            run.close();
        }
    }

    /** One life of the channel. */
    private final class Run implements Channel.Receiver {

        private final CompletableFuture<Channel> opened = new CompletableFuture<>();
        private final Map<Long, Pending> pending = new ConcurrentHashMap<>();

        void start(Caller caller) {
            try {
                upstream.executor().execute(() -> open(caller));
            } catch (RejectedExecutionException full) {
                ended(UpstreamFailure.crowded(upstream.name()), false);
            }
        }

        private void open(Caller caller) {
            shown.forget();
            try {
                opened.complete(upstream.open(caller, this));
            } catch (RuntimeException | Error e) {
                ended(UpstreamFailure.unforeseen(upstream.name(), e), false);
            }
        }

        void close() {
            var unused = opened.thenAccept(Channel::close);
        }

        void cancel(Channel channel, Pending one) {
            if (pending.remove(one.id()) != null) {
                one.cancelled();
                withdraw(channel, one);
            }
        }

        private void withdraw(Channel channel, Pending one) {
            try {
                channel.send(
                        Messages.notification("notifications/cancelled", "{\"requestId\":" + one.id() + "}"),
                        one.caller());
            } catch (UpstreamFailure e) {
                LOG.debug("a cancellation was not delivered", e);
            }
            channel.abandon(one.id());
        }

        @Override
        public void received(JsonRpcMessage message, @Nullable Object about) {
            if (message instanceof Response response) {
                Pending one = response.id() instanceof Number id ? pending.remove(id.longValue()) : null;
                if (one != null) {
                    Object code =
                            JsonRpcMessage.object(response.whole().get("error")).get("code");
                    doubtful = code instanceof Number number && LEGACY_ERRORS.contains(number.intValue());
                    if (one.request().method().equals(Method.TOOLS_LIST.text())) {
                        upstream.tools().learn(response);
                    }
                    one.observation().speaks(Revision.MODERN.text());
                    one.observation().answered(response.whole());
                    one.outlet().answer(kept(one.incoming(response)));
                    one.over();
                }
            } else if (message instanceof Notification notification) {
                told(notification, about);
            } else {
                LOG.warn("the server {} asks in a way that its revision does not have", upstream.name());
            }
        }

        /** Never shared between clients: what a list shows was decided for one of them. */
        private Response kept(Response response) {
            Object scope = JsonRpcMessage.object(response.whole().get("result")).get("cacheScope");
            return "public".equals(scope) ? response.with("\"private\"", "result", "cacheScope") : response;
        }

        private void told(Notification notification, @Nullable Object about) {
            if (notification.method().equals(ShownTools.CHANGED)) {
                shown.changed();
            }
            Object token = notification.method().equals("notifications/progress")
                    ? notification.params().get("progressToken")
                    : null;
            Object subscription =
                    JsonRpcMessage.object(notification.params().get("_meta")).get(SUBSCRIPTION);
            Object named = token != null ? token : subscription != null ? subscription : about;
            Optional<Pending> one = named instanceof Number id
                    ? Optional.ofNullable(pending.get(id.longValue()))
                    : owner.isEmpty()
                            ? Optional.empty() // it names no caller
                            : pending.values().stream()
                                    .filter(any -> !isSubscription(any))
                                    .max(Comparator.comparingLong(Pending::id));
            one.ifPresent(found -> {
                found.heard();
                Notification restored =
                        token == null ? marked(found, notification, subscription) : found.progress(notification);
                if (restored != null) {
                    found.outlet().pass(restored);
                }
            });
        }

        private Notification marked(Pending one, Notification notification, @Nullable Object subscription) {
            if (subscription == null) {
                return notification;
            }
            String own = JsonText.find(Messages.text(one.request()), "id").orElseThrow();
            return new Notification(
                    notification.method(),
                    notification.params(),
                    JsonText.set(Messages.text(notification), own, "params", "_meta", SUBSCRIPTION));
        }

        @Override
        public void failed(Object id, UpstreamFailure failure) {
            Pending one = id instanceof Number number ? pending.remove(number.longValue()) : null;
            if (one != null) {
                doubtful = true;
                fail(one, failure);
            }
        }

        private void fail(Pending one, UpstreamFailure failure) {
            one.failed(failure);
            one.outlet().answer(one.incoming(Messages.error(one.id(), failure.code(), failure.message())));
            one.over();
        }

        @Override
        public void ended(UpstreamFailure why, boolean asked) {
            forget(this);
            opened.completeExceptionally(why);
            UpstreamFailure lost = UpstreamFailure.of(why.message() + "; the call may have run");
            UpstreamFailure stopped =
                    UpstreamFailure.unavailable("the server " + upstream.name() + " was stopped to make room");
            for (Pending one : List.copyOf(pending.values())) {
                failed(one.id(), asked && isSubscription(one) ? stopped : lost);
            }
        }

        void sweep(long now) {
            for (Pending one : List.copyOf(pending.values())) {
                if (!isSubscription(one)
                        && one.isLate(now, upstream.timeout().toNanos())
                        && pending.remove(one.id()) != null) {
                    fail(
                            one,
                            UpstreamFailure.timedOut("the server " + upstream.name() + " did not answer within "
                                    + upstream.timeout().toSeconds() + " s; the call may have run"));
                    var unused = opened.thenAccept(channel -> withdraw(channel, one));
                }
            }
        }
    }
}
