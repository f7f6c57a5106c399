// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLProtocolException;

/**
 * The exceptions that JSSE throws on one connection. Where JSSE only names the server's alert, our sentence and its remedy become the
 * message. A refusal by the server is recorded once, unless the server has sent data before. Thread-safe.
 */
final class ExplainedFailure {

    /** Something that JSSE does with a connection. */
    interface Step<T> {
        T take() throws IOException;
    }

    private final HandshakeLog log;
    private final Hellos hellos;
    private final Supplier<InetSocketAddress> server;
    private final AtomicBoolean isDecided = new AtomicBoolean();

    /** Asks for the server's address only when there is a refusal to record. */
    ExplainedFailure(HandshakeLog log, Hellos hellos, Supplier<InetSocketAddress> server) {
        this.log = log;
        this.hellos = hellos;
        this.server = server;
    }

    /** The server has sent data, so it has accepted this client. */
    void served() {
        isDecided.set(true);
    }

    <T> T explaining(Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (SSLException e) {
            throw of(e);
        }
    }

    /** Returns an exception of {@code thrown}'s type, which becomes its cause; {@code thrown} itself when there is nothing to add. */
    SSLException of(SSLException thrown) {
        HandshakeFailure failure = HandshakeFailure.of(thrown);
        if (!(failure instanceof HandshakeFailure.RefusedByPeer || failure instanceof HandshakeFailure.NotTls)) {
            return thrown;
        }
        if (!isDecided.getAndSet(true)) {
            log.failed(new ConnectionFacts(hellos.id(), Side.CLIENT, server.get(), Optional.empty()), failure);
        }
        SSLException explained = sameType(thrown, failure.why());
        explained.initCause(thrown);
        explained.setStackTrace(thrown.getStackTrace());
        return explained;
    }

    private static SSLException sameType(SSLException thrown, String message) {
        if (thrown instanceof SSLHandshakeException) {
            return new SSLHandshakeException(message);
        }
        if (thrown instanceof SSLProtocolException) {
            return new SSLProtocolException(message);
        }
        if (thrown instanceof SSLKeyException) {
            return new SSLKeyException(message);
        }
        return thrown instanceof SSLPeerUnverifiedException
                ? new SSLPeerUnverifiedException(message)
                : new SSLException(message);
    }
}
