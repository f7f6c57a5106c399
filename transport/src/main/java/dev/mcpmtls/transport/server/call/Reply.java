// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.transport.server.caller.RefusedException;
import org.jspecify.annotations.Nullable;

/**
 * The one response to a request: a single JSON document, or, from the first event on, a stream of events. Callable from any thread;
 * everything happens in order on the connection's event loop. Output after the end, or after the client has gone, is dropped.
 */
public interface Reply {

    /** Runs the action on the connection's event loop, at once when this is its thread. */
    void onLoop(Runnable action);

    /** Lets what is sent from now on, by any thread, leave in this order and after what the event loop does now. On the event loop only. */
    void defer();

    /** The request's slot, which the reply tells when its answer leaves. */
    void holds(Slot slot);

    /** Runs the action once, when the response has left or the client has. */
    void whenDone(Runnable action);

    /** Runs the action once if the client goes away before the response is complete. */
    void whenGone(Runnable action);

    /** A header of the response; ignored once the response has begun. */
    Reply header(String name, String value);

    /** For a message that needs no answer. */
    void accepted();

    /** A status and nothing else. */
    void empty(int status);

    /** A JSON-RPC error with its status; on a stream that is already open, an event without the status. */
    void error(@Nullable Object id, RefusedException refused);

    /** As {@link #error}, for a request of which nothing was done. */
    void refuse(@Nullable Object id, RefusedException refused);

    /** The final message: the whole response, or the last event of a stream. A message for which there is no room is refused instead. */
    void answer(int status, @Nullable String eventId, byte[] message);

    /** One more message on the stream, which this opens if need be. */
    void event(@Nullable String eventId, byte[] message);

    /** Opens the stream without an event. */
    void open();

    /** Ends a stream; a response that has not begun is an {@link #accepted} one. */
    void end();
}
