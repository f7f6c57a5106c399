// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.HeaderName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads the answer to a request of a session. A stream that ends before the answer is resumed after its last event; the request is never
 * sent again. Thread-safe.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery">Resumability, 2025-11-25</a>
 */
final class Resumption {

    private static final int ATTEMPTS = 5;

    private final Wire wire;
    private final Relay relay;

    Resumption(Wire wire, Relay relay) {
        this.wire = wire;
        this.relay = relay;
    }

    /**
     * Returns once the answer has arrived, or the exchange is aborted.
     *
     * @param headers of the session
     * @param isPassed whether the host gets the answer
     * @throws Outage when there is no event to resume after, or five attempts in a row brought none
     */
    void read(
            Map<String, String> headers,
            Message.Request request,
            Reply first,
            InFlight exchange,
            Predicate<Message.Response> isPassed) {
        Optional<Relay.Unanswered> end = relay.pass(request, first, exchange, isPassed);
        Optional<String> lastId = Optional.empty();
        Backoff backoff = new Backoff();
        int attempts = 0;
        while (end.isPresent() && !exchange.isAborted()) {
            Optional<String> reached = end.get().stream().lastId();
            if (reached.isPresent() && !reached.equals(lastId)) {
                lastId = reached;
                attempts = 0;
            }
            attempts++;
            if (lastId.isEmpty() || attempts > ATTEMPTS) {
                throw Outage.cutOff(wire.server(), end.get().how());
            }
            exchange.pause(end.get().stream().retry().orElseGet(backoff::next));
            Optional<Reply> reply = rest(headers, lastId.get(), exchange);
            if (reply.isPresent()) {
                end = relay.pass(request, reply.get(), exchange, isPassed);
            }
        }
    }

    /** The rest of a stream; empty when the server cannot be reached just now. */
    private Optional<Reply> rest(Map<String, String> headers, String lastId, InFlight exchange) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(HeaderName.LAST_EVENT_ID, lastId);
        Reply reply;
        try {
            reply = wire.get(all, exchange);
        } catch (Outage outage) {
            if (outage.isUnreachable()) {
                return Optional.empty();
            }
            throw outage;
        }
        if (!reply.isSuccess() || !reply.isStream()) {
            reply.discard();
            throw Outage.cutOff(wire.server(), "the server does not resume the stream, status " + reply.status());
        }
        return Optional.of(reply);
    }
}
