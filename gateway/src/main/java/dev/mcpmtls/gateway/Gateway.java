// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.gateway.http.HttpUpstream;
import dev.mcpmtls.gateway.pins.EntryPins;
import dev.mcpmtls.gateway.process.ProcessGroups;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.OwnVertx;
import dev.mcpmtls.transport.server.backend.Backend;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts servers in any language behind this transport.
 *
 * <pre>{@code
 * try (Gateway gateway = new Gateway()) {
 *     Backend files = gateway.command("files", ServerCommand.of("npx", "-y", "@modelcontextprotocol/server-filesystem", "."),
 *             Gateway.ProcessOptions.defaults());
 *     MtlsServerTransport transport = MtlsServerTransport.builder().listen("127.0.0.1", 8446).tls(profile).backend(files).build();
 *     transport.start();
 *     …
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class Gateway implements AutoCloseable {

    private static final Duration TO_END = Duration.ofSeconds(5);

    private final ProcessGroups groups = new ProcessGroups();
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(Starters.daemons("gateway-sweep"));
    private @Nullable Vertx vertx;
    private Observer observer = Observer.NONE;
    private final List<ProcessUpstream> processes = new ArrayList<>();
    private final List<HttpUpstream> remotes = new ArrayList<>();
    private final List<Links> links = new ArrayList<>();
    private final Map<String, EntryPins> pins = new HashMap<>();

    private final Starters starters = new Starters();

    /** A gateway without upstreams. */
    public Gateway() {}

    /**
     * Holds the tools of a server against the pins under its name. To be called before the server is named here.
     *
     * @param lock the file of pins
     * @param isWanted whether a server without pins is pinned when it is used first; else it stays without
     * @param changed receives each change once; must not block
     * @throws dev.mcpmtls.protocol.pins.UnusableLockException when the file cannot be used
     */
    public synchronized void pin(String name, Path lock, boolean isWanted, Consumer<PinChange> changed) {
        EntryPins.of(name, lock, isWanted, changed, starters.files()).ifPresent(found -> pins.put(name, found));
    }

    /**
     * Has the requests that servers are sent observed, for traces and metrics; each then carries its own trace in {@code params._meta} in place
     * of its client's, and is otherwise passed on as it is. To be called before a server is named here.
     */
    public synchronized void observe(Observer observing) {
        observer = observing;
    }

    /**
     * A server that is a process, or several, of ours.
     *
     * @param name of the entry: under it calls are decided and recorded
     */
    public synchronized Backend command(String name, ServerCommand command, ProcessOptions options) {
        ProcessUpstream upstream = new ProcessUpstream(
                name, command, groups, options.maxProcesses(), options.share(), options.timeout(), starters.of(name));
        Links own = new Links(upstream, options.idle());
        upstream.roomMaker(own::makeRoom);
        upstream.observedBy(observer);
        processes.add(upstream);
        return started(own, new UpstreamBackend(upstream, options.mode(), own, pins.get(name)));
    }

    /** How the processes of a server are doing, or the connections to it; empty when there is no such server. */
    public synchronized Optional<ProcessUpstream.Condition> condition(String name) {
        return processes.stream()
                .filter(upstream -> upstream.name().equals(name))
                .findFirst()
                .map(ProcessUpstream::condition)
                .or(() ->
                        remote(name).map(server -> new ProcessUpstream.Condition(server.isDown(), server.condition())));
    }

    /** Tries in the background whether a server of {@link #url} can be reached; the log and {@link #condition} say so when it cannot. */
    public synchronized void probe(String name) {
        remote(name).ifPresent(HttpUpstream::probe);
    }

    private Optional<HttpUpstream> remote(String name) {
        return remotes.stream().filter(server -> server.name().equals(name)).findFirst();
    }

    /** A server that speaks HTTP and wants no access token. */
    public Backend url(
            String name,
            URI url,
            Supplier<Map<String, String>> headers,
            Optional<TlsProfile> profile,
            Duration idle,
            Duration timeout) {
        return url(name, url, headers, profile, TokenSource.NONE, idle, timeout);
    }

    /**
     * A server that speaks HTTP.
     *
     * @param headers that every request to it carries, asked for each time
     * @param profile our credential and trust for it; when empty, HTTPS is verified by the system's trust anchors
     * @param tokens of ours for it; a caller's never goes to it
     * @param idle after so long without use a session with the server is ended, and opened again when it is needed
     * @param timeout how long a call may take without a sign of progress
     */
    public synchronized Backend url(
            String name,
            URI url,
            Supplier<Map<String, String>> headers,
            Optional<TlsProfile> profile,
            TokenSource tokens,
            Duration idle,
            Duration timeout) {
        Vertx loops = vertx == null ? OwnVertx.create() : vertx;
        vertx = loops;
        HttpUpstream upstream =
                new HttpUpstream(name, url, headers, profile, tokens, loops, timeout, starters.of(name));
        upstream.observedBy(observer);
        remotes.add(upstream);
        Links own = new Links(upstream, idle);
        return started(own, new UpstreamBackend(upstream, ProcessMode.PER_SESSION, own, pins.get(name)));
    }

    private Backend started(Links own, UpstreamBackend backend) {
        links.add(own);
        var unused = sweeper.scheduleWithFixedDelay(() -> backend.sweep(System.nanoTime()), 1, 1, TimeUnit.SECONDS);
        return backend;
    }

    /** Stops all servers: their input ends, and those that do not exit within a few seconds are killed. */
    @Override
    public synchronized void close() {
        sweeper.shutdownNow();
        links.forEach(Links::close);
        processes.forEach(upstream -> upstream.awaitEnd(TO_END));
        starters.close();
        groups.close();
        if (vertx != null) {
            vertx.close();
        }
    }

    /**
     * How the processes of a server are run.
     *
     * @param maxProcesses at a time; the idlest of the identity that has most gives way. One identity has at most half of them, rounded up, but where
     *     all share one
     * @param idle after so long without use a process is stopped, and started again when it is needed
     * @param timeout how long a call may take without a sign of progress
     */
    public record ProcessOptions(ProcessMode mode, int maxProcesses, Duration idle, Duration timeout) {

        /** One process per session, at most 32, stopped after 30 minutes without use; a call may be silent for 10 minutes. */
        public static ProcessOptions defaults() {
            return new ProcessOptions(ProcessMode.PER_SESSION, 32, Duration.ofMinutes(30), Duration.ofMinutes(10));
        }

        private int share() {
            return mode == ProcessMode.SHARED ? maxProcesses : (maxProcesses + 1) / 2;
        }
    }
}
