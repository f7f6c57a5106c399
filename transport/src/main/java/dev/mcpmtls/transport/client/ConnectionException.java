// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.trust.Rejection;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse.JSONRPCError;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server could not be used. The message says what, why, and what to do. */
public abstract sealed class ConnectionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int MAX_WORDS = 4_000;

    private ConnectionException(String message, @Nullable Throwable cause) {
        super(printable(message), cause); // servers have a say in it
    }

    /**
     * A server's words, fit for a log line or a terminal. Control characters are escaped as {@code \\uXXXX}, other characters of any
     * script stay, and long texts are cut.
     */
    static String printable(String text) {
        String bounded = text.length() > MAX_WORDS ? text.substring(0, MAX_WORDS) + "..." : text;
        return Printable.line(bounded);
    }

    /** The connection failure among {@code thrown} and its causes: the SDK wraps what a transport throws. */
    public static Optional<ConnectionException> in(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ConnectionException found) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** The code of the JSON-RPC error with which the server answered, among {@code thrown} and its causes. */
    public static OptionalInt errorCode(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .filter(McpError.class::isInstance)
                .map(cause -> ((McpError) cause).getJsonRpcError())
                .filter(Objects::nonNull)
                .mapToInt(JSONRPCError::code)
                .findFirst();
    }

    /** No connection, or it broke before the answer was complete. */
    public static final class Unreachable extends ConnectionException {

        private static final long serialVersionUID = 1L;

        Unreachable(URI server, String why, @Nullable Throwable cause) {
            super("cannot reach " + server + ": " + why, cause);
        }
    }

    /** The server wants an access token, and none could be fetched; the cause says why. */
    public static final class NotAuthorized extends ConnectionException {

        private static final long serialVersionUID = 1L;

        NotAuthorized(URI server, Throwable cause) {
            super("no access token for " + server + ": " + cause.getMessage(), cause);
        }
    }

    /** We refused the server's certificate. */
    public static final class PeerRefused extends ConnectionException {

        private static final long serialVersionUID = 1L;

        private final transient List<Rejection> findings;

        PeerRefused(URI server, List<Rejection> findings, @Nullable Throwable cause) {
            super(
                    "refused the server " + server + " (" + findings.get(0).reason() + "): "
                            + findings.get(0).explain() + "; "
                            + findings.get(0).remedy(),
                    cause);
            this.findings = List.copyOf(findings);
        }

        /** The reasons why it was refused, most serious first; at least one. */
        public List<Rejection> findings() {
            return findings;
        }
    }

    /** The server refused our certificate: it sent an alert, or closed right after the handshake without a word. */
    public static final class RefusedByPeer extends ConnectionException {

        private static final long serialVersionUID = 1L;

        private final URI server;
        private final @Nullable String alert;

        RefusedByPeer(URI server, @Nullable String alert, String why, @Nullable Throwable cause) {
            this(server, alert, "", why, cause);
        }

        private RefusedByPeer(URI server, @Nullable String alert, String by, String why, @Nullable Throwable cause) {
            super("the server " + server + " refused our certificate" + by + ": " + why, cause);
            this.server = server;
            this.alert = alert;
        }

        /**
         * The same, with the faults that we find in our own certificate.
         *
         * @param objections most serious first; may be empty
         */
        RefusedByPeer because(List<Rejection> objections, Credential own) {
            return objections.isEmpty()
                    ? this
                    : new RefusedByPeer(
                            server,
                            alert,
                            alert == null ? "" : " (alert " + alert + ")",
                            objections.get(0).explain() + "; "
                                    + own.remedy(objections.get(0).remedy()),
                            getCause());
        }

        /** The alert's name in RFC 8446, for example {@code unknown_ca}; empty when the server just closed. */
        public Optional<String> alert() {
            return Optional.ofNullable(alert);
        }
    }

    /** No connection, handshake or answer in time. */
    public static final class TimedOut extends ConnectionException {

        private static final long serialVersionUID = 1L;

        TimedOut(URI server, String what, @Nullable Throwable cause) {
            super(server + " took too long: " + what, cause);
        }
    }

    /** The server was reached, and what it answered is not MCP or exceeds a bound. */
    public static final class UnusableAnswer extends ConnectionException {

        private static final long serialVersionUID = 1L;

        UnusableAnswer(URI server, String why, @Nullable Throwable cause) {
            super("cannot use the answer of " + server + ": " + why, cause);
        }
    }

    /** The server was reached, and a tool was not called because it differs from its pins. */
    public static final class ToolWithheld extends ConnectionException {

        private static final long serialVersionUID = 1L;

        private final transient PinChange change;

        ToolWithheld(URI server, String tool, PinChange change) {
            super(
                    "the tool " + tool + " of " + server + " is withheld: "
                            + change.kind().why(),
                    null);
            this.change = change;
        }

        /** How it differs from its pin. */
        public PinChange change() {
            return change;
        }
    }
}
