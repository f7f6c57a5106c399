// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.netty.Network;
import dev.mcpmtls.transport.netty.ProxyProtocol;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.Authorizer;
import dev.mcpmtls.transport.server.call.Calls;
import dev.mcpmtls.transport.server.call.CursorSeal;
import dev.mcpmtls.transport.server.call.InFlightRequests;
import dev.mcpmtls.transport.server.call.Lists;
import dev.mcpmtls.transport.server.call.Records;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.call.Workers;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.http.CannotListenException;
import dev.mcpmtls.transport.server.http.HostNames;
import dev.mcpmtls.transport.server.http.HostPolicy;
import dev.mcpmtls.transport.server.http.HttpDate;
import dev.mcpmtls.transport.server.http.HttpRequestHandler;
import dev.mcpmtls.transport.server.http.Listener;
import dev.mcpmtls.transport.server.http.RequestCheck;
import dev.mcpmtls.transport.server.http.TokenCheck;
import dev.mcpmtls.transport.server.legacy.LegacyEra;
import dev.mcpmtls.transport.server.legacy.SessionStore;
import dev.mcpmtls.transport.server.legacy.SessionTokens;
import dev.mcpmtls.transport.server.modern.ModernAnswers;
import dev.mcpmtls.transport.server.modern.ModernEra;
import dev.mcpmtls.transport.server.modern.RequestState;
import dev.mcpmtls.transport.server.modern.Subscriptions;
import dev.mcpmtls.transport.server.modern.TaskRequests;
import dev.mcpmtls.transport.server.task.TaskStore;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A transport that serves: all its parts, put together once. */
final class Running {

    private static final LongSupplier NANO_TIME = System::nanoTime;
    private static final long SESSION_SWEEP_MILLIS = 10_000;
    private static final long RECORD_SWEEP_MILLIS = 200;
    private static final long LEAVE_MILLIS = 20;

    private final Vertx vertx;
    private final ExecutorService workers;
    private final LegacyEra legacy;
    private final Subscriptions subscriptions;
    private final TaskStore tasks;
    private final SessionStore sessions;
    private final InFlightRequests inFlight;
    private final HttpRequestHandler handler;
    private final Listener listener;
    private final InetSocketAddress address;
    private final boolean owner;
    private final Runnable rules;
    private final List<Long> timers = new ArrayList<>();
    private @Nullable CompletableFuture<Void> ending;

    private Running(MtlsServerTransport.Builder settings, Backend backend, @Nullable Running beside) {
        TlsProfile tls = Objects.requireNonNull(settings.tls);
        AuditSink audit = settings.audit == null ? tls.audit() : settings.audit;
        InstantSource clock = tls.clock();
        Limits limits = settings.limits;
        Json json = new Json(limits.maxJsonDepth(), limits.maxBody());
        Records records = new Records(audit, limits.auditTimeout(), NANO_TIME);
        String server = backend.describe().name();
        Quota streams = new Quota(Integer.MAX_VALUE, limits.streamsPerIdentity());
        SessionTokens tokens = settings.backend == null ? null : new SessionTokens(server, settings.stateKey, clock);
        this.sessions = new SessionStore(limits, records, clock, NANO_TIME, tokens, settings.observer);
        RequestState states = new RequestState(server, settings.stateKey, json, limits.inputTimeout(), clock);

        // Cancelled handlers may still hold a thread for a moment after their request's place was given back.
        this.workers = Workers.open(limits.inFlight() + limits.inFlightPerIdentity() + limits.tasks());
        this.vertx = beside == null ? vertx(tls, settings.balancers) : beside.vertx;
        this.inFlight = new InFlightRequests(limits);
        Authorizer authorizer = new Authorizer(settings.policy, clock, workers, settings.tokens);
        Calls calls = new Calls(server, settings.name == null ? server : settings.name);
        Lists lists = new Lists(authorizer, calls, new CursorSeal(server, settings.stateKey), json);
        Announcer announcer = new Announcer(backend, authorizer, calls, lists, workers);
        Predicate<Call> nonBlocking = backend.neverBlocks() ? call -> true : settings.nonBlocking;
        RequestDispatcher dispatcher =
                new RequestDispatcher(calls, authorizer, inFlight, workers, nonBlocking, settings.calls);
        this.tasks = new TaskStore(limits, clock, json, records::record);
        this.subscriptions = new Subscriptions(backend, authorizer, announcer, streams, tasks, calls, json);
        this.legacy =
                new LegacyEra(backend, dispatcher, sessions, lists, announcer, streams, limits, json, workers, tokens);
        ModernAnswers answers = new ModernAnswers(backend, json);
        TaskRequests taskRequests = new TaskRequests(tasks, calls, dispatcher, answers, workers);
        ModernEra modern = new ModernEra(
                backend, dispatcher, answers, states, subscriptions, lists, announcer, tasks, taskRequests, json);
        HostNames configured = settings.hosts == null ? null : HostNames.of(settings.hosts);
        Supplier<HostNames> hosts = configured == null ? HostNames.of(tls.credentials()) : () -> configured;
        RequestCheck check = new RequestCheck(settings.path, new HostPolicy(hosts, settings.origins));
        this.handler = new HttpRequestHandler(
                vertx,
                check,
                limits,
                json,
                records,
                new EraSelection(legacy, modern, settings.observer),
                new HttpDate(clock),
                settings.tokens == null ? null : new TokenCheck(settings.tokens, server, clock, limits));
        this.owner = beside == null;
        InetSocketAddress at = InetSocketAddress.createUnresolved(settings.host, settings.port);
        this.listener = beside == null ? new Listener(vertx, tls, at, limits, handler, NANO_TIME) : beside.listener;
        try {
            if (beside == null) {
                this.address = new InetSocketAddress(settings.host, listener.start());
            } else {
                listener.add(handler);
                this.address = beside.address;
            }
        } catch (CannotListenException e) {
            closeVertx();
            workers.shutdown();
            throw e;
        }
        this.rules = settings.policy.onChange(before -> {
            announcer.rulesChanged(before, legacy.audience());
            announcer.rulesChanged(before, subscriptions.audience());
        });
        timers.add(vertx.setPeriodic(RECORD_SWEEP_MILLIS, tick -> records.sweep()));
        if (tokens != null) {
            timers.add(vertx.setPeriodic(SESSION_SWEEP_MILLIS, tick -> tokens.sweep()));
        }
        timers.add(vertx.setPeriodic(SESSION_SWEEP_MILLIS, tick -> sessions.sweep()));
        timers.add(vertx.setPeriodic(SESSION_SWEEP_MILLIS, tick -> tasks.sweep()));
    }

