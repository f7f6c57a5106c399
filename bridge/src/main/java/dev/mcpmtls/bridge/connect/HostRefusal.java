// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.bridge.remote.Message;
import dev.mcpmtls.bridge.remote.RawObject;
import dev.mcpmtls.bridge.remote.Reply;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.InvalidMessageException;
import java.util.Map;
import java.util.Optional;

/** An HTTP error as the JSON-RPC error that a host shows to its user. */
final class HostRefusal {

    /** Advice to the user of a host about a status. */
    private static final Map<Integer, String> REMEDIES = Map.of(
            401, "the server wants a token as well, which mcp-mtls connect does not have; ask its operator",
            403, "ask the server's operator for access; its audit log has this refusal",
            404, "check the URL's path",
            405, "check the URL's path",
            413, "send less at once",
            421,
                    "use a name of the server that is in its certificate, or have its operator add this one to"
                            + " http.allowed-hosts",
            429, "wait a moment and try again",
            503, "try again later");

    private HostRefusal() {}

    /** The JSON-RPC error that came with an HTTP error, else one that says what came, with the remedy. */
    static Message.Response of(Message.Request request, Reply reply) {
        String body = reply.text();
        RawObject error = error(body);
        Optional<String> message = error.string("message");
        Optional<String> code = error.raw("code").filter(number -> number.matches("-?\\d{1,9}"));
        Optional<String> remedy = Optional.ofNullable(REMEDIES.get(reply.status()));
        boolean isOwnWord = reply.status() == 400 || reply.status() == 404 || reply.status() == 405;
        String text;
        if (message.isPresent() && code.isPresent() && isOwnWord) {
            text = Message.failure(Optional.of(request.id()), error.text());
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
}
