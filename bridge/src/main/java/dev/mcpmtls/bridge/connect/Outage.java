// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A server that gave no usable answer. The message says why and what to do; it becomes a JSON-RPC error. No stack trace. */
final class Outage extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final String MAY_HAVE_RUN = "MAY_HAVE_RUN";
    private static final String REFUSED_BY_PEER = "REFUSED_BY_PEER";
    private static final int REFUSED = 403;
    private static final int UNUSABLE = 502;
    private static final int UNREACHABLE = 503;
    private static final int TIMED_OUT = 504;
    private static final int MAX_CAUSES = 16;

    private final int code;
    private final String reason;

    private Outage(int code, String reason, String message) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
    }

    /** The JSON-RPC error's code: the HTTP status that says the same. */
    int code() {
        return code;
    }

    /** The JSON-RPC error's data. */
    String data() {
        return "{\"reason\":" + RawObject.quoted(reason) + "}";
    }

    /** Its class, as traces and metrics name it, for example {@code timeout} or {@code may_have_run}. */
    String type() {
        return code == TIMED_OUT ? "timeout" : reason.toLowerCase(Locale.ROOT);
    }

    /** Whether a later try may succeed by itself. */
    boolean isUnreachable() {
        return code == UNREACHABLE;
    }

    static Outage unreachable(URI server, String why) {
        return new Outage(UNREACHABLE, "UNREACHABLE", "cannot reach " + server + ": " + why);
    }

    static Outage unusable(URI server, String why) {
        return new Outage(UNUSABLE, "UNUSABLE_ANSWER", "cannot use the answer of " + server + ": " + why);
    }

    static Outage late(URI server, String why) {
        return new Outage(TIMED_OUT, "TIMED_OUT", server + " took too long: " + why);
    }

    /** A server of TLS 1.3 that closes before it has said a word did not like our certificate, or broke down over the first request. */
    static Outage silent(URI server, Optional<String> objection) {
        return refused(
                REFUSED_BY_PEER,
                "the server " + server + " closed the connection right after our certificate, without a word; "
                        + objection.orElse("check that one of its trust anchors issued our certificate")
                        + "; its audit log says why");
    }

    /** The same, with the fault that we find in our own certificate. */
    Outage because(Optional<String> objection) {
        return objection
                .map(found -> new Outage(
                        code, reason, String.valueOf(getMessage()).replaceFirst("(?s): .*", "") + ": " + found))
                .orElse(this);
    }

    /** Whether the request may have reached the server. */
    boolean isCutOff() {
        return reason.equals(MAY_HAVE_RUN);
    }

    /** Whether the server refused our certificate. */
    boolean isRefusedByPeer() {
        return reason.equals(REFUSED_BY_PEER);
    }

    private static Outage refused(String reason, String message) {
        return new Outage(REFUSED, reason, message);
    }

    /** The connection broke when the server had the request, or may have had it. */
    static Outage cutOff(URI server, String how) {
        return new Outage(
                UNREACHABLE,
                MAY_HAVE_RUN,
                "the connection to " + server + " broke before the answer was complete (" + how
                        + "); the call may have run, so it is not repeated");
    }

    /**
     * The failure of an exchange.
     *
     * @param isAnswering whether the head of the answer had come
     */
    static Outage of(URI server, Throwable thrown, boolean isAnswering) {
        if (thrown instanceof Outage known) {
            return known;
        }
        if (find(thrown, HttpConnectTimeoutException.class) != null) {
            return unreachable(server, "no connection within 3 seconds; check the address and the network");
        }
        if (find(thrown, UnresolvedAddressException.class) != null) {
            return unreachable(server, "no such host; check the name");
        }
        if (find(thrown, ConnectException.class) != null) {
            return unreachable(server, "connection refused; start the server, or check host and port");
        }
        if (!isAnswering && find(thrown, SSLException.class) != null) {
            return ofTls(server, HandshakeFailure.of(thrown));
        }
        return cutOff(server, how(thrown));
    }

    private static Outage ofTls(URI server, HandshakeFailure failure) {
        if (failure instanceof HandshakeFailure.PeerRefused) {
            return refused(
                    failure.reason(), "refused the server " + server + " (" + failure.reason() + "): " + failure.why());
        }
        if (failure instanceof HandshakeFailure.RefusedByPeer) {
            return refused(
                    failure.reason(),
                    "the server " + server + " refused our certificate: " + failure.why() + "; its audit log says why");
        }
        return failure instanceof HandshakeFailure.Closed || failure instanceof HandshakeFailure.Other
                ? cutOff(server, failure.why())
                : unreachable(server, failure.why());
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

    /** The failure of a body that was being read. */
    static Outage reading(URI server, IOException thrown) {
        return of(server, thrown, true);
    }
}
