// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.CallerMember;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.LogLevel;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * An initialized session with a legacy server, for one client or several. When the server ends, requests in flight fail and are never
 * repeated. The session is opened again: {@code initialize}, the log level and the subscriptions are replayed, and the clients receive
 * {@code list_changed}. Thread-safe.
 */
public final class LegacyLink implements Link {

    private static final Logger LOG = LoggerFactory.getLogger(LegacyLink.class);
    private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long MAX_PAUSE_MILLIS = 60_000;
    private static final long FIRST_PAUSE_MILLIS = 250;

    private final Upstream upstream;
    private final Caller caller;
    private final Request initialize;
    private final Sharing sharing;
    private final Set<Member> members = ConcurrentHashMap.newKeySet();
    private final ShownTools shown = new ShownTools();
    private @Nullable LegacyRun current;
    private @Nullable Response welcome;
    private @Nullable Notification initialized;
    private volatile @Nullable String logLevel;
    private int logged = -1;
    private int crashes;
    private long notBefore;
    private volatile long usedAt = System.nanoTime();
    private boolean closed;
    private boolean resumable = true; // false: the request that opened it is not known here

    /**
     * A link, not yet opened.
     *
     * @param caller for whom it is opened
     * @param initialize the request that opens the session with the server
     */
    public LegacyLink(Upstream upstream, Caller caller, Request initialize, Sharing sharing) {
        this.upstream = upstream;
        this.caller = caller;
        this.initialize = initialize;
        this.sharing = sharing;
        this.initialized =
                sharing == Sharing.ONE_CLIENT ? null : Messages.notification("notifications/initialized", null);
    }

    /** The server's answer to {@code initialize}, an error too; opens the link if need be. */
    public Mono<Response> welcome() {
        return Mono.fromFuture(() -> soon(run()).thenApply(LegacyRun::welcome)).onErrorMap(LegacyLink::cause);
    }

    /** Goes on with a session that another process opened; false when that cannot be. */
    public synchronized boolean resume(String version, String session) {
        LegacyRun resumed = new LegacyRun(this, upstream, sharing, members);
        current = resumed;
        resumable = false;
        return resumed.resume(caller, version, session);
    }

    /** How another process goes on with the session; null when none can. */
    public @Nullable String session() {
        LegacyRun run = running();
        return run == null ? null : run.session();
    }

    /** The lists that the server has sent over this link, held against its pins. */
    public ShownTools shown() {
        return shown;
    }

    /** A client that uses this link. */
    public Member join() {
        Member member = new Member();
        members.add(member);
        return member;
    }

    /** The client uses it no more. */
    public void leave(Member member) {
        members.remove(member);
        usedAt = System.nanoTime();
    }

    /** Makes a request. The outlet gets the server's messages about it, as the client is to see them. */
    public Mono<Void> request(Member member, Caller from, Request made, Outlet outlet) {
        Request request = Messages.written(made);
        return Mono.<Void>create(sink -> {
            usedAt = System.nanoTime();
            note(member, request);
            CompletableFuture<LegacyRun> running = soon(run());
            var unused = running.whenComplete((run, failure) -> {
                if (failure != null) {
                    sink.error(refusal(cause(failure)));
                    return;
                }
                try {
                    Pending pending = run.request(member, from, request, outlet, sink::success);
                    sink.onCancel(() -> run.cancel(pending, null));
                } catch (UpstreamFailure e) {
                    sink.error(refusal(e));
                }
            });
        });
    }

    /** Takes a client's notification. */
    public Mono<Void> notification(Caller from, Notification notification) {
        Notification sent = new Notification(
                notification.method(), notification.params(), CallerMember.dropped(Messages.text(notification)));
        if (sharing == Sharing.ONE_CLIENT && sent.method().equals("notifications/initialized")) {
            synchronized (this) {
                initialized = sent;
            }
        }
        return Mono.fromFuture(() -> run().thenCompose(run -> run.channel().tell(sent, from)))
                .then()
                .onErrorMap(failure -> refusal(cause(failure)));
    }

    /** The client cancels one of its requests. */
    public void cancelled(Member member, Notification notification) {
        LegacyRun run = running();
        Object id = notification.params().get("requestId");
        if (run != null && id != null) {
            run.cancelled(member, id, notification);
        }
    }

    /**
     * Takes a client's answer to a question.
     *
     * @throws RefusedException when nothing was asked under that id
     */
    public void answer(Member member, Caller from, Response response) {
        LegacyRun run = running();
        if (run == null || !run.answer(member, from, response)) {
            throw RefusedException.invalidRequest("no request of the server has that id");
        }
    }

    /** Refuses a question of the server whose client cannot be asked. */
    public void refuse(Request question, String why) {
        LegacyRun run = running();
        if (run != null) {
            run.refuse(question, why);
        }
    }

    /** Has the server log from this level, or a finer one that was wanted before. */
    public void logFrom(Caller from, String level) {
        LegacyRun run;
        synchronized (this) {
            if (logged >= 0 && logged <= LogLevel.order(level)) {
                return;
            }
            logged = LogLevel.order(level);
            logLevel = "{\"level\":" + JsonText.quote(level) + "}";
            run = current;
        }
        if (run != null) {
            run.tell(from, Method.SET_LEVEL.text(), "{\"level\":" + JsonText.quote(level) + "}");
        }
    }

    @Override
    public Optional<Owner> owner() {
        return sharing == Sharing.EVERYBODY ? Optional.empty() : Optional.of(Owner.of(caller));
    }

