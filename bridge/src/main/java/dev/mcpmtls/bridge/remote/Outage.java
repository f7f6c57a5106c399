// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A server that gave no usable answer. The message says why and what to do; the cause is for traces. */
public final class Outage extends RuntimeException {

    /** The sort of failure. */
    public enum Kind {
        /** We refused the server's certificate. */
        PEER_REFUSED(403),
        /** The server refused our certificate. */
        REFUSED_BY_PEER(403),
        /** The server wants an access token, and none could be fetched. */
        NO_TOKEN(401),
        /** A tool is not as it was approved, so it was not called. */
        TOOL_WITHHELD(403),
        /** The server was reached, and its answer cannot be used. */
        UNUSABLE_ANSWER(502),
        /** There is no connection. */
        UNREACHABLE(503),
        /** There was no connection in time. */
        NOT_REACHED(503),
        /** The connection broke when the server had the request, or may have had it. */
        MAY_HAVE_RUN(503),
        /** There was no answer in time. */
        TIMED_OUT(504);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    private static final long serialVersionUID = 1L;
    private static final int MAX_CAUSES = 16;
    private static final int MAX_WORDS = 4_000;

    private final Kind kind;
    private final String reason;
    private final String alert;

    private Outage(Kind kind, String reason, String alert, String message) {
        super(bounded(message));
        this.kind = kind;
        this.reason = reason;
        this.alert = alert;
    }

    private Outage(Kind kind, String message) {
        this(kind, kind.name(), "", message);
    }

    /** Chains the cause, once. */
    Outage from(@Nullable Throwable cause) {
        initCause(cause);
        return this;
    }

    /** Servers have a say in it. */
    private static String bounded(String message) {
        return Printable.line(message.length() > MAX_WORDS ? message.substring(0, MAX_WORDS) + "..." : message);
    }

    public Kind kind() {
        return kind;
    }

    /** The JSON-RPC error's code: the HTTP status that says the same. */
    public int code() {
        return kind.code;
    }

    /** The JSON-RPC error's data. */
    public String data() {
        return "{\"reason\":" + RawObject.quoted(reason) + "}";
    }

    /** Its class, as traces and metrics name it, for example {@code timeout} or {@code may_have_run}. */
    public String type() {
        return switch (kind) {
            case TIMED_OUT, NOT_REACHED -> "timeout";
            case PEER_REFUSED -> "server_certificate_invalid";
            case REFUSED_BY_PEER, NO_TOKEN, TOOL_WITHHELD, UNUSABLE_ANSWER, UNREACHABLE, MAY_HAVE_RUN ->
                reason.toLowerCase(Locale.ROOT);
        };
    }

    /** Whether nothing was sent, and a later try may succeed by itself. */
    boolean isUnreachable() {
        return kind == Kind.UNREACHABLE || kind == Kind.NOT_REACHED;
    }

    /** Whether the request may have reached the server. */
    boolean isCutOff() {
        return kind == Kind.MAY_HAVE_RUN;
    }

    /** Whether the server refused our certificate. */
    boolean isRefusedByPeer() {
        return kind == Kind.REFUSED_BY_PEER;
    }

    static Outage unreachable(URI server, String why) {
        return new Outage(Kind.UNREACHABLE, "cannot reach " + server + ": " + why);
    }

    static Outage notReached(URI server, String why) {
        return new Outage(Kind.NOT_REACHED, Kind.UNREACHABLE.name(), "", server + " took too long: " + why);
    }

    /** The server was reached, and its answer is not MCP or exceeds a bound. */
    public static Outage unusable(URI server, String why) {
        return new Outage(Kind.UNUSABLE_ANSWER, "cannot use the answer of " + server + ": " + why);
    }

    /** The server wants an access token, and none could be fetched. */
    static Outage noToken(URI server, String why) {
        return new Outage(Kind.NO_TOKEN, "no access token for " + server + ": " + why);
    }

    /** There was no answer in time. */
    public static Outage late(URI server, String why) {
        return new Outage(Kind.TIMED_OUT, server + " took too long: " + why);
    }

