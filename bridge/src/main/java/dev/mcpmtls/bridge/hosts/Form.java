// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a host writes a server that it starts.
 *
 * @param collection the root's member that holds the servers
 * @param list whether the servers are a list of objects with a {@code name}
 * @param command the member that holds the program's path; its arguments are always {@code args}
 * @param environment the member that holds the variables
 * @param fixed members that a new entry begins with, the same for every server
 * @param repeatsName whether an entry repeats its name
 * @param preamble members that the root of a new file needs
 */
record Form(
        String collection,
        boolean list,
        String command,
        String environment,
        Map<String, JsonNode> fixed,
        boolean repeatsName,
        Map<String, String> preamble) {

    private static final String ARGUMENTS = "args";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    Form {
        fixed = Collections.unmodifiableMap(fixed);
        preamble = Collections.unmodifiableMap(preamble);
    }

    /** The content of an entry. */
    record Entry(String command, List<String> arguments, Map<String, String> environment) {

        /** An entry that this product wrote: it starts the launcher's {@code connect}. */
        boolean isOurs() {
            String program = command.substring(Math.max(command.lastIndexOf('/'), command.lastIndexOf('\\')) + 1);
            return program.matches("(?i)mcp-mtls(\\.(exe|cmd|bat))?")
                    && !arguments.isEmpty()
                    && arguments.get(0).equals("connect");
        }
    }

    /** The form that most hosts share: an object with {@code command}, {@code args} and {@code env} for each server. */
    static Form common(String collection) {
        return new Form(collection, false, "command", "env", Map.of(), false, Map.of());
    }

    /** The common form for hosts that document {@code "type": "stdio"} as required. */
    static Form typed(String collection) {
        return new Form(
                collection, false, "command", "env", Map.of("type", NODES.stringNode("stdio")), false, Map.of());
    }

    static Form continueList() {
        Map<String, String> preamble = new LinkedHashMap<>();
        preamble.put("name", "mcp-mtls");
        preamble.put("version", "1.0.0");
        preamble.put("schema", "v1");
        return new Form(
                "mcpServers", true, "command", "env", Map.of("type", NODES.stringNode("stdio")), true, preamble);
    }

    static Form gooseExtension() {
        Map<String, JsonNode> fixed = new LinkedHashMap<>();
        fixed.put("type", NODES.stringNode("stdio"));
        fixed.put("enabled", NODES.booleanNode(true));
        fixed.put("timeout", NODES.numberNode(300));
        return new Form("extensions", false, "cmd", "envs", fixed, true, Map.of());
    }

    ObjectNode entry(String name, BridgeCommand bridge) {
        ObjectNode entry = NODES.objectNode();
        if (repeatsName) {
            entry.put(Models.NAME, name);
        }
        fixed.forEach(entry::set);
        changeable(bridge).forEach(entry::set);
        if (!bridge.environment().isEmpty()) {
            ObjectNode variables = entry.putObject(environment);
            bridge.sortedEnvironment().forEach(variables::put);
        }
        return entry;
    }

    /** Paths below an entry and their values: what an entry of ours has changed to become the command's. */
    Map<List<String>, JsonNode> fields(BridgeCommand bridge) {
        Map<List<String>, JsonNode> fields = new LinkedHashMap<>();
        changeable(bridge).forEach((field, value) -> fields.put(List.of(field), value));
        bridge.sortedEnvironment()
                .forEach((variable, value) -> fields.put(List.of(environment, variable), NODES.stringNode(value)));
        return fields;
    }

    /** The entry as a command; nothing where it is of another kind, a URL for example. */
    Optional<Entry> read(JsonNode entry) {
        JsonNode program = entry.get(command);
        if (program == null || !program.isString()) {
            return Optional.empty();
        }
        List<String> arguments = new ArrayList<>();
        if (entry.get(ARGUMENTS) instanceof ArrayNode items) {
            items.forEach(item -> arguments.add(item.asString("")));
        }
        Map<String, String> variables = new LinkedHashMap<>();
        if (entry.get(environment) instanceof ObjectNode object) {
            object.properties()
                    .forEach(member ->
                            variables.put(member.getKey(), member.getValue().asString("")));
        }
        return Optional.of(new Entry(program.stringValue(), arguments, variables));
    }

    private Map<String, JsonNode> changeable(BridgeCommand bridge) {
        ArrayNode arguments = NODES.arrayNode();
        bridge.arguments().forEach(arguments::add);
        Map<String, JsonNode> members = new LinkedHashMap<>();
        members.put(command, NODES.stringNode(bridge.launcher().toString()));
        members.put(ARGUMENTS, arguments);
        return members;
    }
}
