// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads, edits and makes messages with their texts. */
public final class Messages {

    /** The largest message that a server may send, in bytes. */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final Json JSON = new Json(256, MAX_BYTES);

    private Messages() {}

    /**
     * Reads a message; its text is on one line.
     *
     * @throws dev.mcpmtls.protocol.InvalidMessageException when it is not strict JSON, has duplicate members, or is no message
     */
    public static JsonRpcMessage read(String text) {
        return Json.message(JsonText.onOneLine(text), JSON.read(text));
    }

    /**
     * Whether this is JSON that says what went wrong, if not about which request.
     *
     * @throws dev.mcpmtls.protocol.InvalidMessageException when it is no strict JSON
     */
    public static boolean isError(String text) {
        return JSON.read(text).get("error") instanceof Map;
    }

    /** The text, of a message that has one. */
    public static String text(JsonRpcMessage message) {
        String text = message.text();
        if (text == null) {
            throw new IllegalStateException("this message has no text");
        }
        return text;
    }

    /** The request with a text. */
    public static Request written(Request request) {
        return request.text() == null ? request(request.id(), request.method(), json(request.params())) : request;
    }

    /** The message with another text, which differs only in what its receiver must see differently. */
    public static Request with(Request request, Object id, String text) {
        return new Request(id, request.method(), request.params(), text);
    }

    /** The answer with another id. */
    public static Response answering(Object id, Response response) {
        return new Response(id, response.whole(), JsonText.set(text(response), JsonText.scalar(id), "id"));
    }

    /** A request of our own. */
    public static Request request(Object id, String method, @Nullable String params) {
        return (Request) read("{\"jsonrpc\":\"2.0\",\"id\":" + JsonText.scalar(id) + ",\"method\":"
                + JsonText.quote(method) + (params == null ? "" : ",\"params\":" + params) + "}");
    }

    /** A notification of our own. */
    public static Notification notification(String method, @Nullable String params) {
        return (Notification) read("{\"jsonrpc\":\"2.0\",\"method\":" + JsonText.quote(method)
                + (params == null ? "" : ",\"params\":" + params) + "}");
    }

    /** A result of our own. */
    public static Response result(Object id, String result) {
        return (Response) read("{\"jsonrpc\":\"2.0\",\"id\":" + JsonText.scalar(id) + ",\"result\":" + result + "}");
    }

    /** An error of our own. */
    public static Response error(Object id, int code, String message) {
        return (Response) read("{\"jsonrpc\":\"2.0\",\"id\":" + JsonText.scalar(id) + ",\"error\":{\"code\":" + code
                + ",\"message\":" + JsonText.quote(message) + "}}");
    }

    /** A value as JSON. */
    public static String json(Object value) {
        return Json.text(JSON.write(value));
    }

    /** A value as JSON with all members sorted. */
    public static String canonical(Object value) {
        return JSON.canonical(value);
    }
}
