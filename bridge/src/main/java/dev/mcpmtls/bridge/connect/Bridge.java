// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.bridge.remote.InFlight;
import dev.mcpmtls.bridge.remote.LegacySide;
import dev.mcpmtls.bridge.remote.Message;
import dev.mcpmtls.bridge.remote.ModernSide;
import dev.mcpmtls.bridge.remote.ObservedRequest;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.RawObject;
import dev.mcpmtls.bridge.remote.Relay;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A stdio MCP server in front of a remote one behind mutual TLS: newline-delimited JSON-RPC on one side, Streamable HTTP on the
 * other. The host's revision and era are kept. Messages travel as the text that they came in, in both directions.
 *
 * <pre>{@code
 * ServerWatch watch = new ServerWatch(audit);
 * TlsProfile profile = TlsProfile.builder(credentials, verifier).engine(TlsEngine.JDK).audit(watch).build();
 * new Bridge(URI.create("https://files.internal:8446/mcp"), profile, watch, System.err::println).run(System.in, System.out);
 * }</pre>
 *
 * <p>When the server refuses or cannot be reached, the request gets a JSON-RPC error, and the next request tries again. A call whose
 * connection breaks may have run and is never repeated. A session that the server has lost is opened again.
 *
 * <p>The client of {@code java.net.http} should keep idle connections for less time than servers do: set the system property
 * {@code jdk.httpclient.keepalive.timeout} to 30 before its first use.
 */
public final class Bridge {

    private static final int MAX_IN_FLIGHT = 256;
    private static final int TOO_MANY = 429;
    private static final Duration LANE = Duration.ofMinutes(2);
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final Duration SHORT_DRAIN = Duration.ofSeconds(2);
    private static final String CANCELLED = "notifications/cancelled";

