// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** The nodes of one YAML document with their positions, from SnakeYAML's events: an alias stays an alias. */
final class YamlTree {

    enum Kind {
        SCALAR,
        MAPPING,
        SEQUENCE,
        ALIAS
    }

    /**
     * A node. A block collection ends where its last child does, not where the parser noticed.
     *
     * @param plain whether it is a scalar without quotes
     * @param children a mapping's keys and values in turn, or a sequence's items
     */
    record Node(Kind kind, boolean flow, boolean plain, String value, int start, int end, List<Node> children) {

        boolean isNull() {
            return plain && (value.isEmpty() || value.equals("~") || value.equalsIgnoreCase("null"));
        }

        boolean isEmptyCollection() {
            return (kind == Kind.MAPPING || kind == Kind.SEQUENCE) && children.isEmpty();
        }
    }

    private final String text;
    private final boolean wide;

    private YamlTree(String text) {
        this.text = text;
        this.wide = text.chars().anyMatch(unit -> Character.isHighSurrogate((char) unit));
    }

    /** The root node; nothing where the text has no document. The text has passed a parser. */
    static Optional<Node> root(String text) {
        return new YamlTree(text).read();
    }

    private Optional<Node> read() {
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        Deque<CollectionStartEvent> starts = new ArrayDeque<>();
        Deque<List<Node>> levels = new ArrayDeque<>();
        levels.push(new ArrayList<>());
        for (Event event : new Parse(settings).parseString(text)) {
            if (event instanceof CollectionStartEvent start) {
                starts.push(start);
                levels.push(new ArrayList<>());
            } else if (event instanceof CollectionEndEvent) {
                Node node = collection(starts.pop(), levels.pop(), offset(event.getEndMark()));
                levels.element().add(node);
            } else if (event instanceof ScalarEvent scalar) {
                levels.element().add(leaf(Kind.SCALAR, scalar.isPlain(), scalar.getValue(), event));
            } else if (event instanceof AliasEvent) {
                levels.element().add(leaf(Kind.ALIAS, false, "", event));
            }
        }
        return levels.element().stream().findFirst();
    }

    private Node collection(CollectionStartEvent start, List<Node> children, int end) {
        boolean flow = start.getFlowStyle() == FlowStyle.FLOW;
        return new Node(
                start instanceof MappingStartEvent ? Kind.MAPPING : Kind.SEQUENCE,
                flow,
                false,
                "",
                offset(start.getStartMark()),
                flow || children.isEmpty()
                        ? end
                        : children.get(children.size() - 1).end(),
                List.copyOf(children));
    }

    private Node leaf(Kind kind, boolean plain, String value, Event event) {
        return new Node(kind, false, plain, value, offset(event.getStartMark()), offset(event.getEndMark()), List.of());
    }

    /** SnakeYAML counts code points. */
    private int offset(Optional<Mark> mark) {
        int points = mark.orElseThrow().getIndex();
        return wide ? text.offsetByCodePoints(0, points) : points;
    }
}
