// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.bridge.remote.Message;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.RawObject;
import dev.mcpmtls.bridge.remote.Reply;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.InvalidMessageException;
import java.util.Optional;

/** An HTTP error in the words of a person at a terminal. */
final class ClientRefusal {

    private static final int MOST_QUOTED = 256;

    private ClientRefusal() {}

    /**
     * The JSON-RPC error that came with an HTTP error.
     *
     * @throws Outage when none came
     */
    static Message.Response of(Message.Request request, Reply reply) {
        String body = reply.text();
        RawObject error = error(body);
        if (error.raw("code").isPresent()) {
            return (Message.Response) Message.parse(Message.failure(Optional.of(request.id()), error.text()));
        }
        throw Outage.unusable(
                reply.server(),
                describe(reply, error.string("message").orElse(body).strip()));
    }

    private static RawObject error(String body) {
        try {
            return RawObject.parse(body).object("error");
        } catch (InvalidMessageException e) {
            return RawObject.EMPTY;
        }
    }

    private static String describe(Reply reply, String told) {
        String status = "HTTP status " + reply.status();
        if (reply.status() >= 300 && reply.status() < 400) {
            return status + ", a redirect to "
                    + Printable.quote(reply.header("Location").orElse(""))
                    + "; redirects are not followed, use that address if it is the right one";
        }
        String detail = told.isEmpty() ? "" : ", " + quoted(told);
        return switch (reply.status()) {
            case 404, 405 -> status + detail + "; check the path, usually /mcp";
            case 413 ->
                status + detail + "; the request is larger than the server allows (http.max-body on our servers)";
            case 401, 403 -> status + detail + "; the server knows our identity and does not permit the request";
            default -> status + " with media type " + Printable.quote(reply.mediaType()) + detail;
        };
    }

    /** Readable JSON, too. A quotation mark of the server's must not end the quotation. */
    private static String quoted(String told) {
        return "'" + Printable.line(Printable.cut(told, MOST_QUOTED)).replace("'", "\\u0027") + "'";
    }
}
