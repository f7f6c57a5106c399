// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.InvalidMessageException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Passes the messages of an answer on to the host, each as it comes and as the text that it came in.
 *
 * @param host takes what passes
 * @param notices where sentences about messages go that are no use
 */
record Relay(Consumer<Message> host, Consumer<String> notices) {

    /** Advice to the user of a host about a status. */
    private static final Map<Integer, String> REMEDIES = Map.of(
            401, "the server wants a token as well, which mcp-mtls connect does not have; ask its operator",
            403, "ask the server's operator for access; its audit log has this refusal",
            404, "check the URL's path",
            405, "check the URL's path",
            413, "send less at once",
            421,
                    "use a name of the server that is in its certificate, or have its operator add this one to http.allowed-hosts",
            429, "wait a moment and try again",
            503, "try again later");

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
            answer(refusal(request, reply), exchange, isPassed);
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
        EventStream stream = new EventStream(reply.maxBytes());
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
            throw Outage.unusable(reply.server(), e.message());
        }
    }

    /** The JSON-RPC error that came with an HTTP error, else one that says what came, with the remedy. */
    private static Message.Response refusal(Message.Request request, Reply reply) {
        String body = reply.text();
        RawObject error = error(body);
        Optional<String> message = error.string("message");
        Optional<String> code = error.raw("code").filter(number -> number.matches("-?\\d{1,9}"));
        Optional<String> remedy = Optional.ofNullable(REMEDIES.get(reply.status()));
        boolean isOwnWord = reply.status() == 400 || reply.status() == 404 || reply.status() == 405;
        String text;
        if (message.isPresent() && code.isPresent() && isOwnWord) {
            text = Message.failure(Optional.of(request.id()), json(body));
        } else {
            String said = message.map(Printable::clean)
                    .orElseGet(() -> reply.server() + " answered with the status " + reply.status());
            text = Message.error(
                    Optional.of(request.id()),
                    code.map(Integer::parseInt).orElse(reply.status()),
                    said + remedy.map(what -> "; " + what).orElse(""),
                    Optional.of(error.raw("data").orElse("{\"status\":" + reply.status() + "}")));
        }
        return (Message.Response) Message.parse(text);
    }

    private static RawObject error(String body) {
        try {
            return RawObject.parse(body).object("error");
        } catch (InvalidMessageException e) {
            return RawObject.EMPTY;
        }
    }

    private static String json(String body) {
        return RawObject.parse(body).raw("error").orElseThrow();
    }
}
