// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.CallerMember;
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
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of a link's channel: what was sent over it and what is expected from it. Thread-safe. */
final class LegacyRun implements Channel.Receiver {

    private static final Set<Integer> MODERN_ERRORS =
            Set.of(ErrorCode.UNSUPPORTED_VERSION, ErrorCode.HEADER_MISMATCH, ErrorCode.MISSING_CAPABILITY);
    private static final Logger LOG = LoggerFactory.getLogger(LegacyRun.class);
    private static final long START_SECONDS = 120;
    private static final long INITIALIZE = 0;

    private final LegacyLink link;
    private final Upstream upstream;
    private final CompletableFuture<LegacyRun> ready = new CompletableFuture<>();
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong(INITIALIZE);
    private final long openedAt = System.nanoTime();
    private final ServerQuestions questions;
    private final ServerNews news;
    private volatile @Nullable Channel channel;
    private volatile @Nullable Response welcome;
    private volatile Observation opening = Observation.NONE;
    private volatile String revision = "";
    private volatile boolean over;

    LegacyRun(LegacyLink link, Upstream upstream, Sharing sharing, Set<Member> members) {
        this.link = link;
        this.upstream = upstream;
        InFlight inFlight = new InFlight(pending);
        this.questions = new ServerQuestions(sharing, members, inFlight, this::reply);
        this.news = new ServerNews(sharing, members, inFlight);
    }

    /** Completes when the server has answered {@code initialize}. */
    CompletableFuture<LegacyRun> ready() {
        return ready;
    }

    /** The server's answer to {@code initialize}. */
    Response welcome() {
        Response answer = welcome;
        if (answer == null) {
            throw new IllegalStateException("the link is not open");
        }
        return answer;
    }

    /** Opens the channel on a thread that may be blocked. */
    void start(Caller caller, Request initialize) {
        try {
            upstream.executor().execute(() -> open(caller, initialize));
        } catch (RejectedExecutionException full) {
            ended(UpstreamFailure.crowded(upstream.name()), false);
        }
    }

    private void open(Caller caller, Request initialize) {
        try {
            Channel opened = upstream.open(caller, this);
            channel = opened;
            if (over) {
                opened.close();
                return;
            }
            opening = Carrying.sent(upstream, INITIALIZE, initialize, Observation.NONE);
            String text = Carrying.trace(
                    opening,
                    CallerMember.dropped(JsonText.set(Messages.text(initialize), Long.toString(INITIALIZE), "id")));
            opened.send(
                    Messages.with(
                            initialize,
                            INITIALIZE,
                            upstream.namesCallersInMessages() ? CallerMember.added(text, caller) : text),
                    caller);
            var unused = ready.orTimeout(START_SECONDS, TimeUnit.SECONDS).exceptionally(failure -> {
                close("the server " + upstream.name() + " did not answer initialize");
                return this;
            });
        } catch (RuntimeException | Error e) {
            close(UpstreamFailure.unforeseen(upstream.name(), e));
        }
    }

    /** Goes on with a session that another process opened; false when that cannot be. */
    boolean resume(Caller caller, String version, String session) {
        Optional<Channel> resumed = upstream.resume(caller, this, version, session);
        resumed.ifPresent(open -> {
            channel = open;
            ready.complete(this);
        });
        return resumed.isPresent();
    }

    @Nullable
    String session() {
        Channel open = channel;
        return open == null ? null : open.session().orElse(null);
    }

    /** Makes a request on behalf of a client. */
    Pending request(Member member, Caller caller, Request request, Outlet outlet, Runnable done) {
        Pending made = new Pending(lastId.incrementAndGet(), member, caller, request, outlet, upstream, done);
        pending.put(made.id(), made);
        try {
            channel().send(made.outgoing(upstream.namesCallersInMessages()), caller);
        } catch (UpstreamFailure e) {
            pending.remove(made.id());
            made.failed(e);
            throw e;
        }
        if (over && pending.remove(made.id()) != null) {
            UpstreamFailure lost = mayHaveRun(UpstreamFailure.of("the server " + upstream.name() + " ended"));
            made.failed(lost);
            throw lost;
        }
        return made;
    }

    void send(JsonRpcMessage message, Caller caller) {
        channel().send(message, caller);
    }

    /** Makes a request of our own, whose answer does not matter. */
    void tell(Caller caller, String method, String params) {
        Request request = Messages.request(lastId.incrementAndGet(), method, params);
        try {
            channel().send(request, caller);
        } catch (UpstreamFailure e) {
            LOG.warn("{} could not be replayed to the server {}: {}", method, upstream.name(), e.message());
        }
    }

    Channel channel() {
        Channel open = channel;
        if (open == null || over) {
            throw UpstreamFailure.of("the server " + upstream.name() + " has ended");
        }
        return open;
    }

    /** A client's cancellation of its request with that id, in its own words. */
    void cancelled(Member member, Object id, Notification notification) {
        pending.values().stream()
                .filter(one -> one.member() == member && one.request().id().equals(id))
                .findFirst()
                .ifPresent(one -> cancel(one, notification));
    }

    /** Cancels a request, unless it has been answered. */
    void cancel(Pending one, @Nullable Notification words) {
        if (pending.remove(one.id()) == null) {
            return;
        }
        one.cancelled();
        questions.forget(one);
        String text = words == null
                ? Messages.text(Messages.notification("notifications/cancelled", "{\"requestId\":0}"))
                : CallerMember.dropped(Messages.text(words));
        withdraw(
                one,
                new Notification(
                        "notifications/cancelled",
                        Map.of("requestId", one.id()),
                        JsonText.set(text, Long.toString(one.id()), "params", "requestId")));
        one.over();
    }

