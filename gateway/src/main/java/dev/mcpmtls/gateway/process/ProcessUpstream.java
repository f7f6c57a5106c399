// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.ToolCatalog;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A server that is started as a process for each channel, up to a maximum. After several failed starts in a row, it pauses before the
 * next. Thread-safe.
 */
public final class ProcessUpstream implements Upstream {

    private static final long ROOM_SECONDS = 8;
    private static final long RECENT_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int PATIENT_STARTS = 3;
    private static final long MAX_PAUSE_MILLIS = 60_000;

    private final String name;
    private final ServerCommand command;
    private final ProcessGroups groups;
    private final int maxProcesses;
    private final Duration timeout;
    private final Executor executor;
    private final ToolCatalog tools = new ToolCatalog();
    private final Places places;
    private volatile Predicate<Optional<Owner>> roomMaker = whose -> false;
    private volatile Observer observer = Observer.NONE;
    private final Map<Watched, ServerProcess> processes = new ConcurrentHashMap<>();
    private int failedStarts;
    private int crashes;
    private long crashedAt;
    private long notBefore;

    /**
     * A server whose processes are started on the executor.
     *
     * @param maxProcesses at a time
     * @param share how many of them one identity may have; at least 1
     */
    public ProcessUpstream(
            String name,
            ServerCommand command,
            ProcessGroups groups,
            int maxProcesses,
            int share,
            Duration timeout,
            Executor executor) {
        this.name = name;
        this.command = command;
        this.groups = groups;
        this.maxProcesses = maxProcesses;
        this.timeout = timeout;
        this.executor = executor;
        this.places = new Places(maxProcesses, share);
    }

    /** Stops the idlest process when a place is needed, where an identity is named one of its own, and tells whether there was one. */
    public void roomMaker(Predicate<Optional<Owner>> maker) {
        this.roomMaker = maker;
    }

    /** Has the requests that it is sent observed. */
    public void observedBy(Observer observing) {
        observer = observing;
    }

    @Override
    public Observer observer() {
        return observer;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Channel open(Caller caller, Channel.Receiver receiver) {
        requireRest();
        Owner owner = Owner.of(caller).ofCertificate(); // all its subjects share its places
        if (!hasPlace(owner)) {
            if (places.isShareTaken(owner)) {
                throw UpstreamFailure.unavailable(
                        "the server " + name + " runs in as many processes for you as one identity"
                                + " may have, half of max-processes, and all are busy; try again later");
            }
            throw UpstreamFailure.unavailable(
                    "the server " + name + " runs in " + Printable.count(maxProcesses, "process")
                            + ", as many as max-processes allows, and all are busy; try again later");
        }
        Watched watched = new Watched(owner, receiver);
        try {
            ServerProcess process = ServerProcess.start(name, command, groups, watched);
            watched.runs(process);
            return process;
        } catch (RuntimeException | Error e) {
            watched.released();
            throw e;
        }
    }

    private boolean hasPlace(Owner owner) {
        try {
            if (places.take(owner, 0)) {
                return true;
            }
            Optional<Owner> whose = places.isShareTaken(owner) ? Optional.of(owner) : Optional.empty();
            boolean isRoomComing =
                    roomMaker.test(whose) || processes.values().stream().anyMatch(ServerProcess::isStopping);
            return isRoomComing && places.take(owner, ROOM_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void requireRest() {
        long pause = notBefore - System.nanoTime();
        if (failedStarts >= PATIENT_STARTS && pause > 0) {
            throw UpstreamFailure.unavailable("the server " + name + " failed to start " + failedStarts
                    + " times; it is tried again in " + (TimeUnit.NANOSECONDS.toSeconds(pause) + 1) + " s");
        }
    }

    private synchronized void started() {
        failedStarts = 0;
    }

    private synchronized void failedToStart() {
        failedStarts++;
        int doublings = Math.min(Math.max(0, failedStarts - PATIENT_STARTS), 6);
        notBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(1_000L << doublings, MAX_PAUSE_MILLIS));
    }

    /** Waits for its processes to end, which were told to. */
    public void awaitEnd(Duration atMost) {
        try {
            places.awaitEmpty(atMost.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * How it is doing.
     *
     * @param isTroubled whether it does not start, or ended by itself within the last minute
     * @param words a sentence
     */
    public record Condition(boolean isTroubled, String words) {}

    /** How it is doing now. */
    public synchronized Condition condition() {
        String running = places.running() + " of at most " + Printable.count(maxProcesses, "process");
        if (failedStarts > 0) {
            return new Condition(true, "failed to start " + Printable.count(failedStarts, "time") + "; " + running);
        }
        boolean isRecent = crashes > 0 && System.nanoTime() - crashedAt < RECENT_NANOS;
        return new Condition(
                isRecent,
                running
                        + (crashes == 0
                                ? ""
                                : ", " + crashes + " ended by " + (crashes == 1 ? "itself" : "themselves")));
    }

    private synchronized void crashed() {
        crashes++;
        crashedAt = System.nanoTime();
    }

    @Override
    public boolean namesCallersInMessages() {
        return true;
    }

    @Override
    public Duration timeout() {
        return timeout;
    }

    @Override
    public ToolCatalog tools() {
        return tools;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    /** Passes everything on, and gives the place back in the end. */
    private final class Watched implements Channel.Receiver {

        private final Owner owner;
        private final Channel.Receiver receiver;
        private boolean answered;
        private boolean released;

        Watched(Owner owner, Channel.Receiver receiver) {
            this.owner = owner;
            this.receiver = receiver;
        }

        @Override
        public void received(JsonRpcMessage message, @Nullable Object about) {
            if (!answered) {
                answered = true;
                started();
            }
            receiver.received(message, about);
        }

        @Override
        public void failed(Object id, UpstreamFailure failure) {
            receiver.failed(id, failure);
        }

        @Override
        public void ended(UpstreamFailure why, boolean asked) {
            released();
            if (!asked) {
                crashed();
                if (!answered) {
                    failedToStart();
                }
            }
            receiver.ended(why, asked);
        }

        synchronized void runs(ServerProcess process) {
            if (!released) {
                processes.put(this, process);
            }
        }

        synchronized void released() {
            if (!released) {
                released = true;
                processes.remove(this);
                places.giveBack(owner);
            }
        }
    }
}