    /** A tool was not called because it differs from its pin. */
    public static Outage withheld(URI server, String tool, String why) {
        return new Outage(Kind.TOOL_WITHHELD, "the tool " + tool + " of " + server + " is withheld: " + why);
    }

    /** The connection broke when the server had the request, or may have had it. */
    public static Outage cutOff(URI server, String how) {
        return new Outage(
                Kind.MAY_HAVE_RUN,
                "the connection to " + server + " broke before the answer was complete (" + how
                        + "); the call may have run, so it is not repeated");
    }

    /** A server of TLS 1.3 that closes before it has said a word did not like our certificate, or broke down over the first request. */
    static Outage silent(URI server) {
        return refused(
                server,
                "",
                "it closed the connection right after our certificate, without an alert; check that one of its trust"
                        + " anchors issued our certificate");
    }

    private static Outage refused(URI server, String alert, String why) {
        return new Outage(
                Kind.REFUSED_BY_PEER,
                Kind.REFUSED_BY_PEER.name(),
                alert,
                "the server " + server + " refused our certificate: " + why + "; its audit log says why");
    }

    /** The same, with the fault that we find in our own certificate. */
    Outage because(Optional<String> objection) {
        return objection
                .map(found -> new Outage(
                                kind,
                                reason,
                                alert,
                                String.valueOf(getMessage()).replaceFirst("(?s): .*", "") + alert + ": " + found)
                        .from(getCause()))
                .orElse(this);
    }

    /**
     * The failure of an exchange before the head of its answer.
     *
     * @param connect how long the connection was waited for
     */
    static Outage of(URI server, Throwable thrown, Duration connect) {
        return thrown instanceof Outage known
                ? known
                : classified(server, thrown, connect).from(thrown);
    }

    private static Outage classified(URI server, Throwable thrown, Duration connect) {
        if (find(thrown, HttpConnectTimeoutException.class) != null) {
            return notReached(
                    server, "no connection within " + seconds(connect) + "; check the address and the network");
        }
        if (find(thrown, UnresolvedAddressException.class) != null) {
            return unreachable(server, "no such host; check the name");
        }
        if (find(thrown, ConnectException.class) != null) {
            return unreachable(server, "connection refused; start the server, or check host and port");
        }
        return find(thrown, SSLException.class) == null
                ? cutOff(server, how(thrown))
                : ofTls(server, HandshakeFailure.of(thrown));
    }

    private static Outage ofTls(URI server, HandshakeFailure failure) {
        if (failure instanceof HandshakeFailure.PeerRefused) {
            return new Outage(
                    Kind.PEER_REFUSED,
                    failure.reason(),
                    "",
                    "refused the server " + server + " (" + failure.reason() + "): " + failure.why());
        }
        if (failure instanceof HandshakeFailure.RefusedByPeer refused) {
            return refused(server, " (alert " + refused.alert() + ")", failure.why());
        }
        return failure instanceof HandshakeFailure.Closed || failure instanceof HandshakeFailure.Other
                ? cutOff(server, failure.why())
                : unreachable(server, failure.why());
    }

    /** The failure of a body that was being read. */
    static Outage reading(URI server, IOException thrown) {
        return cutOff(server, how(thrown)).from(thrown);
    }

    /** The client's words for a connection that closed name a parser. */
    private static String how(Throwable thrown) {
        boolean isClosed = find(thrown, EOFException.class) != null
                || find(thrown, ClosedChannelException.class) != null
                || String.valueOf(thrown.getMessage()).matches("(?s).*(received no bytes|EOF|closed).*");
        return isClosed ? "it was closed" : Printable.clean(String.valueOf(thrown.getMessage()));
    }

    private static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(MAX_CAUSES)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElse(null);
    }

    /** A limit in words, rounded. */
    public static String seconds(Duration limit) {
        long seconds = Math.max(1, (limit.toMillis() + 500) / 1000);
        return seconds + (seconds == 1 ? " second" : " seconds");
    }
}
