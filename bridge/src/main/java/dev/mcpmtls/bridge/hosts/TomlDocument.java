// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import dev.mcpmtls.bridge.hosts.TomlScanner.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** TOML: Jackson says whether a text is valid and what it means, {@link TomlScanner} where its statements are. */
final class TomlDocument implements Document {

    private static final TomlMapper MAPPER = new TomlMapper();

    private final String text;
    private final JsonNode model;
    private final List<Statement> statements;

    TomlDocument(String text) {
        this.text = text;
        try {
            this.model = MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw MalformedText.of(e);
        }
        this.statements = TomlScanner.statements(text);
    }

    @Override
    public JsonNode model() {
        return model;
    }

    @Override
    public String set(List<String> path, JsonNode value) {
        Optional<Statement> inline = pairAtOrAbove(path);
        if (inline.isPresent()) {
            return setWithin(inline.get(), path, value);
        }
        boolean exists = Models.at(model, path).isPresent();
        if (path.size() <= 2) {
            return new TomlDocument(exists ? remove(path) : text).appended(path, value);
        }
        List<String> parent = path.subList(0, path.size() - 1);
        Optional<Statement> neighbour = lastPairOf(parent);
        if (neighbour.isEmpty()) {
            return set(parent, Models.nested(path.subList(path.size() - 1, path.size()), value));
        }
        Statement beside = neighbour.get();
        String line = key(path.subList(beside.table().size(), path.size())) + " = " + inline(value);
        return Lines.insert(text, beside.end(), Lines.indentation(text, beside.start()) + line);
    }

    @Override
    public String remove(List<String> path) {
        Optional<Statement> inline =
                pairAtOrAbove(path).filter(pair -> pair.path().size() < path.size());
        if (inline.isPresent()) {
            throw notExtensible(inline.get());
        }
        List<int[]> blocks = blocks(path);
        String left = text;
        for (int i = blocks.size() - 1; i >= 0; i--) {
            left = Lines.cut(left, blocks.get(i)[0], blocks.get(i)[1]);
        }
        boolean first = !blocks.isEmpty() && blocks.get(0)[0] == 0;
        return first ? left.replaceFirst("^\\r?\\n", "") : left;
    }

    /** A new table at the end, after an empty line. */
    private String appended(List<String> path, JsonNode value) {
        String separator = Lines.separator(text);
        List<String> lines = new ArrayList<>(List.of("[" + key(path) + "]"));
        value.properties().forEach(pair -> lines.add(key(List.of(pair.getKey())) + " = " + inline(pair.getValue())));
        String block = String.join(separator, lines);
        if (text.isEmpty()) {
            return block + separator;
        }
        return Lines.endsWithOne(text) ? text + separator + block + separator : text + separator + separator + block;
    }

    /** A value that is, or is in, the value of one pair. */
    private String setWithin(Statement pair, List<String> path, JsonNode value) {
        List<String> rest = path.subList(pair.path().size(), path.size());
        if (!rest.isEmpty()
                && (pair.path().size() < 2
                        || !Models.at(model, pair.path()).orElseThrow().isObject())) {
            throw notExtensible(pair);
        }
        JsonNode whole = rest.isEmpty()
                ? value
                : Models.with(Models.at(model, pair.path()).orElseThrow(), rest, value, false);
        return text.substring(0, pair.valueStart()) + inline(whole) + text.substring(pair.valueEnd());
    }

    private MalformedText notExtensible(Statement pair) {
        String name = Shown.message(String.join(".", pair.path()));
        return MalformedText.at(
                text, pair.valueStart(), name + " is not a table; write its entries as [" + name + ".NAME] tables");
    }

    private Optional<Statement> pairAtOrAbove(List<String> path) {
        return statements.stream()
                .filter(statement -> !statement.header()
                        && statement.path().size() <= path.size()
                        && path.subList(0, statement.path().size()).equals(statement.path()))
                .findFirst();
    }

    /** The last statement of the table itself: a pair, or the header of a table without pairs. */
    private Optional<Statement> lastPairOf(List<String> table) {
        return statements.stream()
                .filter(statement -> statement.header()
                        ? statement.path().equals(table)
                        : statement.path().size() == table.size() + 1 && statement.isUnder(table))
                .reduce((first, second) -> second);
    }

    /** Whole lines from a header to the last pair of its table, the empty line before included, and single pairs. */
    private List<int[]> blocks(List<String> path) {
        List<int[]> blocks = new ArrayList<>();
        boolean inBlock = false;
        for (Statement statement : statements) {
            boolean ours = statement.isUnder(path);
            if (ours && !statement.header() && inBlock) {
                blocks.get(blocks.size() - 1)[1] = statement.end();
            } else if (ours) {
                int start = statement.header() ? startWithEmptyLine(statement.start()) : statement.start();
                blocks.add(new int[] {start, statement.end()});
            }
            inBlock = ours && (statement.header() || inBlock);
        }
        return blocks;
    }

    private int startWithEmptyLine(int start) {
        for (String separator : List.of("\r\n", "\n")) {
            int before = start - separator.length();
            if (before > 0 && text.startsWith(separator, before) && text.charAt(before - 1) == '\n') {
                return before;
            }
        }
        boolean onSecondLine = start > 0 && text.substring(0, start).isBlank() && Lines.start(text, start - 1) == 0;
        return onSecondLine ? 0 : start;
    }

    private static String key(List<String> path) {
        return String.join(
                ".",
                path.stream()
                        .map(step -> step.matches("[A-Za-z0-9_-]+") ? step : string(step))
                        .toList());
    }

    private static String inline(JsonNode value) {
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(inline(item)));
            return "[" + String.join(", ", items) + "]";
        }
        if (value.isObject()) {
            List<String> pairs = new ArrayList<>();
            value.properties()
                    .forEach(pair -> pairs.add(key(List.of(pair.getKey())) + " = " + inline(pair.getValue())));
            return pairs.isEmpty() ? "{}" : "{ " + String.join(", ", pairs) + " }";
        }
        return value.isString() ? string(value.stringValue()) : value.toString();
    }

    /** JSON's escapes are all TOML's as well, and JSON's strings leave no character raw that TOML forbids. */
    private static String string(String value) {
        return JsonDocument.string(value);
    }
}
