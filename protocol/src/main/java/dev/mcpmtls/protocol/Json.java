// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Strict JSON in, JSON-RPC out. Thread-safe. */
public final class Json {

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    // A value of two characters becomes an object of a hundred bytes: so much bounds what one body makes of the heap.
    private static final int MAX_TOKENS = 250_000;

    private final JsonMapper mapper;
    private final ObjectReader objects;
    private final ObjectWriter values;

    /**
     * JSON of at most so much.
     *
     * @param maxDepth levels of arrays and objects
     * @param maxString characters of one string
     */
    public Json(int maxDepth, int maxString) {
        JsonFactory factory = JsonFactory.builder()
                .recyclerPool(JsonRecyclerPools.threadLocalPool())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(maxDepth)
                        .maxStringLength(maxString)
                        .maxNameLength(1024)
                        .maxNumberLength(64)
                        .maxTokenCount(MAX_TOKENS)
                        .build())
                .build();
        this.mapper = JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        this.objects = mapper.readerFor(OBJECT);
        this.values = mapper.writer();
    }

    /**
     * The JSON object in this text.
     *
     * @throws InvalidMessageException when it is not strict JSON, too deep, or something else than an object
     */
    public Map<String, Object> read(String text) {
        int first = firstOf(text);
        try {
            return switch (first) {
                case -1 -> throw InvalidMessageException.json("the body is empty");
                case '{' -> objects.readValue(text);
                // Said apart from other values, because clients of 2025-03-26 may still send them.
                case '[' ->
                    throw InvalidMessageException.request(
                            "JSON-RPC batches are not supported; POST each message on its own");
                default -> {
                    mapper.readTree(text);
                    throw InvalidMessageException.request("a JSON-RPC message is an object");
                }
            };
        } catch (StreamConstraintsException e) {
            throw InvalidMessageException.request(
                    "the JSON is too deep, has too many values, or a part of it is too long");
        } catch (JacksonException e) {
            throw InvalidMessageException.json("the body is not valid JSON");
        }
    }

    /** The first character that is no white space; -1 when there is none. */
    private static int firstOf(String text) {
        int at = 0;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : -1;
    }

    /**
     * The text of a body.
     *
     * @throws InvalidMessageException when it is not UTF-8
     */
    public static String text(byte[] body) {
        // Fast, but puts U+FFFD where something is malformed: only a text with that needs the strict look.
        String decoded = new String(body, StandardCharsets.UTF_8);
        if (decoded.indexOf('\uFFFD') < 0) {
            return decoded;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw InvalidMessageException.json("the body is not valid UTF-8");
        }
    }

    /**
     * The object as a message.
     *
     * @param text the object as it came, which the message keeps
     * @throws InvalidMessageException when it is not a JSON-RPC 2.0 message
     */
    public static JsonRpcMessage message(String text, Map<String, Object> object) {
        if (!"2.0".equals(object.get("jsonrpc"))) {
            throw InvalidMessageException.request("the member 'jsonrpc' must be \"2.0\"");
        }
        if (!object.containsKey("method")) {
            return response(text, object);
        }
        if (!(object.get("method") instanceof String method) || method.isEmpty()) {
            throw InvalidMessageException.request("the member 'method' must be a string");
        }
        Object params = object.getOrDefault("params", Map.of());
        if (!(params instanceof Map)) {
            throw InvalidMessageException.request("the member 'params' must be an object");
        }
        if (!object.containsKey("id")) {
            return new Notification(method, JsonRpcMessage.object(params), text);
        }
        Request request = new Request(id(object), method, JsonRpcMessage.object(params), text);
        Map<String, Object> meta = request.meta();
        if (meta.containsKey("progressToken") && !isId(meta.get("progressToken"))) {
            throw InvalidMessageException.params("progressToken in _meta must be a string or an integer");
        }
        return request;
    }

    private static Response response(String text, Map<String, Object> object) {
        if (object.containsKey("result") == object.containsKey("error")) {
            throw InvalidMessageException.request("a message has a 'method', or either a 'result' or an 'error'");
        }
        boolean formed = object.containsKey("result") || object.get("error") instanceof Map;
        if (!formed) {
            throw InvalidMessageException.request("the member 'error' must be an object");
        }
        return new Response(id(object), object, text);
    }

    /** The id to answer with, whatever else may be wrong with the object; null when that cannot be read from it. */
    public static @Nullable Object requestId(Map<String, Object> object) {
        Object id = object.get("id");
        return object.containsKey("method") && isId(id) ? id : null;
    }

    private static boolean isId(@Nullable Object id) {
        return id instanceof String || id instanceof Integer || id instanceof Long;
    }

    private static Object id(Map<String, Object> object) {
        Object id = object.get("id");
        if (id != null && isId(id)) {
            return id;
        }
        throw InvalidMessageException.request("the member 'id' must be a string or an integer of 64 bits");
    }

    /** The value as JSON, in UTF-8. */
    public byte[] write(Object value) {
        return values.writeValueAsBytes(value);
    }

    /** The value as a mutable JSON object. */
    public Map<String, Object> asObject(Object value) {
        return mapper.convertValue(value, OBJECT);
    }

    /** The value as JSON with all objects' members sorted: equal values, equal texts. */
    public String canonical(Object value) {
        return values.with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).writeValueAsString(value);
    }

    /** A JSON-RPC result. */
    public byte[] result(Object id, Object result) {
        return write(new ResultMessage("2.0", id, result));
    }

    /** A JSON-RPC notification; without parameters when they are null. */
    public byte[] notification(String method, @Nullable Object params) {
        return write(new NotificationMessage("2.0", method, params));
    }

    /** A JSON-RPC request; without parameters when they are null. */
    public byte[] request(Object id, String method, @Nullable Object params) {
        return write(new RequestMessage("2.0", method, id, params));
    }

    private record ResultMessage(String jsonrpc, Object id, Object result) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record NotificationMessage(
            String jsonrpc, String method, @Nullable Object params) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record RequestMessage(
            String jsonrpc,
            String method,
            Object id,
            @Nullable Object params) {}

    /** A JSON-RPC error response; without an id when that is null, without data likewise. */
    public byte[] error(@Nullable Object id, int code, String message, @Nullable Object data) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (data != null) {
            error.put("data", data);
        }
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("jsonrpc", "2.0");
        if (id != null) {
            response.put("id", id);
        }
        response.put("error", error);
        return write(response);
    }
}
