// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.InvalidMessageException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Passes the messages of an answer on, each as it comes and as the text that it came in.
 *
 * @param host takes what passes: a host on the desktop, or a program
 * @param refusals puts an HTTP error into words, or throws an {@link Outage}
 * @param notices where sentences about messages go that are no use
 */
public record Relay(Consumer<Message> host, Refusals refusals, Consumer<String> notices) {

    /** The words for an answer that is an HTTP error. */
    @FunctionalInterface
    public interface Refusals {
        Message.Response of(Message.Request request, Reply reply);
    }

    /** How a stream ended that did not bring the answer. */
    record Unanswered(EventStream stream, String how) {}

    /**
     * Passes on what answers the request.
     *
     * @param isPassed sees the answer first, and says whether the host gets it
     * @return nothing, unless a stream ended without the answer
     * @throws Outage when the answer cannot be used
     */
    Optional<Unanswered> pass(
            Message.Request request, Reply reply, InFlight exchange, Predicate<Message.Response> isPassed) {
        if (!reply.isSuccess()) {
            answer(refusals.of(request, reply), exchange, isPassed);
            return Optional.empty();
        }
        if (reply.isStream()) {
            return passStream(request, reply, exchange, isPassed);
        }
        if (!reply.mediaType().equals("application/json")) {
            reply.discard();
            throw Outage.unusable(
                    reply.server(),
                    "it is of the type " + Printable.quote(reply.mediaType()) + " (status " + reply.status()
                            + "), not JSON; check that it is an MCP server");
        }
        Message message = parse(reply, reply.text());
        if (!(message instanceof Message.Response response) || !response.answers(request)) {
            throw Outage.unusable(reply.server(), "it does not answer the request; check that it is an MCP server");
        }
        answer(response, exchange, isPassed);
        return Optional.empty();
    }

    private Optional<Unanswered> passStream(
            Message.Request request, Reply reply, InFlight exchange, Predicate<Message.Response> isPassed) {
        EventStream stream = new EventStream(Wire.MAX_MESSAGE);
        boolean[] isAnswered = new boolean[1];
        String how = "the stream ended";
        try {
            reply.events(stream, event -> {
                Optional<Message> message = known(event);
                if (message.isPresent()
                        && message.get() instanceof Message.Response response
                        && response.answers(request)) {
                    answer(response, exchange, isPassed);
                    isAnswered[0] = true;
                } else {
                    message.ifPresent(host);
                }
                return isAnswered[0];
            });
        } catch (IOException e) {
            how = "the stream broke";
        }
        return isAnswered[0] ? Optional.empty() : Optional.of(new Unanswered(stream, how));
    }

    /**
     * Passes on what a server says unasked, until the stream ends.
     *
     * @throws IOException when it breaks
     */
    void passAll(Reply reply, EventStream stream) throws IOException {
        reply.events(stream, event -> {
            known(event).ifPresent(host);
            return false;
        });
    }

    private void answer(Message.Response response, InFlight exchange, Predicate<Message.Response> isPassed) {
        if (isPassed.test(response) && !exchange.isAborted()) {
            host.accept(response);
        }
    }

    /** A message of the server; one that is none is left out, because the host reads nothing but protocol. */
    private Optional<Message> known(String text) {
        try {
            return Optional.of(Message.parse(text));
        } catch (InvalidMessageException e) {
            notices.accept("left out something that the server sent: " + e.message());
            return Optional.empty();
        }
    }

    private static Message parse(Reply reply, String text) {
        try {
            return Message.parse(text);
        } catch (InvalidMessageException e) {
            throw Outage.unusable(reply.server(), e.message()).from(e);
        }
    }
}
