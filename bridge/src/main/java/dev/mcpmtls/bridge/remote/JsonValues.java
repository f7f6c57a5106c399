// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * JSON as maps, lists, strings, numbers and booleans. By the streaming parser alone: the library that binds objects has 550 classes, an eighth of
 * all that a command loads.
 */
public final class JsonValues {

    private JsonValues() {}

    /**
     * The object in a text; an empty one when it is something else.
     *
     * @throws JacksonException when the text is not JSON, too deep, or a number in it too long
     */
    public static Map<String, Object> object(String text) {
        try (JsonParser parser = RawObject.parser(text)) {
            parser.nextToken();
            return JsonRpcMessage.object(value(parser));
        }
    }

    private static @Nullable Object value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                members.put(name, value(parser));
            }
            return members;
        }
        if (token == JsonToken.START_ARRAY) {
            List<@Nullable Object> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(value(parser));
            }
            return elements;
        }
        if (token == JsonToken.VALUE_STRING) {
            return parser.getString();
        }
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            return parser.getNumberValue();
        }
        return token == JsonToken.VALUE_NULL ? null : token == JsonToken.VALUE_TRUE;
    }

    /** The JSON of a value as {@link #object} has them. */
    public static String text(@Nullable Object value) {
        if (value instanceof Map<?, ?> members) {
            StringJoiner text = new StringJoiner(",", "{", "}");
            members.forEach((name, member) -> text.add(RawObject.quoted(String.valueOf(name)) + ":" + text(member)));
            return text.toString();
        }
        if (value instanceof Iterable<?> elements) {
            StringJoiner text = new StringJoiner(",", "[", "]");
            elements.forEach(element -> text.add(text(element)));
            return text.toString();
        }
        return value instanceof String string ? RawObject.quoted(string) : String.valueOf(value);
    }
}
