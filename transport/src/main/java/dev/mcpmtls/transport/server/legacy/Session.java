// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.call.Audience;
import dev.mcpmtls.transport.server.call.Reply;
import dev.mcpmtls.transport.server.call.Seen;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One legacy session and its streams. It belongs to the identity that opened it. Thread-safe. */
final class Session implements Audience {

    /** A request that is in flight. */
    interface Cancellable {

        Object id();

        void cancel();
    }

    // Servers keep the URIs for as long as the session.
    private static final int MAX_SUBSCRIBED = 256 * 1024;
    private static final int EACH = 64;

    private static final Pattern EVENT_ID = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    private final BackendSession backend;
    private final Owner owner;
    private final Json json;
    private final Seen seen = new Seen();
    private volatile Caller caller;
    private final String version;
    private final EventLog log;
    private final Map<Long, SessionStream> streams = new HashMap<>();
    private final Map<Object, Cancellable> calls = new ConcurrentHashMap<>();
    private final Set<String> subscribed = new HashSet<>();
    private int subscribedCharacters;
    private long lastStream;
    private @Nullable SessionStream listening;
    private final LongSupplier nanoTime;
    private final Wire wire;
    private final long openedAt;
    private volatile long usedAt;

    /**
     * A session.
     *
     * @param wire how its opener's requests travel
     * @param version the protocol version that was negotiated
     * @param nanoTime the time, as of {@link System#nanoTime()}
     */
    Session(
            BackendSession backend,
            Caller opener,
            Wire wire,
            String version,
            Limits limits,
            Json json,
            LongSupplier nanoTime) {
        this.backend = backend;
        this.owner = Owner.of(opener);
        this.caller = opener;
        this.wire = wire;
        this.json = json;
        this.version = version;
        this.log = new EventLog(limits.replayBytes());
        this.nanoTime = nanoTime;
        this.openedAt = nanoTime.getAsLong();
        touch();
    }

    String id() {
        return backend.id();
    }

    Owner owner() {
        return owner;
    }

    @Override
    public BackendSession backend() {
        return backend;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public Seen seen() {
        return seen;
    }

    @Override
    public void tell(String method) {
        tell(json.notification(method, null));
    }

    boolean isListening() {
        synchronized (log) {
            return listening != null;
        }
    }

    /** How its opener's requests travel. */
    Wire wire() {
        return wire;
    }

    /** For how long it has been open here. */
    Duration age() {
        return Duration.ofNanos(nanoTime.getAsLong() - openedAt);
    }

    /** Notes that the session is in use by its owner, perhaps with another certificate than before. */
    void usedBy(Caller user) {
        caller = user;
        touch();
    }

    /** Notes that the session is in use. */
    void touch() {
        usedAt = nanoTime.getAsLong();
    }

    /** The time of its last use, in nanoseconds. */
    long usedAt() {
        return usedAt;
    }

    /** Whether a request is being worked on or a client listens. */
    boolean isBusy() {
        synchronized (log) {
            return !calls.isEmpty() || streams.values().stream().anyMatch(SessionStream::isAttached);
        }
    }

    /** Whether nothing has happened in it for so long. */
    boolean isIdle(Duration allowed) {
        if (isBusy()) {
            touch();
        }
        return nanoTime.getAsLong() - usedAt > allowed.toNanos();
    }

    /** A new stream that this reply carries. */
    SessionStream stream(Reply reply) {
        synchronized (log) {
            streams.values().removeIf(SessionStream::isOver);
            SessionStream stream = new SessionStream(log, log, ++lastStream, version.compareTo("2025-11-25") >= 0);
            streams.put(stream.number(), stream);
            stream.attach(reply, List.of());
            return stream;
        }
    }

    /** The stream for what the server says of its own accord; the one before it ends. */
    SessionStream listen(Reply reply) {
        synchronized (log) {
            stopListening();
            SessionStream stream = stream(reply);
            listening = stream;
            stream.begin();
            return stream;
        }
    }

    /** Says something to the client if it listens. */
    void tell(byte[] message) {
        synchronized (log) {
            if (listening != null) {
                listening.send(message);
            }
        }
    }

    /** Ends the stream of {@link #listen}. */
    void stopListening() {
        synchronized (log) {
            if (listening != null) {
                listening.close();
                listening = null;
            }
        }
    }

    /**
     * Goes on with a stream after the event the client saw last.
     *
     * @throws RefusedException when that event is unknown or too old
     */
    void resume(String lastEventId, Reply reply) {
        Matcher id = EVENT_ID.matcher(lastEventId);
        long number = id.matches() ? Long.parseLong(id.group(1)) : 0;
        synchronized (log) {
            if (number < 1 || number > lastStream) {
                throw RefusedException.invalidRequest("that Last-Event-ID is none of this session's");
            }
            List<EventLog.Event> missed = log.after(number, Long.parseLong(id.group(2)));
            SessionStream stream = streams.get(number);
            reply.open();
            if (stream != null) {
                stream.attach(reply, missed);
                return;
            }
            missed.forEach(event -> reply.event(event.wireId(), event.message()));
            reply.end();
        }
    }

    /** Enters a request, unless one with its id is being worked on. */
    boolean begin(Cancellable call) {
        return calls.putIfAbsent(call.id(), call) == null;
    }

    /**
     * Notes a subscription that is about to be made.
     *
     * @throws RefusedException when its client has too many
     */
    void subscribes(String uri) {
        synchronized (subscribed) {
            if (subscribed.contains(uri)) {
                return;
            }
            if (subscribedCharacters + uri.length() + EACH > MAX_SUBSCRIBED) {
                throw RefusedException.tooMany(
                        "too many resources are subscribed to in this session; unsubscribe from some");
            }
            subscribed.add(uri);
            subscribedCharacters += uri.length() + EACH;
        }
    }

    /** Notes that a subscription is about to end. */
    void unsubscribes(String uri) {
        synchronized (subscribed) {
            if (subscribed.remove(uri)) {
                subscribedCharacters -= uri.length() + EACH;
            }
        }
    }

    void end(Cancellable call) {
        calls.remove(call.id(), call);
        touch();
    }

    /** {@code notifications/cancelled}. */
    void cancel(@Nullable Object requestId) {
        Cancellable call = requestId == null ? null : calls.get(requestId);
        if (call != null) {
            call.cancel();
        }
    }

    /** Ends everything in it. */
    void close() {
        backend.close();
        stop();
    }

    /** Ends what this process has of it. */
    void release() {
        backend.release();
        stop();
    }

    private void stop() {
        calls.values().forEach(Cancellable::cancel);
        synchronized (log) {
            streams.values().forEach(SessionStream::close);
            streams.clear();
        }
    }
}