    /** @param beside the server whose address it shares; null for one of its own */
    static Running start(MtlsServerTransport.Builder settings, Backend backend, @Nullable Running beside) {
        return new Running(settings, backend, beside);
    }

    private static Vertx vertx(TlsProfile tls, List<Network> balancers) {
        VertxBuilder vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setPreferNativeTransport(true)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)));
        return balancers.isEmpty()
                ? vertx.build()
                : vertx.withTransport(ProxyProtocol.from(balancers, tls)).build();
    }

    InetSocketAddress address() {
        return address;
    }

    int openConnections() {
        return owner ? listener.openConnections() : 0;
    }

    int openSessions() {
        return sessions.count();
    }

    CompletableFuture<Void> pulse() {
        return listener.pulse();
    }

    /** The costs of connections are those of the server that began to listen. */
    Load load() {
        if (!owner) {
            return new Load(
                    0,
                    sessions.count(),
                    tasks.count(),
                    handler.requestsArriving(),
                    inFlight.count(),
                    handler.requestBytes(),
                    0,
                    0,
                    0,
                    0);
        }
        return new Load(
                listener.openConnections(),
                sessions.count(),
                tasks.count(),
                handler.requestsArriving(),
                inFlight.count(),
                handler.requestBytes(),
                listener.unread().bytes(),
                listener.unread().refusals(),
                listener.unread().refusalsReset(),
                listener.unread().stalls());
    }

    Mono<Void> tellAll(String method, @Nullable Object params) {
        return legacy.tellAll(method, params).then(subscriptions.tellAll(method, params));
    }

    Mono<Void> tell(String sessionId, String method, Object params) {
        return legacy.tell(sessionId, method, params).then(subscriptions.tell(sessionId, method, params));
    }

    void drain() {
        listener.drain();
    }

    /** Ends it, once: later calls wait for the first end. */
    synchronized CompletableFuture<Void> shutdown(Duration grace) {
        if (ending == null) {
            ending = end(grace);
        }
        return ending;
    }

    private CompletableFuture<Void> end(Duration grace) {
        rules.run();
        subscriptions.close();
        legacy.endStreams();
        return (owner ? listener.shutdown(grace) : leave(grace))
                .exceptionally(failure -> null)
                .thenRun(() -> {
                    legacy.close();
                    tasks.close();
                    workers.shutdownNow();
                })
                .thenCompose(done -> closeVertx());
    }

    /** Leaves the address to the others there, when the requests in progress are answered or the time is over. */
    private CompletableFuture<Void> leave(Duration grace) {
        listener.remove(handler);
        return answered(System.nanoTime() + grace.toNanos())
                .thenRun(() -> timers.forEach(timer -> {
                    boolean unused = vertx.cancelTimer(timer);
                }));
    }

    private CompletableFuture<Void> answered(long until) {
        if (inFlight.count() == 0 || System.nanoTime() >= until) {
            return CompletableFuture.completedFuture(null);
        }
        Executor later = CompletableFuture.delayedExecutor(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
        return CompletableFuture.runAsync(() -> {}, later).thenCompose(passed -> answered(until));
    }

    /** The server that began to listen owns the event loops. */
    private CompletionStage<Void> closeVertx() {
        return owner ? vertx.close().toCompletionStage() : CompletableFuture.completedFuture(null);
    }
}
