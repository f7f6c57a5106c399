// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import java.time.Duration;

/**
 * The limits on what one server spends on its callers. The names are those of configuration files, without the group:
 * {@code http.max-body} is {@code maxBody}, {@code audit.timeout} is {@code auditTimeout}. Some limits have no setting.
 *
 * <pre>{@code
 * Limits limits = Limits.builder().maxBody(64 * 1024).inFlightPerIdentity(10).build();
 * }</pre>
 *
 * @param connections connections at a time, all identities together; 10 000. One more is closed after its handshake
 * @param connectionsPerIdentity connections of one identity at a time; 1 000. One more is closed after its handshake
 * @param inFlight requests in flight, as many being sent, and as many notifications, all identities together; 1 000. One more is
 *     answered 503
 * @param inFlightPerIdentity requests of one identity in flight, as many being sent, and as many notifications; 100. A request is in
 *     flight until its answer leaves, or, when it is cancelled, until its handler has really ended. One more is answered 429. Over HTTP/2, so many refusals may wait to be read as well; further refused
 *     requests are reset. Over HTTP/1.1, requests that arrived behind a refused one, before its 429 could be read, are not served
 * @param streamsPerConnection HTTP/2 streams, and requests in flight, of one connection at a time; 100. One more is refused
 * @param streamsPerIdentity long-lived event streams (GET, {@code subscriptions/listen}) of one identity; 200. One more is answered
 *     429
 * @param sessions legacy sessions at a time, all identities together; 10 000. One more is answered 503
 * @param sessionsPerIdentity legacy sessions of one identity; 100. One more ends the one idle for longest, or is answered 429 when
 *     none is idle
 * @param sessionIdleTimeout how long a legacy session lives without a request or an open stream; 30 minutes
 * @param tasks tasks at a time, running or with an outcome that is kept, all identities together; 1 000. One more is answered 503
 * @param tasksPerIdentity tasks of one identity; 50. One more makes the oldest one go that has ended and whose client has read the outcome, or
 *     is answered 429 when there is none
 * @param taskBytes bytes of the requests and the outcomes of tasks, all identities together; an eighth of the largest heap. Beyond it a
 *     task ends with an error in place of its result
 * @param taskBytesPerIdentity the part of {@code taskBytes} for one identity, but at least one outcome of any size; 8 MiB
 * @param taskLifetime how long a task may run, and how long its outcome is kept after that; 1 hour
 * @param replayBytes bytes of events that one legacy session keeps for a client that comes back with {@code Last-Event-ID}; 128 KiB
 * @param maxBody bytes of one request's body; 4 MiB. A longer one is answered 413, from its declared length before it is read
 * @param maxHeaders bytes of all headers of one request; 16 KiB. More is answered 431
 * @param maxJsonDepth nested objects and arrays in one message; 64
 * @param maxUnsent bytes of events that wait for a slow reader on one stream; 1 MiB. Beyond it the stream is closed
 * @param requestBytes bytes of request bodies in memory at a time, all identities together, each from its arrival until its answer
 *     has left; an eighth of the largest heap. A request beyond it is answered 503
 * @param requestBytesPerIdentity the part of {@code requestBytes} for one identity; 8 MiB, and never less than {@code maxBody}. A
 *     request beyond it is answered 429
 * @param answerBytes bytes of answers and events that wait for their readers, all identities together; an eighth of the largest
 *     heap. An answer that goes beyond is replaced by a refusal, 503, and an event stream is closed. The first 16 KiB of each are free
 * @param answerBytesPerIdentity the part of {@code answerBytes} for one identity, but at least one answer of any size; 8 MiB. Beyond
 *     it the refusal is 429
 * @param firstRequestTimeout from the end of the handshake to the end of the first request's headers, and for any later head that
 *     has begun; 8 seconds. Each connection without a request gets a random part of it, at least 85 %, so that a crowd is not closed all
 *     at once
 * @param bodyTimeout from a request's headers to the end of its body; 8 seconds, and one more for every 16 KiB that have arrived. A
 *     slower one is answered 408
 * @param writeTimeout how long a reader may take for each 16 KiB of an answer or event; 8 seconds. Then its HTTP/2 stream is reset,
 *     or the connection is closed if it is HTTP/1.1 or moves nothing on any other stream. Also how long a connection may stay after a
 *     refusal. Each connection gets a random part of it, at least 85 %, so that a crowd is not closed all at once. With one second more,
 *     it also bounds the time in which the peer's kernel acknowledges no data, or has no room for any (the user timeout of RFC 5482, on
 *     Linux). Kernels make room in large steps: once its kernel's buffers are full, a client that reads less than about 32 KiB a second may
 *     look like one that reads nothing
 * @param idleTimeout how long a connection may stay without a request in flight after one was answered with success; 60 seconds.
 *     Bytes of an unfinished header do not count
 * @param keepAlive the pause on an open event stream after which a comment line keeps it alive; 15 seconds
 * @param inputTimeout how long a modern client may take to answer an {@code input_required} result; 15 minutes
 * @param auditTimeout how long the audit sink may take for a record; 10 seconds. Then the request is refused with 503
 */
