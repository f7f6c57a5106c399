// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The messages of an event stream. */
final class Events {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final String name;
    private final EventStream stream = new EventStream(Messages.MAX_BYTES);

    /** @param name of the server */
    Events(String name) {
        this.name = name;
    }

    /**
     * Passes on the messages that these bytes complete.
     *
     * @throws RuntimeException when an event is too large
     */
    void feed(byte[] bytes, Consumer<JsonRpcMessage> to) {
        for (EventStream.Event event : stream.feed(bytes)) {
            try {
                to.accept(Messages.read(event.data()));
            } catch (InvalidMessageException e) {
                LOG.warn("the server {} sent an event that is no message, which is dropped: {}", name, e.message());
            }
        }
    }

    /** The last event's id, after which the stream can be taken up again. */
    Optional<String> lastId() {
        return stream.lastId();
    }
}
