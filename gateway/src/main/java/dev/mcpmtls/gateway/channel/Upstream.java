// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.server.caller.Caller;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/** A server elsewhere: how it is reached, and what is known of it. Thread-safe. */
public interface Upstream {

    /** The longest {@link #patience}. Our clients wait longer unless they are told otherwise, so that they receive the explanation. */
    Duration MOST_PATIENCE = Duration.ofSeconds(20);

    /** The name of its entry. */
    String name();

    /**
     * Opens a channel. Not on an event loop: this may block.
     *
     * @param caller for whom it is opened
     * @throws UpstreamFailure when none can be opened
     */
    Channel open(Caller caller, Channel.Receiver receiver);

    /**
     * Opens a channel to a session that another process opened.
     *
     * @param session as {@link Channel#session} gave it there
     * @return empty when that cannot be
     */
    default Optional<Channel> resume(Caller caller, Channel.Receiver receiver, String version, String session) {
        return Optional.empty();
    }

    /** Whether its requests carry the caller in {@code _meta}, because no header could. */
    boolean namesCallersInMessages();

    /** How long a request may take without a sign of progress. */
    Duration timeout();

    /** How long a client waits for it to start before it is told that this takes longer. */
    default Duration patience() {
        return timeout().compareTo(MOST_PATIENCE) < 0 ? timeout() : MOST_PATIENCE;
    }

    /** The observer of the requests that it is sent. */
    default Observer observer() {
        return Observer.NONE;
    }

    /** How messages travel to it. */
    default Wire wire() {
        return Wire.PIPE;
    }

    /** The tools that it has listed. */
    ToolCatalog tools();

    /** Where channels are opened. */
    Executor executor();
}