public record Limits(
        int connections,
        int connectionsPerIdentity,
        int inFlight,
        int inFlightPerIdentity,
        int streamsPerConnection,
        int streamsPerIdentity,
        int sessions,
        int sessionsPerIdentity,
        Duration sessionIdleTimeout,
        int tasks,
        int tasksPerIdentity,
        long taskBytes,
        long taskBytesPerIdentity,
        Duration taskLifetime,
        int replayBytes,
        int maxBody,
        int maxHeaders,
        int maxJsonDepth,
        int maxUnsent,
        long requestBytes,
        long requestBytesPerIdentity,
        long answerBytes,
        long answerBytesPerIdentity,
        Duration firstRequestTimeout,
        Duration bodyTimeout,
        Duration writeTimeout,
        Duration idleTimeout,
        Duration keepAlive,
        Duration inputTimeout,
        Duration auditTimeout) {

    /** The limits in force unless others are given. */
    public static Limits defaults() {
        return builder().build();
    }

    /** Starts with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Makes {@link Limits}, whose parameters these are. Every value must be positive. Not thread-safe. */
    public static final class Builder {

        private int connections = 10_000;
        private int connectionsPerIdentity = 1_000;
        private int inFlight = 1_000;
        private int inFlightPerIdentity = 100;
        private int streamsPerConnection = 100;
        private int streamsPerIdentity = 200;
        private int sessions = 10_000;
        private int sessionsPerIdentity = 100;
        private Duration sessionIdleTimeout = Duration.ofMinutes(30);
        private int tasks = 1_000;
        private int tasksPerIdentity = 50;
        private long taskBytes = Runtime.getRuntime().maxMemory() / 8;
        private long taskBytesPerIdentity = 8 * 1024 * 1024;
        private Duration taskLifetime = Duration.ofHours(1);
        private int replayBytes = 128 * 1024;
        private int maxBody = 4 * 1024 * 1024;
        private int maxHeaders = 16 * 1024;
        private int maxJsonDepth = 64;
        private int maxUnsent = 1024 * 1024;
        private long requestBytes = Runtime.getRuntime().maxMemory() / 8;
        private long requestBytesPerIdentity = 8 * 1024 * 1024;
        private long answerBytes = Runtime.getRuntime().maxMemory() / 8;
        private long answerBytesPerIdentity = 8 * 1024 * 1024;
        private Duration firstRequestTimeout = Duration.ofSeconds(8);
        private Duration bodyTimeout = Duration.ofSeconds(8);
        private Duration writeTimeout = Duration.ofSeconds(8);
        private Duration idleTimeout = Duration.ofSeconds(60);
        private Duration keepAlive = Duration.ofSeconds(15);
        private Duration inputTimeout = Duration.ofMinutes(15);
        private Duration auditTimeout = Duration.ofSeconds(10);

        private Builder() {}

        public Builder connections(int value) {
            this.connections = positive("connections", value);
            return this;
        }

        public Builder connectionsPerIdentity(int value) {
            this.connectionsPerIdentity = positive("connectionsPerIdentity", value);
            return this;
        }

        public Builder inFlight(int value) {
            this.inFlight = positive("inFlight", value);
            return this;
        }

        public Builder inFlightPerIdentity(int value) {
            this.inFlightPerIdentity = positive("inFlightPerIdentity", value);
            return this;
        }

        public Builder streamsPerConnection(int value) {
            this.streamsPerConnection = positive("streamsPerConnection", value);
            return this;
        }

        public Builder streamsPerIdentity(int value) {
            this.streamsPerIdentity = positive("streamsPerIdentity", value);
            return this;
        }

        public Builder sessions(int value) {
            this.sessions = positive("sessions", value);
            return this;
        }

        public Builder sessionsPerIdentity(int value) {
            this.sessionsPerIdentity = positive("sessionsPerIdentity", value);
            return this;
        }

        public Builder sessionIdleTimeout(Duration value) {
            this.sessionIdleTimeout = positive("sessionIdleTimeout", value);
            return this;
        }

        public Builder tasks(int value) {
            this.tasks = positive("tasks", value);
            return this;
        }

        public Builder tasksPerIdentity(int value) {
            this.tasksPerIdentity = positive("tasksPerIdentity", value);
            return this;
        }

        public Builder taskBytes(long value) {
            this.taskBytes = positive("taskBytes", value);
            return this;
        }

        public Builder taskBytesPerIdentity(long value) {
            this.taskBytesPerIdentity = positive("taskBytesPerIdentity", value);
            return this;
        }

        public Builder taskLifetime(Duration value) {
            this.taskLifetime = positive("taskLifetime", value);
            return this;
        }

        public Builder replayBytes(int value) {
            this.replayBytes = positive("replayBytes", value);
            return this;
        }

        public Builder maxBody(int value) {
            this.maxBody = positive("maxBody", value);
            return this;
        }

        public Builder maxHeaders(int value) {
            this.maxHeaders = positive("maxHeaders", value);
            return this;
        }

        public Builder maxJsonDepth(int value) {
            this.maxJsonDepth = positive("maxJsonDepth", value);
            return this;
        }

        public Builder maxUnsent(int value) {
            this.maxUnsent = positive("maxUnsent", value);
            return this;
        }

        public Builder requestBytes(long value) {
            this.requestBytes = positive("requestBytes", value);
            return this;
        }

        public Builder requestBytesPerIdentity(long value) {
            this.requestBytesPerIdentity = positive("requestBytesPerIdentity", value);
            return this;
        }

        public Builder answerBytes(long value) {
            this.answerBytes = positive("answerBytes", value);
            return this;
        }

        public Builder answerBytesPerIdentity(long value) {
            this.answerBytesPerIdentity = positive("answerBytesPerIdentity", value);
            return this;
        }

        public Builder firstRequestTimeout(Duration value) {
            this.firstRequestTimeout = positive("firstRequestTimeout", value);
            return this;
        }

        public Builder bodyTimeout(Duration value) {
            this.bodyTimeout = positive("bodyTimeout", value);
            return this;
        }

        public Builder writeTimeout(Duration value) {
            this.writeTimeout = positive("writeTimeout", value);
            return this;
        }

        public Builder idleTimeout(Duration value) {
            this.idleTimeout = positive("idleTimeout", value);
            return this;
        }

        public Builder keepAlive(Duration value) {
            this.keepAlive = positive("keepAlive", value);
            return this;
        }

        public Builder inputTimeout(Duration value) {
            this.inputTimeout = positive("inputTimeout", value);
            return this;
        }

        public Builder auditTimeout(Duration value) {
            this.auditTimeout = positive("auditTimeout", value);
            return this;
        }

        public Limits build() {
            return new Limits(
                    connections,
                    connectionsPerIdentity,
                    inFlight,
                    inFlightPerIdentity,
                    streamsPerConnection,
                    streamsPerIdentity,
                    sessions,
                    sessionsPerIdentity,
                    sessionIdleTimeout,
                    tasks,
                    tasksPerIdentity,
                    taskBytes,
                    taskBytesPerIdentity,
                    taskLifetime,
                    replayBytes,
                    maxBody,
                    maxHeaders,
                    maxJsonDepth,
                    maxUnsent,
                    requestBytes,
                    Math.max(requestBytesPerIdentity, maxBody),
                    answerBytes,
                    answerBytesPerIdentity,
                    firstRequestTimeout,
                    bodyTimeout,
                    writeTimeout,
                    idleTimeout,
                    keepAlive,
                    inputTimeout,
                    auditTimeout);
        }

        private static int positive(String name, int value) {
            return (int) positive(name, (long) value);
        }

        private static long positive(String name, long value) {
            if (value <= 0) {
                throw new IllegalArgumentException(name + " must be positive, not " + value);
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be positive, not " + value);
            }
            return value;
        }
    }
}
