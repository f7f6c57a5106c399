// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.InvalidMessageException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * The members of a JSON object, each as the text that it came in: number formats, escapes and the order inside survive. The whole text is
 * checked, names that occur twice included.
 */
public record RawObject(String text, Map<String, String> members) {

    public static final RawObject EMPTY = new RawObject("{}", Map.of());

    private static final int MAX_DEPTH = 200;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /**
     * Reads an object.
     *
     * @throws InvalidMessageException when the text is not JSON, or something else than an object
     */
    public static RawObject parse(String text) {
        try (JsonParser parser = parser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new InvalidMessageException(ErrorCode.PARSE_ERROR, "the message is empty");
            }
            if (first != JsonToken.START_OBJECT) {
                parser.skipChildren();
                requireEnd(parser);
                throw new InvalidMessageException(
                        ErrorCode.INVALID_REQUEST,
                        first == JsonToken.START_ARRAY
                                ? "JSON-RPC batches are not supported; send each message on its own"
                                : "a JSON-RPC message is an object");
            }
            Map<String, String> members = members(parser, text);
            requireEnd(parser);
            return new RawObject(text, members);
        } catch (StreamConstraintsException e) {
            throw new InvalidMessageException(
                    ErrorCode.INVALID_REQUEST, "the JSON is too deep, or a number or name in it is too long");
        } catch (JacksonException e) {
            throw new InvalidMessageException(ErrorCode.PARSE_ERROR, "the message is not valid JSON");
        }
    }

    static JsonParser parser(String text) {
        return JSON.createParser(ObjectReadContext.empty(), text);
    }

    /** The object in this text; an empty one where there is none, or something else. */
    public static RawObject of(Optional<String> text) {
        return text.filter(value -> value.startsWith("{")).map(RawObject::parse).orElse(EMPTY);
    }

    private static Map<String, String> members(JsonParser parser, String text) {
        Map<String, String> members = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            int from = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            parser.finishToken();
            int to = (int) parser.currentLocation().getCharOffset();
            members.put(name, text.substring(from, to).strip());
        }
        return members;
    }

    private static void requireEnd(JsonParser parser) {
        if (parser.nextToken() != null) {
            throw new InvalidMessageException(ErrorCode.PARSE_ERROR, "something follows the message on its line");
        }
    }

    /** The text of a member's value; empty when it is absent. */
    public Optional<String> raw(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /** The object that a member is; an empty one when it is absent or something else. */
    public RawObject object(String name) {
        return of(raw(name));
    }

    /** The string that a member is; empty when it is absent or something else. */
    public Optional<String> string(String name) {
        return raw(name).filter(value -> value.startsWith("\"")).map(RawObject::unquoted);
    }

    /** Whether a member is {@code true}. */
    public boolean isTrue(String name) {
        return "true".equals(members.get(name));
    }

    /** The string of a JSON text. */
    public static String unquoted(String json) {
        try (JsonParser parser = parser(json)) {
            parser.nextToken();
            return parser.getString();
        }
    }

    /** The text as a JSON string. */
    public static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }

    /** The same text for all ids that are equal, however they are written: {@code 1} and {@code 1.0}, {@code "a"} and its escape. */
    public static String idKey(String json) {
        if (json.startsWith("\"")) {
            return '"' + unquoted(json);
        }
        try {
            return new BigDecimal(json).stripTrailingZeros().toString();
        } catch (NumberFormatException e) {
            return json;
        }
    }
}
