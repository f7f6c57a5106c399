// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import dev.mcpmtls.identity.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON with comments and trailing commas; positions come from Jackson's tokens. */
final class JsonDocument implements Document {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final String text;
    private final JsonNode model;

    /** An object on the way to an entry. */
    private record Braces(int open, int close, List<Member> members) {

        Optional<Member> member(String name) {
            return members.stream().filter(member -> member.name.equals(name)).findFirst();
        }

        Bracketed in(String text) {
            List<Bracketed.Span> spans = members.stream()
                    .map(member -> new Bracketed.Span(member.start, member.valueEnd))
                    .toList();
            return new Bracketed(text, open, close, spans, false);
        }
    }

    /** @param braces of a value that is an object and on the way, else null */
    private record Member(
            String name,
            int start,
            int valueStart,
            int valueEnd,
            @Nullable Braces braces) {}

    JsonDocument(String text) {
        this.text = text;
        try {
            JsonNode root = MAPPER.readTree(text);
            this.model = root.isMissingNode() ? MAPPER.createObjectNode() : root;
        } catch (JacksonException e) {
            throw MalformedText.of(e);
        }
        if (!(model instanceof ObjectNode)) {
            throw MalformedText.at(text, 0, "an object was expected");
        }
    }

    @Override
    public JsonNode model() {
        return model;
    }

    @Override
    public String set(List<String> path, JsonNode value) {
        Optional<Braces> root = locate(path);
        String unit = root.map(this::unit).orElse("  ");
        if (root.isEmpty()) {
            String start = text.isEmpty() || Lines.endsWithOne(text) ? text : text + Lines.separator(text);
            Bracketed.Place place = new Bracketed.Place(true, "");
            return start + written(Models.nested(path, value), place, unit) + Lines.separator(text);
        }
        Braces at = root.get();
        for (int i = 0; ; i++) {
            Member member = at.member(path.get(i)).orElse(null);
            List<String> rest = path.subList(i + 1, path.size());
            if (member == null) {
                String name = string(path.get(i));
                JsonNode inner = Models.nested(rest, value);
                return at.in(text)
                        .insert(
                                place -> name + colon(place) + written(inner, place, unit),
                                unit,
                                isCompact(root.get()));
            }
            if (rest.isEmpty() || text.startsWith("null", member.valueStart)) {
                Bracketed.Place place = Lines.isFirst(text, member.start)
                        ? new Bracketed.Place(true, Lines.indentation(text, member.start))
                        : new Bracketed.Place(false, "");
                return text.substring(0, member.valueStart)
                        + written(Models.nested(rest, value), place, unit)
                        + text.substring(member.valueEnd);
            }
            if (member.braces == null) {
                throw MalformedText.at(text, member.valueStart, Shown.message(path.get(i)) + " is not an object");
            }
            at = member.braces;
        }
    }

    @Override
    public String remove(List<String> path) {
        Braces at = locate(path).orElseThrow();
        for (String step : path.subList(0, path.size() - 1)) {
            Braces inner = at.member(step).orElseThrow().braces;
            if (inner == null) {
                throw new IllegalArgumentException("no member at that path");
            }
            at = inner;
        }
        return at.in(text)
                .remove(at.members.indexOf(at.member(path.get(path.size() - 1)).orElseThrow()));
    }

    /** The root object with the positions of its members and of those on the path; nothing where the text has none. */
    private Optional<Braces> locate(List<String> path) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? Optional.of(braces(parser, path)) : Optional.empty();
        }
    }

    private Braces braces(JsonParser parser, List<String> path) {
        int open = offset(parser.currentTokenLocation()) + 1;
        List<Member> members = new ArrayList<>();
        boolean found = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            int start = offset(parser.currentTokenLocation());
            boolean onPath = !path.isEmpty() && name.equals(path.get(0));
            if (onPath && found) {
                throw MalformedText.at(text, start, Shown.message(name) + " is there twice; remove one of the two");
            }
            found |= onPath;
            JsonToken value = parser.nextToken();
            int valueStart = offset(parser.currentTokenLocation());
            Braces inner = null;
            if (onPath && value == JsonToken.START_OBJECT) {
                inner = braces(parser, path.subList(1, path.size()));
            } else {
                parser.skipChildren();
                parser.finishToken();
            }
            members.add(new Member(name, start, valueStart, offset(parser.currentLocation()), inner));
        }
        return new Braces(open, offset(parser.currentTokenLocation()), members);
    }

    private static int offset(TokenStreamLocation location) {
        return Math.toIntExact(location.getCharOffset());
    }

    /** The indentation of the root's members; two spaces where they are not on lines of their own. */
    private String unit(Braces root) {
        return root.members.stream()
                .filter(member -> Lines.isFirst(text, member.start))
                .map(member -> Lines.indentation(text, member.start))
                .filter(indentation -> !indentation.isEmpty())
                .findFirst()
                .orElse("  ");
    }

    /** A text that has members and keeps them on one line. */
    private boolean isCompact(Braces root) {
        return !root.members.isEmpty() && text.substring(root.open, root.close).indexOf('\n') < 0;
    }

    private String written(JsonNode value, Bracketed.Place place, String unit) {
        if (!(value instanceof ObjectNode object) || object.isEmpty()) {
            return flow(value, place.ownLine());
        }
        Bracketed.Place inner =
                new Bracketed.Place(place.ownLine(), place.indentation() + (place.ownLine() ? unit : ""));
        String separator = place.ownLine() ? Lines.separator(text) : "";
        StringBuilder out = new StringBuilder("{");
        for (String name : object.propertyNames()) {
            out.append(out.length() > 1 ? "," : "").append(separator).append(inner.indentation());
            out.append(string(name)).append(colon(place)).append(written(object.get(name), inner, unit));
        }
        return out.append(separator).append(place.indentation()).append('}').toString();
    }

    private static String colon(Bracketed.Place place) {
        return place.ownLine() ? ": " : ":";
    }

    /** A value on one line, which is also one in YAML's flow style. */
    static String flow(JsonNode value, boolean spaced) {
        String comma = spaced ? ", " : ",";
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(flow(item, spaced)));
            return "[" + String.join(comma, items) + "]";
        }
        if (value.isObject()) {
            List<String> members = new ArrayList<>();
            value.properties()
                    .forEach(member -> members.add(
                            string(member.getKey()) + (spaced ? ": " : ":") + flow(member.getValue(), spaced)));
            return "{" + String.join(comma, members) + "}";
        }
        return value.isString() ? string(value.stringValue()) : value.toString();
    }

    /**
     * A string in double quotes, valid in JSON and in YAML. Formatting characters, and those that YAML calls not printable, are
     * escaped too, so that the text cannot pretend to be another.
     */
    static String string(String value) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default -> out.append(Printable.line(Character.toString(c)));
            }
        }
        return out.append('"').toString();
    }
}
