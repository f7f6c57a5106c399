// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * The limits on what one server spends on its callers. Start from {@link #defaults()} and change what differs; every method returns a copy.
 * Immutable. Sizes are in bytes; every number must be positive.
 */
public final class Limits implements Cloneable {

    private int connections = 10_000;
    private int connectionsPerIdentity = 1_000;
    private int inFlight = 1_000;
    private int inFlightPerIdentity = 100;
    private int streamsPerConnection = 100;
    private int streamsPerIdentity = 200;
    private int sessions = 10_000;
    private int sessionsPerIdentity = 100;
    private Duration sessionIdle = Duration.ofMinutes(30);
    private int replayBytes = 128 * 1024;
    private int maxBody = 4 * 1024 * 1024;
    private long requestBytes = Runtime.getRuntime().maxMemory() / 8;
    private long requestBytesPerIdentity = 8 * 1024 * 1024;
    private long answerBytes = Runtime.getRuntime().maxMemory() / 8;
    private long answerBytesPerIdentity = 8 * 1024 * 1024;
    private int maxHeaders = 16 * 1024;
    private int maxJsonDepth = 64;
    private int maxUnsent = 1024 * 1024;
    private Duration firstByte = Duration.ofSeconds(8);
    private Duration body = Duration.ofSeconds(8);
    private Duration audit = Duration.ofSeconds(10);
    private Duration write = Duration.ofSeconds(8);
    private Duration idle = Duration.ofSeconds(60);
    private Duration keepAlive = Duration.ofSeconds(15);
    private Duration inputRound = Duration.ofMinutes(15);

    private Limits() {}

    /** The limits in force unless others are given. */
    public static Limits defaults() {
        return new Limits();
    }

    /** Connections at a time, all identities together; 10 000. One more is closed after its handshake. */
    public int connections() {
        return connections;
    }

    /** As {@link #connections()}. */
    public Limits connections(int value) {
        return with(copy -> copy.connections = positive(value));
    }

    /** Connections of one identity at a time; 1 000. One more is closed after its handshake. */
    public int connectionsPerIdentity() {
        return connectionsPerIdentity;
    }

    /** As {@link #connectionsPerIdentity()}. */
    public Limits connectionsPerIdentity(int value) {
        return with(copy -> copy.connectionsPerIdentity = positive(value));
    }

    /** Requests in progress at a time, and as many being sent, all identities together; 1 000. One more is answered 503. */
    public int inFlight() {
        return inFlight;
    }

    /** As {@link #inFlight()}. */
    public Limits inFlight(int value) {
        return with(copy -> copy.inFlight = positive(value));
    }

    /**
     * Requests of one identity in progress at a time, until their handlers have really ended and their answers have left, and as many
     * being sent; 100. One more is answered 429. Over HTTP/2, so many refusals may wait to be read as well; further refused
     * requests are reset. Over HTTP/1.1, requests that arrived behind a refused one, before its 429 could be read, are not served.
     */
    public int inFlightPerIdentity() {
        return inFlightPerIdentity;
    }

    /** As {@link #inFlightPerIdentity()}. */
    public Limits inFlightPerIdentity(int value) {
        return with(copy -> copy.inFlightPerIdentity = positive(value));
    }

    /** HTTP/2 streams, and requests in progress, of one connection at a time; 100. One more is refused. */
    public int streamsPerConnection() {
        return streamsPerConnection;
    }

    /** As {@link #streamsPerConnection()}. */
    public Limits streamsPerConnection(int value) {
        return with(copy -> copy.streamsPerConnection = positive(value));
    }

    /** Long-lived event streams (GET, {@code subscriptions/listen}) of one identity; 200. One more is answered 429. */
    public int streamsPerIdentity() {
        return streamsPerIdentity;
    }

    /** As {@link #streamsPerIdentity()}. */
    public Limits streamsPerIdentity(int value) {
        return with(copy -> copy.streamsPerIdentity = positive(value));
    }

    /** Legacy sessions at a time, all identities together; 10 000. One more is answered 503. */
    public int sessions() {
        return sessions;
    }

    /** As {@link #sessions()}. */
    public Limits sessions(int value) {
        return with(copy -> copy.sessions = positive(value));
    }

    /** Legacy sessions of one identity; 100. One more ends the one idle for longest, or is answered 429 when none is idle. */
    public int sessionsPerIdentity() {
        return sessionsPerIdentity;
    }

    /** As {@link #sessionsPerIdentity()}. */
    public Limits sessionsPerIdentity(int value) {
        return with(copy -> copy.sessionsPerIdentity = positive(value));
    }

    /** How long a legacy session lives without a request or an open stream; 30 minutes. */
    public Duration sessionIdle() {
        return sessionIdle;
    }

    /** As {@link #sessionIdle()}. */
    public Limits sessionIdle(Duration value) {
        return with(copy -> copy.sessionIdle = positive(value));
    }

    /** Events that one legacy session keeps for a client that comes back with {@code Last-Event-ID}; 128 KiB. */
    public int replayBytes() {
        return replayBytes;
    }

    /** As {@link #replayBytes()}. */
    public Limits replayBytes(int value) {
        return with(copy -> copy.replayBytes = positive(value));
    }

    /** The body of one request; 4 MiB. A longer one is answered 413, from its declared length before it is read. */
    public int maxBody() {
        return maxBody;
    }

    /** As {@link #maxBody()}. */
    public Limits maxBody(int value) {
        return with(copy -> copy.maxBody = positive(value));
    }

