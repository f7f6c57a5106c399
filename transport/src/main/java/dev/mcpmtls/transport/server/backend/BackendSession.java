// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One client's dealings with a backend: as long as a legacy session, or one modern request. Messages carry their raw text where
 * they came from a client. Returned publishers run when they are subscribed to. Thread-safe.
 */
public interface BackendSession {

    /** Names it among the sessions of its backend; cannot be guessed. */
    String id();

    /** The answer to {@code initialize}; a modern request has none. */
    default Mono<Welcome> welcome() {
        return Mono.error(new IllegalStateException("a modern request is not welcomed"));
    }

    /**
     * Answers a request.
     *
     * @return completes when nothing of the work is left; what it says goes to the outlet
     */
    Mono<Void> request(Caller caller, Request request, Outlet outlet);

    /** Takes a notification of the client's. */
    Mono<Void> notification(Caller caller, Notification notification);

    /**
     * Takes the client's answer to a question.
     *
     * @return fails with a {@link RefusedException} when nothing was asked under that id
     * @throws RefusedException when the answer is not of the specification's form
     */
    Mono<Void> answer(Caller caller, Response response);

    /** Hears that the client cancels a request, before the request's publisher is cancelled. */
    default void cancelled(Notification notification) {}

    /** From now on, what the backend says of its own accord goes to this outlet. */
    void listen(Outlet outlet);

    /** How another process goes on with it, known once it was welcomed; null when none can. */
    default @Nullable String resumption() {
        return null;
    }

    /** Only log messages of this level and above are wanted. */
    void minLogLevel(String level);

    /** Ends it. */
    void close();

    /** Lets go of it without ending what another process may go on with; the same as to end it when none can. */
    default void release() {
        close();
    }

    /**
     * The answer to {@code initialize}.
     *
     * @param revision the negotiated one
     * @param result anything that becomes a JSON object, or a {@link Response} whose text is the answer
     */
    record Welcome(String revision, Object result) {}
}
