// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse.JSONRPCError;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** JSON-RPC messages in and out of HTTP bodies. */
final class Codec {

    private static final TypeRef<Map<String, Object>> OBJECT = new TypeRef<>() {};
    private static final TypeRef<List<Object>> ARRAY = new TypeRef<>() {};
    private static final int MOST_QUOTED = 256;

    private final McpJsonMapper json;
    private final URI server;

    Codec(McpJsonMapper json, URI server) {
        this.json = json;
        this.server = server;
    }

    byte[] encode(JSONRPCMessage message) {
        try {
            return json.writeValueAsBytes(message);
        } catch (IOException e) {
            throw new IllegalArgumentException("the message does not encode as JSON: " + e.getMessage(), e);
        }
    }

    /** The messages of an answer, decoded off the event loop, in order. */
    Flux<JSONRPCMessage> messages(Reply reply, EventStream stream) {
        if (reply.isEventStream()) {
            return reply.events(stream)
                    .publishOn(Schedulers.boundedElastic())
                    .concatMapIterable(event -> decode(event.data()));
        }
        if (reply.mediaType().equals("application/json")) {
            return reply.text().publishOn(Schedulers.boundedElastic()).flatMapIterable(this::decode);
        }
        reply.discard();
        return Flux.error(new UnusableAnswer(server, describe(reply, ""), null));
    }

    /** One message, or the messages of a batch (2025-03-26). Error messages are made {@link ConnectionException#printable}, for exceptions. */
    List<JSONRPCMessage> decode(String text) {
        try {
            if (!text.stripLeading().startsWith("[")) {
                return List.of(decodeOne(text));
            }
            List<JSONRPCMessage> batch = new ArrayList<>();
            for (Object member : json.readValue(text, ARRAY)) {
                batch.add(decodeOne(json.writeValueAsString(member)));
            }
            return batch;
        } catch (IOException | RuntimeException e) {
            throw new UnusableAnswer(server, "it is not a JSON-RPC message: " + Printable.quote(text), e);
        }
    }

    private JSONRPCMessage decodeOne(String text) throws IOException {
        JSONRPCMessage message = McpSchema.deserializeJsonRpcMessage(json, text);
        if (message instanceof JSONRPCResponse response && response.error() != null) {
            JSONRPCError error = response.error();
            return JSONRPCResponse.error(
                    response.id(),
                    new JSONRPCError(
                            error.code(),
                            ConnectionException.printable(String.valueOf(error.message())),
                            error.data()));
        }
        return message;
    }

    /** As {@link #decode}; empty when the text is something else. */
    List<JSONRPCMessage> decodeIfJsonRpc(String text) {
        try {
            return decode(text);
        } catch (UnusableAnswer notJsonRpc) {
            return List.of();
        }
    }

    /** A modifiable copy as a JSON object; empty for {@code null}. */
    Map<String, Object> object(@Nullable Object value) {
        return value == null ? new LinkedHashMap<>() : new LinkedHashMap<>(json.convertValue(value, OBJECT));
    }

    /** A modifiable copy of the object at {@code key}; empty when there is none. */
    Map<String, Object> object(Map<String, Object> parent, String key) {
        return parent.get(key) instanceof Map<?, ?> child ? object(child) : new LinkedHashMap<>();
    }

    /** The text at {@code key}. */
    static Optional<String> text(Map<String, Object> parent, String key) {
        return parent.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** The texts of the array at {@code key}; empty when there is none. */
    static List<String> texts(Map<String, Object> parent, String key) {
        List<String> texts = new ArrayList<>();
        if (parent.get(key) instanceof List<?> list) {
            list.forEach(member -> texts.add(String.valueOf(member)));
        }
        return texts;
    }

    /** The message in the body of a JSON-RPC error, with or without an id. */
    private Optional<String> message(String body) {
        try {
            return text(object(json.readValue(body, OBJECT), "error"), "message");
        } catch (IOException | RuntimeException notJson) {
            return Optional.empty();
        }
    }

    /** The result of a call. */
    CallToolResult callResult(Map<String, Object> result) {
        try {
            return json.convertValue(result, CallToolResult.class);
        } catch (RuntimeException e) {
            throw new UnusableAnswer(server, "the result is not that of a call", e);
        }
    }

    /** An error in the words of JSON-RPC, printable; one without a code is an internal error of the server. */
    McpError error(Map<String, Object> error) {
        int code = error.get("code") instanceof Number number ? number.intValue() : ErrorCode.INTERNAL_ERROR;
        String message = ConnectionException.printable(text(error, "message").orElse("it does not say why"));
        return new McpError(new JSONRPCError(code, message, error.get("data")));
    }

    /** As {@link Printable#quote}, but with JSON readable. A quotation mark of the server's must not end the quotation. */
    private static String quoted(String told) {
        return "'" + Printable.line(Printable.cut(told, MOST_QUOTED)).replace("'", "\\u0027") + "'";
    }

    /** An answer that is not MCP, in the user's words. */
    String describe(Reply reply, String body) {
        String status = "HTTP status " + reply.status();
        if (reply.status() >= 300 && reply.status() < 400) {
            return status + ", a redirect to "
                    + Printable.quote(reply.header("Location").orElse(""))
                    + "; redirects are not followed, use that address if it is the right one";
        }
        String told = message(body).orElse(body).strip();
        String detail = told.isEmpty() ? "" : ", " + quoted(told);
        return switch (reply.status()) {
            case 404, 405 -> status + detail + "; check the path, usually /mcp";
            case 413 ->
                status + detail + "; the request is larger than the server allows (http.max-body on our servers)";
            case 401, 403 -> status + detail + "; the server knows our identity and does not permit the request";
            default -> status + " with media type " + Printable.quote(reply.mediaType()) + detail;
        };
    }
}