    /**
     * Bytes of request bodies in memory at a time, all identities together, each from its arrival until its answer has left; an
     * eighth of the largest heap. A request beyond it is answered 503.
     */
    public long requestBytes() {
        return requestBytes;
    }

    /** As {@link #requestBytes()}. */
    public Limits requestBytes(long value) {
        return with(copy -> copy.requestBytes = positive(value));
    }

    /** The part of {@link #requestBytes()} for one identity, but at least one body; 8 MiB. A request beyond it is answered 429. */
    public long requestBytesPerIdentity() {
        return Math.max(requestBytesPerIdentity, maxBody);
    }

    /** As {@link #requestBytesPerIdentity()}. */
    public Limits requestBytesPerIdentity(long value) {
        return with(copy -> copy.requestBytesPerIdentity = positive(value));
    }

    /**
     * Bytes of answers and events that wait for their readers, all identities together; an eighth of the largest heap. An answer that
     * goes beyond is replaced by a refusal, 503, and an event stream is closed. The first 16 KiB of each are free.
     */
    public long answerBytes() {
        return answerBytes;
    }

    /** As {@link #answerBytes()}. */
    public Limits answerBytes(long value) {
        return with(copy -> copy.answerBytes = positive(value));
    }

    /** The part of {@link #answerBytes()} for one identity, but at least one answer of any size; 8 MiB. Beyond it the refusal is 429. */
    public long answerBytesPerIdentity() {
        return answerBytesPerIdentity;
    }

    /** As {@link #answerBytesPerIdentity()}. */
    public Limits answerBytesPerIdentity(long value) {
        return with(copy -> copy.answerBytesPerIdentity = positive(value));
    }

    /** All headers of one request; 16 KiB. More is answered 431. */
    public int maxHeaders() {
        return maxHeaders;
    }

    /** As {@link #maxHeaders()}. */
    public Limits maxHeaders(int value) {
        return with(copy -> copy.maxHeaders = positive(value));
    }

    /** Nested objects and arrays in one message; 64. */
    public int maxJsonDepth() {
        return maxJsonDepth;
    }

    /** As {@link #maxJsonDepth()}. */
    public Limits maxJsonDepth(int value) {
        return with(copy -> copy.maxJsonDepth = positive(value));
    }

    /** Events waiting for a slow reader on one stream; 1 MiB. Beyond it the stream is closed. */
    public int maxUnsent() {
        return maxUnsent;
    }

    /** As {@link #maxUnsent()}. */
    public Limits maxUnsent(int value) {
        return with(copy -> copy.maxUnsent = positive(value));
    }

    /**
     * From the end of the handshake to the end of the first request's headers, and for any later head that has begun; 8 seconds.
     * Each connection without a request gets a random part of it, at least 85 %, so that a crowd is not closed all at once.
     */
    public Duration firstByte() {
        return firstByte;
    }

    /** As {@link #firstByte()}. */
    public Limits firstByte(Duration value) {
        return with(copy -> copy.firstByte = positive(value));
    }

    /**
     * From a request's headers to the end of its body; 8 seconds, and one more for every 16 KiB that have arrived. A slower one is
     * answered 408.
     */
    public Duration body() {
        return body;
    }

    /** As {@link #body()}. */
    public Limits body(Duration value) {
        return with(copy -> copy.body = positive(value));
    }

    /** How long the audit sink may take for a record; 10 seconds. Then the request is refused with 503. */
    public Duration audit() {
        return audit;
    }

    /** As {@link #audit()}. */
    public Limits audit(Duration value) {
        return with(copy -> copy.audit = positive(value));
    }

    /**
     * How long a reader may take for each 16 KiB of an answer or event; 8 seconds. Then its HTTP/2 stream is reset, or the connection
     * is closed if it is HTTP/1.1 or moves nothing on any other stream. Also how long a connection may stay after a refusal. Each
     * connection gets a random part of it, at least 85 %, so that a crowd is not closed all at once. With one second more, it is also how long
     * the peer's kernel may acknowledge no data, or have no room for any (the user timeout of RFC 5482, on Linux). Kernels make room in large
     * steps: a client that reads less than about 32 KiB a second may be taken for one that reads nothing once its kernel's buffers
     * are full.
     */
    public Duration write() {
        return write;
    }

    /** As {@link #write()}. */
    public Limits write(Duration value) {
        return with(copy -> copy.write = positive(value));
    }

    /**
     * How long a connection may stay without a request in progress after one was answered with success; 60 seconds. Bytes of an
     * unfinished header do not count.
     */
    public Duration idle() {
        return idle;
    }

    /** As {@link #idle()}. */
    public Limits idle(Duration value) {
        return with(copy -> copy.idle = positive(value));
    }

    /** The pause on an open event stream after which a comment line keeps it alive; 15 seconds. */
    public Duration keepAlive() {
        return keepAlive;
    }

    /** As {@link #keepAlive()}. */
    public Limits keepAlive(Duration value) {
        return with(copy -> copy.keepAlive = positive(value));
    }

    /** How long a modern client may take to answer an {@code input_required} result; 15 minutes. */
    public Duration inputRound() {
        return inputRound;
    }

    /** As {@link #inputRound()}. */
    public Limits inputRound(Duration value) {
        return with(copy -> copy.inputRound = positive(value));
    }

    private Limits with(Consumer<Limits> change) {
        try {
            Limits copy = (Limits) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("Limits is Cloneable", e);
        }
    }

    private static int positive(int value) {
        return (int) positive((long) value);
    }

    private static long positive(long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("a limit must be positive, not " + value);
        }
        return value;
    }

    private static Duration positive(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("a limit must be positive, not " + value);
        }
        return value;
    }
}
