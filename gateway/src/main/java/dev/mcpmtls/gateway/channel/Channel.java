// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.transport.server.caller.Caller;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Carries messages to an upstream server and back. Thread-safe; nothing here blocks. */
public interface Channel {

    /**
     * Sends a message's text.
     *
     * @param caller for whom it is sent
     * @throws UpstreamFailure when the channel has ended or the server does not read
     */
    void send(JsonRpcMessage message, Caller caller);

    /**
     * Sends a notification.
     *
     * @return completes when nothing that is sent later can overtake it
     * @throws UpstreamFailure when the channel has ended or the server does not read
     */
    default CompletionStage<?> tell(Notification notification, Caller caller) {
        send(notification, caller);
        return CompletableFuture.completedFuture(null);
    }

    /** Stops waiting for the answer to a request, where that takes more than a message. */
    default void abandon(Object id) {}

    /** How another process goes on with the session; empty when none can. */
    default Optional<String> session() {
        return Optional.empty();
    }

    /** Ends it. Later messages of the server are dropped. */
    void close();

    /** Lets go of it; a session that another process can go on with stays open at the server. */
    default void release() {
        close();
    }

    /** Receives what a server says, one call after the other. */
    interface Receiver {

        /**
         * A message.
         *
         * @param about the id of the request on whose stream it came; null when the channel does not know
         */
        void received(JsonRpcMessage message, @Nullable Object about);

        /** The answer to a request comes on a stream that can be taken up again. */
        default void began(Object id) {}

        /** A request will not be answered. */
        void failed(Object id, UpstreamFailure failure);

        /**
         * Nothing more will come, and nothing can be sent. The last call, made once.
         *
         * @param asked whether we closed the channel
         */
        void ended(UpstreamFailure why, boolean asked);
    }
}
