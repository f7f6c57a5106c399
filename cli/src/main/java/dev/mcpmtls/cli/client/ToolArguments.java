// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.runtime.settings.BadSettingException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Arguments as words of a command line, read as the tool's schema wants them. */
public final class ToolArguments {

    private static final String EXAMPLE = "{\"text\": \"hello\"}";

    private static final Pattern PLAIN =
            Pattern.compile("true|false|-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?");

    /** Loaded when it is needed: it has many classes, and plain words need none of them. */
    private static final class Strict {

        private static final JsonMapper JSON = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    private ToolArguments() {}

    /** From words {@code key=value}. */
    public static Map<String, Object> parse(ListedTool tool, List<String> words) {
        String takes = tool.name() + " takes "
                + (tool.arguments().isEmpty() ? "no arguments" : String.join(", ", tool.arguments()));
        return parse(tool, words, "; " + takes);
    }

    private static Map<String, Object> parse(ListedTool tool, List<String> words, String takes) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new BadSettingException(
                        "'" + word + "' is not key=value; write it so, or give --args JSON" + takes);
            }
            String name = word.substring(0, equals);
            Object value =
                    value(name, word.substring(equals + 1), tool.properties().getOrDefault(name, Map.of()));
            if (arguments.containsKey(name)) {
                throw new BadSettingException("the argument '" + name + "' is given twice; give it once");
            }
            arguments.put(name, value);
        }
        return arguments;
    }

    /** From words {@code key=value} for a tool whose schema is not known: a value that is a JSON number, true or false counts as that. */
    public static Map<String, Object> parseUntyped(List<String> words) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        parse(ListedTool.unlisted("the tool"), words, "")
                .forEach((name, text) -> arguments.put(
                        name,
                        PLAIN.matcher(String.valueOf(text)).matches()
                                ? JsonMapper.shared().readValue(String.valueOf(text), Object.class)
                                : text));
        return arguments;
    }

    /** From a JSON object. */
    public static Map<String, Object> parseJson(String json) {
        try {
            Map<String, Object> read = Strict.JSON.readValue(json, new TypeReference<Map<String, Object>>() {});
            if (read != null) {
                return read;
            }
        } catch (StreamReadException e) {
            throw new BadSettingException("--args: not JSON, at character "
                    + e.getLocation().getColumnNr() + " of line "
                    + e.getLocation().getLineNr() + ": " + why(e)
                    + "; it looks like " + EXAMPLE);
        } catch (JacksonException e) {
            // Valid, and something else.
        }
        throw new BadSettingException("--args: not a JSON object; it looks like " + EXAMPLE);
    }

    private static String why(StreamReadException e) {
        return e.getOriginalMessage().startsWith("Duplicate")
                ? e.getOriginalMessage()
                : e.getOriginalMessage().replaceFirst("(?s)[:(;].*", "").strip();
    }

    /** Text stays text; what the schema calls something else is read as JSON. */
    private static Object value(String name, String text, Object schema) {
        Object type = schema instanceof Map<?, ?> map ? map.get("type") : null;
        if (type == null || type.equals("string")) {
            return text;
        }
        try {
            return JsonMapper.shared().readValue(text, Object.class);
        } catch (JacksonException e) {
            throw new BadSettingException("'" + text + "' is not a value for " + name + ", which is of type " + type);
        }
    }
}
