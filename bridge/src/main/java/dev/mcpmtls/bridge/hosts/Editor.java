// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Edits of one host's text, each parsed again and compared with what was intended. */
record Editor(Host host, Path path) {

    JsonNode model(String text) {
        return document(text).model();
    }

    Optional<JsonNode> entry(String text, String name) {
        return Models.at(model(text), at(name));
    }

    String add(String text, String name, BridgeCommand command) {
        String start = text;
        if (model(text).isEmpty()) {
            for (Map.Entry<String, String> member : host.form().preamble().entrySet()) {
                start = set(start, List.of(member.getKey()), JsonNodeFactory.instance.stringNode(member.getValue()));
            }
        }
        return set(start, at(name), host.form().entry(name, command));
    }

    String update(String text, String name, BridgeCommand command) {
        String result = text;
        for (Map.Entry<List<String>, JsonNode> field :
                host.form().fields(command).entrySet()) {
            List<String> place =
                    Stream.concat(at(name).stream(), field.getKey().stream()).toList();
            if (!Models.at(model(result), place).equals(Optional.of(field.getValue()))) {
                result = set(result, place, field.getValue());
            }
        }
        return result;
    }

    String remove(String text, String name) {
        Document document = document(text);
        JsonNode intended = Models.without(document.model(), at(name));
        return checked(named(() -> document.remove(at(name))), intended);
    }

    /** Whether adding the entry to an earlier text gives the present one. */
    boolean leadsTo(String earlier, String name, JsonNode entry, String present) {
        try {
            Form.Entry ours = host.form().read(entry).orElseThrow();
            BridgeCommand command = new BridgeCommand(Path.of(ours.command()), ours.arguments(), ours.environment());
            return entry(earlier, name).isEmpty() && add(earlier, name, command).equals(present);
        } catch (HostConfigurationException | IllegalArgumentException e) {
            return false;
        }
    }

    private String set(String text, List<String> place, JsonNode value) {
        Document document = document(text);
        String result = named(() -> document.set(place, value));
        return checked(
                result, Models.with(document.model(), place, value, host.form().list()));
    }

    private String checked(String result, JsonNode intended) {
        boolean asIntended;
        try {
            asIntended = withoutEmptyCollection(model(result)).equals(withoutEmptyCollection(intended));
        } catch (HostConfigurationException e) {
            asIntended = false;
        }
        if (!asIntended) {
            throw new HostConfigurationException("cannot edit " + ConfigurationFile.shown(path)
                    + ": its layout leaves no safe place for the entry\nchange it by hand");
        }
        return result;
    }

    /** TOML has no empty collection of tables; in the others it means the same as none. */
    private JsonNode withoutEmptyCollection(JsonNode model) {
        JsonNode collection = model.get(host.form().collection());
        return collection != null && collection.isContainer() && collection.isEmpty()
                ? Models.without(model, List.of(host.form().collection()))
                : model;
    }

    private Document document(String text) {
        return named(() -> host.syntax().parse(text, host.form().list()));
    }

    private List<String> at(String name) {
        return List.of(host.form().collection(), name);
    }

    private <T> T named(Supplier<T> step) {
        try {
            return step.get();
        } catch (MalformedText e) {
            throw new HostConfigurationException(
                    "cannot edit " + ConfigurationFile.shown(path) + ":" + e.getMessage(), e);
        }
    }
}
