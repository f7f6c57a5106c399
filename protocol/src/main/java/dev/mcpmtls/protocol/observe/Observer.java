// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.observe;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Observes operations: requests and notifications, on the side that receives them and on the side that sends them. Called on event loops:
 * implementations are thread-safe, never block and never throw.
 */
public interface Observer {

    /** Observes nothing. */
    Observer NONE = new Observer() {};

    /**
     * A peer's request or notification has arrived.
     *
     * @param headers the value of an HTTP header; null when it is absent or there twice
     */
    default Observation received(Operation operation, UnaryOperator<@Nullable String> headers) {
        return Observation.NONE;
    }

    /**
     * A request or notification is about to be sent.
     *
     * @param cause the observation that it is a part of, from {@link #received} or {@link #current}
     */
    default Observation sent(Operation operation, Observation cause) {
        return Observation.NONE;
    }

    /**
     * An agent of this program begins to work on something, of which the requests that it sends are parts.
     *
     * @param agent its name, for example {@code coordinator}
     */
    default Observation invoked(String agent) {
        return Observation.NONE;
    }

    /** The current trace of this thread, as the cause of operations; it need not be ended. */
    default Observation current() {
        return Observation.NONE;
    }

    /**
     * A session has ended.
     *
     * @param side which side of it we were
     * @param revision the negotiated protocol version; empty when there was none
     */
    default void sessionEnded(Side side, String revision, Wire wire, Duration lasted) {}

    /** The sides of an operation or a session. */
    enum Side {
        /** Sends requests. */
        CLIENT,
        /** Receives them. */
        SERVER
    }
}
