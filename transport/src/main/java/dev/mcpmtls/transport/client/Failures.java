// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.transport.client.ConnectionException.PeerRefused;
import dev.mcpmtls.transport.client.ConnectionException.RefusedByPeer;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import dev.mcpmtls.transport.client.ConnectionException.Unreachable;
import dev.mcpmtls.transport.netty.NettyFailure;
import dev.mcpmtls.transport.netty.TlsConnection;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.StreamResetException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells what went wrong from what the HTTP client threw. */
final class Failures {

    private static final String SAYS_WHY = "; its audit log says why";

    private Failures() {}

    /**
     * A failure to open a connection.
     *
     * @param handshaken the latest connection that completed a handshake. Over HTTP/2 a connection is open only when the server has
     *     sent something, so a TLS 1.3 refusal arrives earlier
     */
    static RuntimeException connecting(
            URI server, @Nullable TlsConnection handshaken, boolean heard, Throwable thrown) {
        if (thrown instanceof ConnectionException known) {
            return known;
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ConnectTimeoutException) {
                return new TimedOut(server, "no TCP connection; check the address and the network", thrown);
            }
            if (t instanceof UnknownHostException) {
                return new Unreachable(server, "no such host; check the name", thrown);
            }
            if (t instanceof ConnectException) {
                return new Unreachable(server, "connection refused; start the server, or check host and port", thrown);
            }
            if (t instanceof SSLException) {
                return handshaking(server, NettyFailure.of(thrown), thrown);
            }
        }
        return answering(server, handshaken, heard, thrown);
    }

    private static ConnectionException handshaking(URI server, HandshakeFailure failure, Throwable thrown) {
        if (failure instanceof HandshakeFailure.PeerRefused refused) {
            return new PeerRefused(server, refused.findings(), thrown);
        }
        if (failure instanceof HandshakeFailure.RefusedByPeer refused) {
            return new RefusedByPeer(server, refused.alert(), failure.why() + SAYS_WHY, thrown);
        }
        if (failure instanceof HandshakeFailure.TimedOut) {
            return new TimedOut(server, failure.why(), thrown);
        }
        return new Unreachable(server, failure.why(), thrown);
    }

    /**
     * A failure on an open connection, before the answer was complete. Whether the server has acted on the request is not
     * known, so nothing is sent again.
     *
     * @param heard whether the server has ever said a word on this connection; a TLS 1.3 server that closes before it has did not
     *     like our certificate
     */
    static RuntimeException answering(URI server, @Nullable TlsConnection connection, boolean heard, Throwable thrown) {
        if (thrown instanceof ConnectionException known) {
            return known;
        }
        Optional<String> alert = connection == null ? Optional.empty() : connection.refusal();
        if (alert.isPresent()) {
            return handshaking(server, new HandshakeFailure.RefusedByPeer(alert.get()), thrown);
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof TimeoutException) {
                return new TimedOut(
                        server, "no byte of the answer in time; raise the time-out, or look at the server", thrown);
            }
        }
        if (!heard) {
            return new RefusedByPeer(
                    server,
                    null,
                    "it closed the connection right after our certificate, without an alert; check that one of its"
                            + " trust anchors issued our certificate" + SAYS_WHY,
                    thrown);
        }
        String how =
                thrown instanceof StreamResetException reset ? "reset the request (" + reset.getCode() + ")" : "closed";
        return new Unreachable(
                server,
                "it " + how + " before the answer was complete; whether it acted on the request is not known",
                thrown);
    }
}