    private final Wire wire;
    private final Consumer<String> notices;
    private final Observer observer;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> daemon(task, "bridge"));
    private final Lane lane = new Lane();
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean isHurried;

    /** A request that the host waits for. */
    private record Running(Message.Request request, InFlight exchange, ObservedRequest observed) {}

    /**
     * A bridge that has not connected yet.
     *
     * @param server the URL of its MCP endpoint
     * @param tls for the JDK's engine, with {@code watch} as its audit sink
     * @param notices takes sentences for the user; they may hold text of the server
     */
    public Bridge(URI server, TlsProfile tls, ServerWatch watch, Consumer<String> notices) {
        this(server, tls, watch, notices, Observer.NONE, TokenSource.NONE);
    }

    /**
     * As the other, with more.
     *
     * @param observer of the host's requests and of those to the server, which then carry their traces
     * @param tokens for the server, should it want any besides our certificate
     */
    public Bridge(
            URI server,
            TlsProfile tls,
            ServerWatch watch,
            Consumer<String> notices,
            Observer observer,
            TokenSource tokens) {
        this.wire = new Wire(server, tls, watch, Wire.Patience.OF_A_HOST, tokens);
        this.notices = notices;
        this.observer = observer;
    }

    /**
     * Serves the host until it closes its side, its process ends or {@link #close} is called. Then it answers the requests in flight, for
     * ten seconds at most, and ends the session.
     *
     * @param in newline-delimited JSON-RPC
     * @param out the same; nothing else is written to it
     */
    public void run(InputStream in, OutputStream out) {
        HostOutput host = new HostOutput(out, this::hurry);
        Relay relay = new Relay(message -> pass(message, host), HostRefusal::of, notices);
        LegacySide legacy = new LegacySide(wire, relay, Optional.of(threads), notices);
        ModernSide modern = new ModernSide(wire, relay, notices);
        daemon(() -> read(in, host, legacy, modern), "host").start();
        ProcessHandle.current().parent().ifPresent(this::endWith);
        try {
            ended.await();
            drain(host);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.values().forEach(request -> request.exchange().abort());
            legacy.close();
            threads.shutdownNow();
            lane.close();
            closed.countDown();
        }
    }

    private void pass(Message message, HostOutput host) {
        if (message instanceof Message.Response response) {
            Optional.ofNullable(running.get(RawObject.idKey(response.id())))
                    .ifPresent(answered -> answered.observed().answered(response));
        }
        host.send(message.text());
    }

    /** Ends the bridge as if the host had closed its side, in two seconds at most, and waits for that. */
    public void close() {
        hurry();
        try {
            var unused = closed.await(SHORT_DRAIN.toMillis() + 1_500, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endWith(ProcessHandle parent) {
        var unused = parent.onExit().thenRun(this::hurry);
    }

    private void hurry() {
        isHurried = true;
        ended.countDown();
    }

    private void read(InputStream in, HostOutput host, LegacySide legacy, ModernSide modern) {
        LineReader lines = new LineReader(in, Wire.MAX_MESSAGE);
        try {
            for (boolean isOver = false; !isOver; ) {
                isOver = !readOne(lines, host, legacy, modern);
            }
        } catch (IOException e) {
            notices.accept("cannot read from the host: " + e.getMessage());
        }
        ended.countDown();
    }

    /** Whether there was another line. */
    private boolean readOne(LineReader lines, HostOutput host, LegacySide legacy, ModernSide modern)
            throws IOException {
        try {
            String line = lines.next();
            if (line != null && !line.isEmpty()) {
                take(Message.parse(line), host, legacy, modern);
            }
            return line != null;
        } catch (InvalidMessageException e) {
            host.send(Message.error(Optional.empty(), e.code(), e.message(), Optional.empty()));
            return true;
        }
    }

    private void take(Message message, HostOutput host, LegacySide legacy, ModernSide modern) {
        if (message instanceof Message.Request request) {
            start(request, host, legacy, modern);
        } else if (message instanceof Message.Notification notification
                && notification.method().equals(CANCELLED)) {
            cancel(notification, legacy);
        } else if (!lane.run(() -> legacy.tell(message))) {
            notices.accept("a notification of the host is left out: too many of them wait for the server");
        }
    }

    private void start(Message.Request request, HostOutput host, LegacySide legacy, ModernSide modern) {
        if (running.size() >= MAX_IN_FLIGHT) {
            host.send(Message.error(
                    Optional.of(request.id()),
                    TOO_MANY,
                    "more than " + MAX_IN_FLIGHT + " requests are in flight; wait for answers",
                    Optional.empty()));
            return;
        }
        boolean isHello = request.method().equals(Method.INITIALIZE.text());
        boolean isModern = ModernSide.isModern(request);
        ObservedRequest observed = ObservedRequest.passed(request, observer, wire);
        Running started = new Running(request, isHello ? LegacySide.hello() : InFlight.unlimited(), observed);
        running.put(request.key(), started);
        Runnable work = () -> {
            try {
                if (isModern) {
                    modern.request(observed.request(), started.exchange());
                } else {
                    legacy.request(observed.request(), started.exchange());
                }
            } catch (Outage outage) {
                fail(started, outage, host);
            } catch (InvalidMessageException e) {
                host.send(Message.error(Optional.of(request.id()), e.code(), e.message(), Optional.empty()));
            } finally {
                if (started.exchange().isAborted()) {
                    observed.failed("cancelled");
                }
                observed.end(isModern, legacy.agreed());
                running.remove(request.key(), started);
                synchronized (running) {
                    running.notifyAll();
                }
            }
        };
        if (!isHello || !lane.run(work)) { // later messages wait for a hello
            Lane.Mark mark = lane.mark();
            threads.execute(() -> {
                mark.await(LANE);
                work.run();
            });
        }
    }

    private void fail(Running failed, Outage outage, HostOutput host) {
        if (!failed.exchange().isAborted()) {
            failed.observed().failed(outage.type());
            notices.accept(outage.getMessage());
            host.fail(failed.request(), outage);
        }
    }

    /** The end of its exchange cancels a modern request; the server of a session is told. */
    private void cancel(Message.Notification cancelled, LegacySide legacy) {
        Optional<Running> meant = cancelled
                .params()
                .raw("requestId")
                .map(RawObject::idKey)
                .flatMap(key -> Optional.ofNullable(running.get(key)));
        boolean isModern =
                meant.filter(request -> ModernSide.isModern(request.request())).isPresent();
        if (isModern || !legacy.isInUse()) {
            meant.ifPresent(request -> request.exchange().abort());
            return;
        }
        meant.ifPresent(request -> request.exchange().mute());
        var unused = lane.run(() -> {
            legacy.tell(cancelled);
            meant.ifPresent(request -> request.exchange().abort());
        });
    }

    /** Waits for the answers to what is in flight. */
    private void drain(HostOutput host) throws InterruptedException {
        long start = System.nanoTime();
        lane.mark().await(isHurried ? SHORT_DRAIN : DRAIN);
        synchronized (running) {
            while (isAwaited() && System.nanoTime() - start < (isHurried ? SHORT_DRAIN : DRAIN).toNanos()) {
                running.wait(50);
            }
        }
        for (Running left : List.copyOf(running.values())) {
            if (!ModernSide.isLasting(left.request())) {
                host.fail(left.request(), Outage.cutOff(wire.server(), "mcp-mtls connect ends"));
            }
        }
    }

    private boolean isAwaited() {
        return running.values().stream().anyMatch(request -> !ModernSide.isLasting(request.request()));
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, "mcp-mtls-" + name);
        thread.setDaemon(true);
        return thread;
    }
}
