// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import dev.mcpmtls.protocol.pins.PinChange.Kind;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The approved state of one server: its tools' definitions, its instructions and its identity. Immutable. */
public final class ToolPins {

    private final String server;
    private final Optional<String> identity;
    private final Optional<String> instructions;
    private final SortedMap<String, ToolDefinition> tools;

    ToolPins(
            String server,
            Optional<String> identity,
            Optional<String> instructions,
            SortedMap<String, ToolDefinition> tools) {
        this.server = server;
        this.identity = identity;
        this.instructions = instructions;
        this.tools = tools;
    }

    /** Pins of a server of which nothing was approved yet: every tool is new. */
    public static ToolPins none(String server) {
        return new ToolPins(server, Optional.empty(), Optional.empty(), new TreeMap<>());
    }

    /**
     * Pins that approve a server as it is: of a tool that is listed twice, the first definition; nothing that cannot be pinned.
     *
     * @param tools the elements of {@code tools} of all pages of its {@code tools/list} result
     */
    public static ToolPins approving(String server, Optional<String> instructions, List<?> tools) {
        ToolPins pins = none(server).with(instructions);
        for (Object tool : tools) {
            PinChange change = pins.check(tool).orElse(null);
            if (change != null && change.kind() == Kind.NEW && change.isAcceptable()) {
                pins = pins.accept(change);
            }
        }
        return pins;
    }

    /** These pins with instructions, unless those have no canonical form. */
    private ToolPins with(Optional<String> approved) {
        return approved.filter(text -> !text.isEmpty())
                .map(text -> PinChange.text(Kind.INSTRUCTIONS, instructions, Optional.of(text)))
                .filter(PinChange::isAcceptable)
                .map(this::accept)
                .orElse(this);
    }

    /** How another state of the server differs from these pins: its instructions, then its tools by their names. */
    public List<PinChange> changesTo(ToolPins offered) {
        List<PinChange> changes = new ArrayList<>();
        if (offered.instructions.isPresent() && !offered.instructions.equals(instructions)) {
            changes.add(PinChange.text(Kind.INSTRUCTIONS, instructions, offered.instructions));
        }
        offered.tools.values().forEach(tool -> check(tool.members()).ifPresent(changes::add));
        return changes;
    }

    /** The key of a server that is reached by a URL: scheme, host and port in one spelling, and the path as it is. */
    public static String key(URI server) {
        String scheme = String.valueOf(server.getScheme()).toLowerCase(Locale.ROOT);
        String host = String.valueOf(server.getHost()).toLowerCase(Locale.ROOT);
        int port = server.getPort() < 0 ? 443 : server.getPort();
        String path = server.getRawPath() == null || server.getRawPath().isEmpty() ? "/" : server.getRawPath();
        return scheme + "://" + host + ":" + port + path
                + (server.getRawQuery() == null ? "" : "?" + server.getRawQuery());
    }

    /** The server: {@link #key} of its URL for clients, the name of its entry for a gateway. */
    public String server() {
        return server;
    }

    /** The identity in the server's certificate; empty for a server without one. */
    public Optional<String> identity() {
        return identity;
    }

    /** The approved instructions; empty when there were none. */
    public Optional<String> instructions() {
        return instructions;
    }

    /** The approved definitions, sorted by the tools' names. */
    public List<ToolDefinition> tools() {
        return List.copyOf(tools.values());
    }

    /** The approved definition of a tool. */
    public Optional<ToolDefinition> tool(String name) {
        return Optional.ofNullable(tools.get(name));
    }

    /** How a listed tool differs from what was approved; empty when it does not. */
    public Optional<PinChange> check(@Nullable Object tool) {
        Map<?, ?> definition = tool instanceof Map<?, ?> object ? object : Map.of();
        ToolDefinition offered;
        try {
            offered = ToolDefinition.of(definition);
        } catch (IllegalArgumentException e) {
            String name = definition.get("name") instanceof String text ? text : "";
            return Optional.of(new PinChange(
                    Kind.UNPINNABLE,
                    name,
                    tool(name).map(ToolDefinition::members),
                    Optional.of(String.valueOf(e.getMessage()))));
        }
        ToolDefinition pinned = tools.get(offered.name());
        if (offered.equals(pinned)) {
            return Optional.empty();
        }
        return Optional.of(PinChange.tool(pinned == null ? Kind.NEW : Kind.CHANGED, offered.name(), pinned, offered));
    }

    /**
     * A list without the tools that are not as they were approved.
     *
     * @param result the result, or one page of it, as it is passed on
     * @param withheld the tools that were taken out; where there are none, the message's own text may be passed on
     */
    public record Filtered(Map<String, Object> result, List<PinChange> withheld) {}

    /** Takes out of a {@code tools/list} result, or one page of it, every tool that is not as it was approved. */
    public Filtered filter(Map<String, Object> result) {
        if (!(result.get("tools") instanceof List<?> listed)) {
            return new Filtered(result, List.of());
        }
        List<Object> approved = new ArrayList<>();
        List<PinChange> withheld = new ArrayList<>();
        for (Object tool : listed) {
            check(tool).ifPresentOrElse(withheld::add, () -> approved.add(tool));
        }
        Map<String, Object> filtered = new LinkedHashMap<>(result);
        filtered.put("tools", approved);
        return new Filtered(filtered, List.copyOf(withheld));
    }

    /** These pins of the server that has this identity in its certificate. */
    public ToolPins of(String proven) {
        return new ToolPins(server, Optional.of(proven), instructions, tools);
    }

    /**
     * These pins with one change approved.
     *
     * @throws IllegalArgumentException when it is not {@linkplain PinChange#isAcceptable acceptable}
     */
    public ToolPins accept(PinChange change) {
        if (!change.isAcceptable()) {
            throw new IllegalArgumentException(change.name() + " cannot be pinned");
        }
        SortedMap<String, ToolDefinition> all = new TreeMap<>(tools);
        change.definition().ifPresent(definition -> all.put(definition.name(), definition));
        if (change.kind() == Kind.REMOVED) {
            all.remove(change.name());
        }
        Optional<String> text =
                change.offered().filter(String.class::isInstance).map(String.class::cast);
        return new ToolPins(
                server,
                change.kind() == Kind.IDENTITY ? text : identity,
                change.kind() == Kind.INSTRUCTIONS ? text : instructions,
                all);
    }
}
