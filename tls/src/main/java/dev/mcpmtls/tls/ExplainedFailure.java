// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.tls.handshake.HandshakeFailure;
import java.io.IOException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLProtocolException;

/** JSSE's exceptions with our sentence and its remedy as the message, where JSSE says no more than the name of the server's alert. */
final class ExplainedFailure {

    /** Something that JSSE does with a connection. */
    interface Step<T> {
        T take() throws IOException;
    }

    private ExplainedFailure() {}

    static <T> T explaining(Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (SSLException e) {
            throw of(e);
        }
    }

    /** Returns an exception of {@code thrown}'s type, which becomes its cause; {@code thrown} itself when there is nothing to add. */
    static SSLException of(SSLException thrown) {
        HandshakeFailure failure = HandshakeFailure.of(thrown);
        if (!(failure instanceof HandshakeFailure.RefusedByPeer || failure instanceof HandshakeFailure.NotTls)) {
            return thrown;
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
