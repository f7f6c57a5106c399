// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import dev.mcpmtls.bridge.hosts.YamlTree.Kind;
import dev.mcpmtls.bridge.hosts.YamlTree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** YAML in block or flow style; new entries are in block style unless the collection they go into is not. */
final class YamlDocument implements Document {

    private static final YAMLMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .loadSettings(LoadSettings.builder()
                            .setCodePointLimit(Integer.MAX_VALUE)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Plain scalars that some version of YAML reads as something else. */
    private static final Set<String> RESERVED =
            Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf");

    private static final String UNIT = "  ";

    private final String text;
    private final boolean list;
    private final JsonNode model;
    private final Optional<Node> root;

    private record Pair(Node key, Node value) {}

    YamlDocument(String text, boolean list) {
        this.text = text;
        this.list = list;
        try {
            JsonNode read = MAPPER.readTree(text);
            this.model = read.isMissingNode() || read.isNull() ? MAPPER.createObjectNode() : read;
        } catch (JacksonException e) {
            throw MalformedText.of(e);
        }
        if (!(model instanceof ObjectNode)) {
            throw MalformedText.at(text, 0, "a mapping was expected");
        }
        this.root = YamlTree.root(text).filter(node -> node.kind() == Kind.MAPPING);
    }

    @Override
    public JsonNode model() {
        return model;
    }

    @Override
    public String set(List<String> path, JsonNode value) {
        if (root.isEmpty()) {
            return Lines.insert(text, text.length(), block(path, value, "", list));
        }
        return set(root.get(), path, value, list);
    }

    @Override
    public String remove(List<String> path) {
        Node node = root.orElseThrow();
        Node key = node;
        for (String step : path.subList(0, path.size() - 1)) {
            if (node.kind() == Kind.MAPPING) {
                key = pair(node, step).orElseThrow().key();
            }
            node = child(node, step).orElseThrow();
        }
        String last = path.get(path.size() - 1);
        if (node.flow()) {
            return bracketed(node).remove(index(node, last));
        }
        Node member = node.kind() == Kind.MAPPING
                ? pair(node, last).orElseThrow().key()
                : child(node, last).orElseThrow();
        int start = Lines.start(text, member.start());
        String before = text.substring(start, member.start()).strip();
        if (!before.isEmpty() && !before.equals("-")) {
            throw MalformedText.at(text, member.start(), "the entry shares its line with another");
        }
        int end = lineEnd(child(node, last).orElseThrow());
        String left = Lines.cut(text, start, end);
        if (node.children().size() > (node.kind() == Kind.MAPPING ? 2 : 1)) {
            return left;
        }
        int colon = colon(key);
        return left.substring(0, colon) + (node.kind() == Kind.MAPPING ? " {}" : " []") + left.substring(colon);
    }

    private String set(Node node, List<String> path, JsonNode value, boolean asList) {
        List<String> rest = path.subList(1, path.size());
        Optional<Node> found = child(node, path.get(0));
        if (found.isEmpty()) {
            return insert(node, path, value, asList);
        }
        Node child = found.get();
        if (rest.isEmpty()) {
            return replace(node, path.get(0), child, value);
        }
        if ((child.isNull() || child.isEmptyCollection()) && node.kind() == Kind.MAPPING) {
            return fill(pair(node, path.get(0)).orElseThrow(), rest, value, asList);
        }
        if (child.kind() != (asList ? Kind.SEQUENCE : Kind.MAPPING)) {
            throw MalformedText.at(
                    text,
                    child.start(),
                    Shown.message(path.get(0)) + " is not a " + (asList ? "list" : "mapping")
                            + " that can be extended");
        }
        return set(child, rest, value, false);
    }

    /** Adds a member at the end of a collection that has some. */
    private String insert(Node node, List<String> path, JsonNode value, boolean asList) {
        List<String> rest = path.subList(1, path.size());
        if (node.flow()) {
            JsonNode inner =
                    asList && !rest.isEmpty() ? MAPPER.createArrayNode().add(value) : Models.nested(rest, value);
            String member = JsonDocument.flow(inner, true);
            String written = node.kind() == Kind.SEQUENCE ? member : key(path.get(0)) + ": " + member;
            return bracketed(node).insert(place -> written, UNIT, true);
        }
        String indentation = " ".repeat(column(node));
        String lines =
                node.kind() == Kind.SEQUENCE ? item(value, indentation) : block(path, value, indentation, asList);
        return Lines.insert(text, lineEnd(node), lines);
    }

    /** Gives a member that says nothing, or says that it is empty, its first entry. */
    private String fill(Pair pair, List<String> path, JsonNode value, boolean asList) {
        String indentation = Lines.indentation(text, pair.key().start()) + UNIT;
        String lines = asList ? item(value, indentation) : block(path, value, indentation, false);
        int colon = colon(pair.key());
        int valueEnd = Math.max(colon, pair.value().end());
        String emptied = text.substring(0, colon) + text.substring(valueEnd);
        int end = emptied.indexOf('\n', colon);
        return Lines.insert(emptied, end < 0 ? emptied.length() : end + 1, lines);
    }

    private String replace(Node parent, String name, Node child, JsonNode value) {
        String written = JsonDocument.flow(value, true);
        boolean block = !child.flow() && (child.kind() == Kind.MAPPING || child.kind() == Kind.SEQUENCE);
        int from = child.start();
        if (parent.kind() == Kind.MAPPING && (block || child.start() == child.end())) {
            from = colon(pair(parent, name).orElseThrow().key());
            written = " " + written;
        }
        int to = child.end();
        while (to > from && Character.isWhitespace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(0, from) + written + text.substring(Math.max(from, to));
    }

    private Optional<Node> child(Node node, String name) {
        if (node.kind() == Kind.MAPPING) {
            return pair(node, name).map(Pair::value);
        }
        return node.children().stream()
                .filter(item -> item.kind() == Kind.MAPPING
                        && pair(item, Models.NAME)
                                .filter(pair -> pair.value().kind() == Kind.SCALAR
                                        && pair.value().value().equals(name))
                                .isPresent())
                .findFirst();
    }

    private static Optional<Pair> pair(Node mapping, String name) {
        List<Node> children = mapping.children();
        for (int i = 0; i < children.size(); i += 2) {
            if (children.get(i).kind() == Kind.SCALAR && children.get(i).value().equals(name)) {
                return Optional.of(new Pair(children.get(i), children.get(i + 1)));
            }
        }
        return Optional.empty();
    }

    private int index(Node node, String name) {
        int at = node.children().indexOf(child(node, name).orElseThrow());
        return node.kind() == Kind.MAPPING ? at / 2 : at;
    }

    private Bracketed bracketed(Node node) {
        List<Bracketed.Span> spans = new ArrayList<>();
        int step = node.kind() == Kind.MAPPING ? 2 : 1;
        for (int i = 0; i < node.children().size(); i += step) {
            spans.add(new Bracketed.Span(
                    node.children().get(i).start(),
                    node.children().get(i + step - 1).end()));
        }
        int open = text.indexOf(node.kind() == Kind.MAPPING ? '{' : '[', node.start()) + 1;
        return new Bracketed(text, open, node.end() - 1, spans, true);
    }

    /** The column of a block collection's first key or dash. */
    private int column(Node node) {
        Node first = node.children().get(0);
        int at = first.start();
        if (node.kind() == Kind.SEQUENCE) {
            at = text.lastIndexOf('-', at - 1);
        }
        return text.codePointCount(Lines.start(text, at), at);
    }

    /** After the last line of a node; a block scalar's mark is there already. */
    private int lineEnd(Node node) {
        int end = node.end();
        return end > node.start() && text.charAt(end - 1) == '\n' ? end : Lines.end(text, end);
    }

    private int colon(Node key) {
        return text.indexOf(':', key.end()) + 1;
    }

    /** The lines of a path with its value, the last without a line end. */
    private String block(List<String> path, JsonNode value, String indentation, boolean asList) {
        String first = indentation + key(path.get(0)) + ":";
        List<String> rest = path.subList(1, path.size());
        String separator = Lines.separator(text);
        if (!rest.isEmpty()) {
            String inner = indentation + UNIT;
            return first + separator + (asList ? item(value, inner) : block(rest, value, inner, false));
        }
        if (!value.isObject() || value.isEmpty()) {
            return first + " " + JsonDocument.flow(value, true);
        }
        return first + separator + members(value, indentation + UNIT);
    }

    private String members(JsonNode value, String indentation) {
        List<String> lines = new ArrayList<>();
        value.properties()
                .forEach(member -> lines.add(block(List.of(member.getKey()), member.getValue(), indentation, false)));
        return String.join(Lines.separator(text), lines);
    }

    private String item(JsonNode value, String indentation) {
        String lines = members(value, indentation + "  ");
        return indentation + "- " + lines.substring(indentation.length() + 2);
    }

    private static String key(String name) {
        boolean plain = name.matches("[A-Za-z][A-Za-z0-9_-]*") && !RESERVED.contains(name.toLowerCase(Locale.ROOT));
        return plain ? name : JsonDocument.string(name);
    }
}
