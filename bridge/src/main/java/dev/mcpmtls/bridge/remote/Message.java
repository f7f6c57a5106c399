// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.InvalidMessageException;
import java.util.Optional;

/** One JSON-RPC message as the text that it came in, and what its envelope says. */
public sealed interface Message {

    /** The whole message. */
    String text();

    /**
     * Wants an answer.
     *
     * @param id as JSON
     * @param params empty when absent
     */
    record Request(String text, String id, String method, RawObject params) implements Message {

        /** The same id for all ways to write it. */
        public String key() {
            return RawObject.idKey(id);
        }
    }

    /**
     * Wants no answer.
     *
     * @param params empty when absent
     */
    record Notification(String text, String method, RawObject params) implements Message {}

    /**
     * Answers a request.
     *
     * @param id as JSON; {@code null} when it is absent
     */
    record Response(String text, String id, RawObject whole) implements Message {

        /** Whether it answers the request; an error without an id answers the request that it came for. */
        public boolean answers(Request request) {
            return RawObject.idKey(id).equals(request.key()) || (id.equals("null") && isError());
        }

        public boolean isError() {
            return whole.raw("error").isPresent();
        }

        public RawObject result() {
            return whole.object("result");
        }
    }

    /**
     * Reads the envelope.
     *
     * @throws InvalidMessageException when it is not a JSON-RPC 2.0 message
     */
    static Message parse(String text) {
        RawObject whole = RawObject.parse(text);
        if (!whole.string("jsonrpc").filter("2.0"::equals).isPresent()) {
            throw invalid("the member 'jsonrpc' must be \"2.0\"");
        }
        Optional<String> id = whole.raw("id");
        if (whole.raw("method").isEmpty()) {
            if (whole.raw("result").isPresent() == whole.raw("error").isPresent()) {
                throw invalid("a message has a 'method', or either a 'result' or an 'error'");
            }
            return new Response(text, id.orElse("null"), whole);
        }
        String method = whole.string("method")
                .filter(name -> !name.isEmpty())
                .orElseThrow(() -> invalid("the member 'method' must be a string"));
        if (id.isEmpty()) {
            return new Notification(text, method, whole.object("params"));
        }
        if (!id.get().matches("(?s)[\"0-9-].*")) {
            throw invalid("the member 'id' must be a string or a number");
        }
        return new Request(text, id.get(), method, whole.object("params"));
    }

    /** A request of the bridge's own. */
    static Request request(String id, String method, Optional<String> params) {
        String json = "{\"jsonrpc\":\"2.0\",\"id\":" + RawObject.quoted(id) + ",\"method\":" + RawObject.quoted(method)
                + params.map(value -> ",\"params\":" + value).orElse("") + "}";
        return new Request(json, RawObject.quoted(id), method, RawObject.of(params));
    }

    /** A notification of the bridge's own. */
    static String notification(String method, Optional<String> params) {
        return "{\"jsonrpc\":\"2.0\",\"method\":" + RawObject.quoted(method)
                + params.map(value -> ",\"params\":" + value).orElse("") + "}";
    }

    /**
     * An error that answers a request.
     *
     * @param id as JSON; empty for a message whose id cannot be known
     * @param data as JSON
     */
    static String error(Optional<String> id, int code, String message, Optional<String> data) {
        return failure(
                id,
                "{\"code\":" + code + ",\"message\":" + RawObject.quoted(message)
                        + data.map(value -> ",\"data\":" + value).orElse("") + "}");
    }

    /** As {@link #error}, of an error's JSON. */
    static String failure(Optional<String> id, String error) {
        return "{\"jsonrpc\":\"2.0\"" + id.map(value -> ",\"id\":" + value).orElse("") + ",\"error\":" + error + "}";
    }

    private static InvalidMessageException invalid(String message) {
        return new InvalidMessageException(ErrorCode.INVALID_REQUEST, message);
    }
}
