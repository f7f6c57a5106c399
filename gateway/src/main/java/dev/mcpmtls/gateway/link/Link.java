// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.transport.server.caller.Owner;
import java.util.Optional;

/** The server's side of a conversation, which can be stopped while nothing is in flight and is opened again when it is needed. Thread-safe. */
public interface Link {

    /** The identity that uses it; empty when all identities do. */
    Optional<Owner> owner();

    /** Whether the server's side is open. */
    boolean isOpen();

    /** Whether something is in flight. */
    boolean isBusy();

    /** Whether a client waits for what the server says of its own accord. */
    boolean isExpectant();

    /** Whether no client uses it. */
    boolean isForsaken();

    /** When it was used last, from {@link System#nanoTime()}. */
    long usedAt();

    /** Fails requests on which the server has been silent for too long. */
    void sweep(long now);

    /** Stops the server's side; the next request opens it again. */
    void pause();

    /** Ends it for good. */
    void close();
}