    /** Whether the answer was to a question of this client. */
    boolean answer(Member member, Caller caller, Response response) {
        boolean isAwaited = questions.answered(member, response);
        if (isAwaited) {
            send(response, caller);
        }
        return isAwaited;
    }

    /** Refuses a question whose client cannot be asked. */
    void refuse(Request question, String why) {
        questions.refuse(question, why);
    }

    /** Tells the clients that everything may be different now. */
    void announceChanges() {
        news.announceChanges(welcome());
    }

    @Override
    public void received(JsonRpcMessage message, @Nullable Object about) {
        if (message instanceof Response response) {
            answered(response);
        } else if (message instanceof Request question) {
            questions.asked(question, about);
        } else if (message instanceof Notification notification) {
            told(notification, about);
        }
    }

    private void told(Notification notification, @Nullable Object about) {
        if (notification.method().equals(ShownTools.CHANGED)) {
            link.shown().changed();
        }
        if (notification.method().equals("notifications/cancelled")) {
            questions.withdrawn(notification);
        } else {
            news.told(notification, about);
        }
    }

    private void answered(Response response) {
        if (response.id() instanceof Number id && id.longValue() == INITIALIZE) {
            initialized(response);
            return;
        }
        Pending one = response.id() instanceof Number id ? pending.remove(id.longValue()) : null;
        if (one != null) {
            questions.forget(one);
            if (one.request().method().equals(Method.TOOLS_LIST.text())) {
                upstream.tools().learn(response);
            }
            one.answered(response, revision, session());
            one.outlet().answer(one.incoming(response));
            one.over();
            Object code = JsonRpcMessage.object(response.whole().get("error")).get("code");
            if (code instanceof Number number && MODERN_ERRORS.contains(number.intValue())) {
                close("the server " + upstream.name() + " was replaced by one of another revision");
            }
        }
    }

    private void initialized(Response response) {
        if (welcome != null) {
            return;
        }
        welcome = response;
        Object negotiated =
                JsonRpcMessage.object(response.whole().get("result")).get("protocolVersion");
        revision = String.valueOf(negotiated);
        opening.speaks(revision);
        opening.answered(response.whole());
        opening.end();
        if (response.whole().containsKey("error")) {
            ready.complete(this);
            close("the server " + upstream.name() + " refused to be initialized");
            return;
        }
        try {
            link.opened(this, response);
        } catch (RuntimeException e) {
            close(UpstreamFailure.unforeseen(upstream.name(), e));
            return;
        }
        ready.complete(this);
    }

    private void reply(Response response) {
        Channel open = channel;
        if (open != null) {
            try {
                open.send(response, link.caller());
            } catch (UpstreamFailure e) {
                LOG.debug("an answer was not delivered", e);
            }
        }
    }

    @Override
    public void began(Object id) {
        Pending one = id instanceof Number number ? pending.get(number.longValue()) : null;
        if (one != null) {
            one.outlet().streams();
        }
    }

    @Override
    public void failed(Object id, UpstreamFailure failure) {
        if (id instanceof Number number && number.longValue() == INITIALIZE) {
            close(failure);
            return;
        }
        Pending one = id instanceof Number number ? pending.remove(number.longValue()) : null;
        if (one != null) {
            fail(one, failure);
        }
    }

    private void fail(Pending one, UpstreamFailure failure) {
        one.failed(failure);
        questions.forget(one);
        one.outlet().answer(one.incoming(Messages.error(one.id(), failure.code(), failure.message())));
        one.over();
    }

    private static UpstreamFailure mayHaveRun(UpstreamFailure why) {
        return UpstreamFailure.of(why.message() + "; the call may have run");
    }

    @Override
    public void ended(UpstreamFailure why, boolean asked) {
        end(why);
        link.ended(this, openedAt);
    }

    /** Ends it from our side. */
    void close(String why) {
        close(UpstreamFailure.of(why));
    }

    /** Ends it here; another process may go on with its session. */
    void release(String why) {
        close(UpstreamFailure.of(why), Channel::release);
    }

    private void close(UpstreamFailure why) {
        close(why, Channel::close);
    }

    private void close(UpstreamFailure why, Consumer<Channel> how) {
        end(why);
        link.ended(this, openedAt);
        Channel open = channel;
        if (open != null) {
            how.accept(open);
        }
    }

    private void end(UpstreamFailure why) {
        over = true;
        opening.failed(why.type());
        opening.end();
        ready.completeExceptionally(why);
        UpstreamFailure lost = mayHaveRun(why);
        for (Long id : List.copyOf(pending.keySet())) {
            Pending one = pending.remove(id);
            if (one != null) {
                fail(one, lost);
            }
        }
        questions.clear();
    }

    boolean isBusy() {
        return !pending.isEmpty() || !ready.isDone();
    }

    void sweep(long now) {
        for (Pending one : List.copyOf(pending.values())) {
            if (one.isLate(now, upstream.timeout().toNanos()) && pending.containsKey(one.id())) {
                failed(one.id(), one.late(upstream));
                withdraw(
                        one,
                        Messages.notification(
                                "notifications/cancelled",
                                "{\"requestId\":" + one.id() + ",\"reason\":\"timed out\"}"));
            }
        }
    }

    /** Tells the server that no answer is wanted. */
    private void withdraw(Pending one, Notification cancelled) {
        try {
            channel().send(cancelled, one.caller());
            channel().abandon(one.id());
        } catch (UpstreamFailure e) {
            LOG.debug("a cancellation was not delivered", e);
        }
    }
}