    @Override
    public boolean isBusy() {
        LegacyRun run = running();
        return run != null && run.isBusy();
    }

    @Override
    public boolean isOpen() {
        return running() != null;
    }

    @Override
    public boolean isExpectant() {
        return members.stream().anyMatch(Member::expects);
    }

    @Override
    public long usedAt() {
        return usedAt;
    }

    @Override
    public boolean isForsaken() {
        return members.isEmpty();
    }

    @Override
    public void sweep(long now) {
        LegacyRun run = running();
        if (run != null) {
            run.sweep(now);
        }
    }

    /** A session that other processes can go on with may be in use at one of them. */
    @Override
    public void pause() {
        if (sharing != Sharing.ONE_CLIENT || session() == null) {
            stop(run -> run.close("the server " + upstream.name() + " was stopped to make room"));
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        stop(run -> run.close("the session has ended"));
    }

    /** Ends it here; another process may go on with its session. */
    public void release() {
        synchronized (this) {
            closed = true;
        }
        stop(run -> run.release("the session is served elsewhere"));
    }

    private void stop(Consumer<LegacyRun> how) {
        LegacyRun run;
        synchronized (this) {
            run = current;
            current = null;
        }
        if (run != null) {
            how.accept(run);
        }
    }

    private synchronized @Nullable LegacyRun running() {
        return current;
    }

    /** Fails when the server takes long to start, which goes on meanwhile. */
    private CompletableFuture<LegacyRun> soon(CompletableFuture<LegacyRun> starting) {
        return starting.isDone()
                ? starting
                : starting.copy()
                        .orTimeout(upstream.patience().toMillis(), TimeUnit.MILLISECONDS)
                        .exceptionallyCompose(failure -> {
                            if (!(cause(failure) instanceof TimeoutException)) {
                                return CompletableFuture.failedFuture(cause(failure));
                            }
                            LOG.info("the server {} is still starting", upstream.name());
                            return CompletableFuture.failedFuture(UpstreamFailure.starting(upstream.name()));
                        });
    }

    /** Whether the server has been started and has not answered yet. */
    public boolean isStarting() {
        LegacyRun run = running();
        return run != null && !run.ready().isDone();
    }

    /** The open session with the server, opened again if need be. */
    private synchronized CompletableFuture<LegacyRun> run() {
        if (current == null) {
            long pause = notBefore - System.nanoTime();
            if (closed || !resumable) {
                return CompletableFuture.failedFuture(UpstreamFailure.of("the session has ended"));
            }
            if (crashes > 0 && pause > 0) {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(pause) + 1;
                return CompletableFuture.failedFuture(UpstreamFailure.unavailable("the server " + upstream.name()
                        + " ended " + Printable.count(crashes, "time") + "; it is started again in " + seconds + " s"));
            }
            LegacyRun opening = new LegacyRun(this, upstream, sharing, members);
            current = opening;
            opening.start(caller, initialize);
            return opening.ready();
        }
        return current.ready();
    }

    /** The session with the server is open: what clients had arranged is arranged again. */
    void opened(LegacyRun run, Response answer) {
        boolean again;
        Notification greeting;
        shown.forget();
        synchronized (this) {
            again = welcome != null;
            welcome = answer;
            greeting = initialized;
        }
        if (greeting != null) {
            run.send(greeting, caller);
        }
        if (again) {
            replay(run);
        }
    }

    private void replay(LegacyRun run) {
        String level = logLevel;
        if (level != null) {
            run.tell(caller, Method.SET_LEVEL.text(), level);
        }
        for (Member member : members) {
            member.subscriptions()
                    .forEach(uri -> run.tell(
                            caller, Method.RESOURCES_SUBSCRIBE.text(), "{\"uri\":" + JsonText.quote(uri) + "}"));
        }
        run.announceChanges();
    }

    /** The server has ended by itself. */
    void ended(LegacyRun run, long openedAt) {
        boolean again;
        long pauseMillis;
        synchronized (this) {
            if (current != run) {
                return;
            }
            current = null;
            crashes = System.nanoTime() - openedAt > STEADY_NANOS ? 1 : crashes + 1;
            pauseMillis = Math.min(FIRST_PAUSE_MILLIS << Math.min(crashes - 1, 10), MAX_PAUSE_MILLIS);
            notBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            again = !closed && welcome != null && !members.isEmpty();
        }
        if (again) {
            LOG.warn("the server {} ended; it is started again in {} ms", upstream.name(), pauseMillis);
            CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS)
                    .execute(this::reopen);
        }
    }

    private void reopen() {
        if (!members.isEmpty()) {
            run().exceptionally(failure -> {
                LOG.warn("the server {} could not be started again: {}", upstream.name(), failure.getMessage());
                return null;
            });
        }
    }

    /** Remembers what has to be arranged again when the server is started again. */
    private void note(Member member, Request request) {
        String uri = request.text("uri");
        if (request.method().equals(Method.RESOURCES_SUBSCRIBE.text())) {
            member.subscriptions().add(uri);
        } else if (request.method().equals(Method.RESOURCES_UNSUBSCRIBE.text())) {
            member.subscriptions().remove(uri);
        } else if (request.method().equals(Method.SET_LEVEL.text())) {
            logLevel = "{\"level\":" + JsonText.quote(request.text("level")) + "}";
        }
    }

    Caller caller() {
        return caller;
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** The answer to a client whose message could not be delivered. */
    static Throwable refusal(Throwable failure) {
        return failure instanceof UpstreamFailure known ? known.refusal() : failure;
    }
}
