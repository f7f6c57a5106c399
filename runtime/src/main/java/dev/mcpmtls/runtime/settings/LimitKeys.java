// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.transport.netty.Network;
import java.time.Duration;
import java.util.List;

/** The settings of {@code proxy-protocol}, {@code http} and {@code limits}: what a server accepts, and what its callers may cost it. */
public final class LimitKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** Balancers that name their clients. */
    public static final Key<List<String>> PROXY_PROTOCOL_FROM = TABLE.list(
            "proxy-protocol.from",
            Type.of("NETWORK", text -> Network.parse(text).toString()),
            List.of(),
            "addresses of balancers, such as 10.0.0.0/8, whose connections begin with a PROXY protocol header (v1 or"
                    + " v2)");

    /** The largest request. */
    public static final Key<Integer> MAX_BODY =
            TABLE.key("http.max-body", Type.smallSize(), "4MiB", "the largest request body");

    /** Host headers that are served. */
    public static final Key<List<String>> ALLOWED_HOSTS = TABLE.list(
            "http.allowed-hosts",
            Type.text("HOST"),
            List.of(),
            "the hosts that requests may name, *.example.com included; the names of the server's certificate and"
                    + " loopback when empty");

    /** Origin headers that are served. */
    public static final Key<List<String>> ALLOWED_ORIGINS = TABLE.list(
            "http.allowed-origins",
            Type.text("ORIGIN"),
            List.of(),
            "the web origins that requests may come from, besides those of localhost, 127.0.0.1 and [::1]");

    /** How long a connection may be idle. */
    public static final Key<Duration> IDLE_TIMEOUT =
            TABLE.key("http.idle-timeout", Type.duration(), "60s", "how long a connection may be idle");

    /** How long a head may take. */
    public static final Key<Duration> FIRST_REQUEST_TIMEOUT = TABLE.key(
            "http.first-request-timeout",
            Type.duration(),
            "8s",
            "how long the head of the first request may take to arrive, and that of each later one once it has begun");

    /** How long a body may take. */
    public static final Key<Duration> BODY_TIMEOUT = TABLE.key(
            "http.body-timeout",
            Type.duration(),
            "8s",
            "how long a request body may take, and a second more for every 16 KiB that have arrived");

    /** How long a client may take to read an answer. */
    public static final Key<Duration> WRITE_TIMEOUT = TABLE.key(
            "http.write-timeout",
            Type.duration(),
            "8s",
            "how long a client may take to read 16 KiB of an answer, or stay after a refusal");

    /** Connections of a server. */
    public static final Key<Integer> MAX_CONNECTIONS = TABLE.limit("connections", 10000, "connections of a server");

    /** Concurrent handshakes, by peers that are not known yet. */
    public static final Key<Integer> MAX_HANDSHAKES =
            TABLE.limit("handshakes", 4096, "concurrent handshakes of a server; a quarter of them from one address");

    /** Connections of a peer. */
    public static final Key<Integer> MAX_CONNECTIONS_PER_IDENTITY =
            TABLE.limit("connections-per-identity", 1000, "connections of one peer");

    /** Requests of all peers. */
    public static final Key<Integer> MAX_IN_FLIGHT = TABLE.limit("in-flight", 1000, "requests of a server in flight");

    /** Requests of a peer. */
    public static final Key<Integer> MAX_IN_FLIGHT_PER_IDENTITY =
            TABLE.limit("in-flight-per-identity", 100, "requests of one peer in flight");

    /** Streams of a connection. */
    public static final Key<Integer> MAX_STREAMS_PER_CONNECTION =
            TABLE.limit("streams-per-connection", 100, "HTTP/2 streams, and requests in flight, of one connection");

    /** Event streams of a peer. */
    public static final Key<Integer> MAX_STREAMS_PER_IDENTITY =
            TABLE.limit("streams-per-identity", 200, "long-lived event streams of one peer");

    /** Bytes of requests. */
    public static final Key<Long> MAX_REQUEST_BYTES = TABLE.optional(
            "limits.request-bytes",
            Type.size(),
            "the most bytes of request bodies in memory until they are answered; an eighth of the heap when absent");

    /** Bytes of requests of a peer. */
    public static final Key<Long> MAX_REQUEST_BYTES_PER_IDENTITY = TABLE.key(
            "limits.request-bytes-per-identity",
            Type.size(),
            "8MiB",
            "the most bytes of request bodies of one peer in memory; at least one body");

    /** Bytes of answers. */
    public static final Key<Long> MAX_ANSWER_BYTES = TABLE.optional(
            "limits.answer-bytes",
            Type.size(),
            "the most bytes of answers that wait to be read; an eighth of the heap when absent");

    /** Bytes of answers of a peer. */
    public static final Key<Long> MAX_ANSWER_BYTES_PER_IDENTITY = TABLE.key(
            "limits.answer-bytes-per-identity",
            Type.size(),
            "8MiB",
            "the most bytes of answers to one peer that wait to be read; at least one answer");

    /** Sessions of all peers. */
    public static final Key<Integer> MAX_SESSIONS = TABLE.limit("sessions", 10000, "MCP sessions of a server");

    /** Sessions of a peer. */
    public static final Key<Integer> MAX_SESSIONS_PER_IDENTITY =
            TABLE.limit("sessions-per-identity", 100, "MCP sessions of one peer");

    /** Tasks of all peers. */
    public static final Key<Integer> MAX_TASKS =
            TABLE.limit("tasks", 1000, "tasks of a server, running or with an outcome that is kept");

    /** Tasks of a peer. */
    public static final Key<Integer> MAX_TASKS_PER_IDENTITY =
            TABLE.limit("tasks-per-identity", 50, "tasks of one peer, running or with an outcome that is kept");

    /** Bytes of tasks. */
    public static final Key<Long> MAX_TASK_BYTES = TABLE.optional(
            "limits.task-bytes",
            Type.size(),
            "the most bytes of the requests and outcomes of tasks; an eighth of the heap when absent");

    /** Bytes of tasks of a peer. */
    public static final Key<Long> MAX_TASK_BYTES_PER_IDENTITY = TABLE.key(
            "limits.task-bytes-per-identity",
            Type.size(),
            "8MiB",
            "the most bytes of the requests and outcomes of one peer's tasks; at least one outcome");

    /** How long a task may run. */
    public static final Key<Duration> TASK_LIFETIME = TABLE.key(
            "limits.task-lifetime",
            Type.duration(),
            "1h",
            "how long a task may run, and how long its outcome is kept after that");

    private LimitKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }
}
