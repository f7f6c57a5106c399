// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import dev.mcpmtls.protocol.pins.PinChange.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The tools of one connected server, held against its pins. Lists and the introduction pass through it, and it says before each
 * call whether the tool is as it was approved. Thread-safe.
 *
 * <p>A tool may be called once a list has shown its approved definition, until the server announces that its list changed.
 */
public final class PinnedTools {

    /** So many tools that are not pinned are remembered, and told of; a server may name any number. */
    private static final int MAX_NEW = 1000;

    private final ToolPins pins;
    private final Consumer<PinChange> changed;
    private final Set<String> checked = new HashSet<>();
    private final Set<String> listed = new HashSet<>();
    private final Map<String, PinChange> withheld = new LinkedHashMap<>();
    private final Map<String, String> told = new HashMap<>();
    private Optional<PinChange> instructions = Optional.empty();
    private Optional<PinChange> identity = Optional.empty();
    private long edition;

    /**
     * Nothing is checked yet.
     *
     * @param changed is told of each change once, for the audit log; must not block
     */
    public PinnedTools(ToolPins pins, Consumer<PinChange> changed) {
        this.pins = pins;
        this.changed = changed;
    }

    /** The pins that the server is held against. */
    public ToolPins pins() {
        return pins;
    }

    /** Notes the identity that the server's certificate proved. */
    public synchronized void answeredBy(String proven) {
        identity = pins.identity()
                .filter(pinned -> !pinned.equals(proven))
                .map(pinned -> PinChange.text(Kind.IDENTITY, pins.identity(), Optional.of(proven)));
        identity.ifPresent(this::tell);
    }

    /** The result of {@code initialize} or {@code server/discover}, without instructions that were not approved. */
    public synchronized Map<String, Object> introduced(Map<String, Object> result) {
        Optional<String> offered = Optional.ofNullable(result.get("instructions"))
                .map(String::valueOf)
                .filter(text -> !text.isEmpty());
        if (offered.isEmpty() || offered.equals(pins.instructions())) {
            instructions = Optional.empty();
            return result;
        }
        instructions = Optional.of(PinChange.text(Kind.INSTRUCTIONS, pins.instructions(), offered));
        instructions.ifPresent(this::tell);
        Map<String, Object> without = new LinkedHashMap<>(result);
        without.remove("instructions");
        return without;
    }

    /**
     * To be called before a {@code tools/list} request is sent.
     *
     * @param isFirstPage whether the request has no cursor
     * @return the edition of the list, which {@link #listed} takes with the result
     */
    public synchronized long listing(boolean isFirstPage) {
        if (isFirstPage) {
            withheld.clear();
            listed.clear();
        }
        return edition;
    }

    /** As {@link ToolPins#filter}, and remembers what it found. A list asked for before the latest change proves nothing. */
    public synchronized ToolPins.Filtered listed(Map<String, Object> result, long asked) {
        ToolPins.Filtered filtered = pins.filter(result);
        filtered.withheld().forEach(this::withhold);
        if (result.get("tools") instanceof List<?> tools) {
            tools.forEach(tool -> note(tool, asked == edition));
        }
        if (identity.isEmpty()) {
            return filtered;
        }
        Map<String, Object> nothing = new LinkedHashMap<>(filtered.result());
        nothing.put("tools", List.of());
        return new ToolPins.Filtered(nothing, filtered.withheld());
    }

    private void withhold(PinChange change) {
        checked.remove(change.name());
        if (pins.tool(change.name()).isPresent() || withheld.size() < MAX_NEW) {
            withheld.put(change.name(), change);
            tell(change);
        }
    }

    private void note(Object tool, boolean isCurrent) {
        if (tool instanceof Map<?, ?> definition
                && definition.get("name") instanceof String name
                && pins.tool(name).isPresent()) {
            listed.add(name);
            if (isCurrent && !withheld.containsKey(name)) {
                checked.add(name);
            }
        }
    }

    private void tell(PinChange change) {
        String key = change.kind() + " " + change.name();
        String digest = change.offeredDigest().orElse("");
        boolean isUnbounded = change.kind() == Kind.NEW || change.kind() == Kind.UNPINNABLE;
        if ((!isUnbounded || told.size() < MAX_NEW) && !digest.equals(told.put(key, digest))) {
            changed.accept(change);
        }
    }

    /** Notes that the server's list may have changed, as {@code notifications/tools/list_changed} and a new session say. */
    public synchronized void listChanged() {
        edition++;
        checked.clear();
    }

    /** Forgets everything that lists have shown. */
    public synchronized void forget() {
        checked.clear();
        withheld.clear();
        listed.clear();
        told.clear();
    }

    /** Whether a list has shown the tool, since the latest change, as it was approved. */
    public synchronized boolean isChecked(String tool) {
        return checked.contains(tool) && identity.isEmpty();
    }

    /** Why the tool must not be called, as far as is known without another list. */
    public synchronized Optional<PinChange> objection(String tool) {
        if (identity.isPresent()) {
            return identity;
        }
        if (withheld.containsKey(tool)) {
            return Optional.ofNullable(withheld.get(tool));
        }
        return pins.tool(tool).isPresent() ? Optional.empty() : Optional.of(PinChange.tool(Kind.NEW, tool, null, null));
    }

    /** Everything that is withheld: the identity, the instructions, then tools in the order of the latest list. */
    public synchronized List<PinChange> withheld() {
        List<PinChange> all = new ArrayList<>();
        identity.ifPresent(all::add);
        instructions.ifPresent(all::add);
        all.addAll(withheld.values());
        return List.copyOf(all);
    }

    /** The pinned tools that the latest list did not have; right only when all its pages were read. */
    public synchronized List<PinChange> removed() {
        return pins.tools().stream()
                .filter(tool -> !listed.contains(tool.name()) && !withheld.containsKey(tool.name()))
                .map(tool -> PinChange.tool(Kind.REMOVED, tool.name(), tool, null))
                .toList();
    }
}
