// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import dev.mcpmtls.identity.Printable;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The lines of {@code tools.lock}, in and out. Anything unexpected is an error: what is not understood might be a pin. */
final class LockLines {

    private static final String FORMAT = "mcp-mtls tools.lock 1";
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(512).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final SortedMap<String, ToolPins> servers = new TreeMap<>();
    private int number;

    private LockLines(Path file) {
        this.file = file;
    }

    static ToolsLock parse(Path file, String text) {
        LockLines lines = new LockLines(file);
        for (String line : text.split("\n", -1)) {
            lines.number++;
            if (lines.number == 1) {
                lines.format(lines.object(line));
            } else if (!line.isBlank()) {
                lines.entry(lines.object(line));
            }
        }
        return new ToolsLock(lines.servers);
    }

    static String text(Collection<ToolPins> servers) {
        StringBuilder text = new StringBuilder(CanonicalJson.of(Map.of("format", FORMAT)) + "\n");
        for (ToolPins pins : servers) {
            Map<String, Object> server = new LinkedHashMap<>();
            server.put("server", pins.server());
            pins.identity().ifPresent(identity -> server.put("identity", identity));
            pins.instructions().ifPresent(instructions -> {
                server.put("instructions", instructions);
                server.put("sha256", CanonicalJson.digest(instructions));
            });
            text.append(CanonicalJson.of(server)).append('\n');
            pins.tools()
                    .forEach(tool -> text.append(CanonicalJson.of(
                                    Map.of("server", pins.server(), "sha256", tool.digest(), "tool", tool.members())))
                            .append('\n'));
        }
        return text.toString();
    }

    private Map<String, Object> object(String line) {
        try {
            Map<String, Object> object = JSON.readValue(line, OBJECT);
            if (object != null) {
                return object;
            }
        } catch (JacksonException e) {
            // The cause may quote the file: the line's number is enough.
        }
        throw malformed("not a JSON object");
    }

    private void format(Map<String, Object> line) {
        if (!FORMAT.equals(line.get("format")) || line.size() != 1) {
            throw malformed("the first line must be {\"format\":\"" + FORMAT + "\"}");
        }
    }

    private void entry(Map<String, Object> line) {
        Optional<String> server = text(line, "server");
        if (server.isEmpty()) {
            throw malformed("there is no 'server'");
        }
        if (line.containsKey("tool")) {
            requireOnly(line, Set.of("server", "sha256", "tool"));
            tool(line, server.get());
        } else {
            requireOnly(line, Set.of("server", "identity", "instructions", "sha256"));
            server(line, server.get());
        }
    }

    private void server(Map<String, Object> line, String server) {
        Optional<String> instructions = text(line, "instructions");
        requireDigest(line, instructions.map(this::digest));
        ToolPins pins = new ToolPins(server, text(line, "identity"), instructions, new TreeMap<>());
        if (servers.put(server, pins) != null) {
            throw malformed("the server " + Printable.quote(server) + " is there twice");
        }
    }

    private void tool(Map<String, Object> line, String server) {
        ToolPins pins = servers.get(server);
        if (pins == null) {
            throw malformed("the line of the server " + Printable.quote(server) + " must come before its tools");
        }
        ToolDefinition tool = definition(line.get("tool"));
        requireDigest(line, Optional.of(tool.digest()));
        if (pins.tool(tool.name()).isPresent()) {
            throw malformed("the tool " + Printable.quote(tool.name()) + " is there twice");
        }
        servers.put(server, pins.accept(PinChange.tool(PinChange.Kind.NEW, tool.name(), null, tool)));
    }

    private ToolDefinition definition(@Nullable Object value) {
        if (value instanceof Map<?, ?> members && ToolDefinition.MEMBERS.containsAll(members.keySet())) {
            ToolDefinition tool = pinned(members);
            if (tool.members().equals(members)) {
                return tool;
            }
        }
        throw malformed("'tool' must be an object with " + String.join(", ", ToolDefinition.MEMBERS) + " at most");
    }

    private ToolDefinition pinned(Map<?, ?> members) {
        try {
            return ToolDefinition.of(members);
        } catch (IllegalArgumentException e) {
            throw malformed("the tool cannot be pinned: " + e.getMessage());
        }
    }

    private String digest(String instructions) {
        try {
            return CanonicalJson.digest(instructions);
        } catch (IllegalArgumentException e) {
            throw malformed("the instructions cannot be pinned: " + e.getMessage());
        }
    }

    private void requireDigest(Map<String, Object> line, Optional<String> digest) {
        if (!text(line, "sha256").equals(digest)) {
            throw malformed("'sha256' is not the digest of what the line approves");
        }
    }

    private void requireOnly(Map<String, Object> line, Set<String> known) {
        List<String> others =
                line.keySet().stream().filter(name -> !known.contains(name)).toList();
        if (!others.isEmpty()) {
            throw malformed("the member " + Printable.quote(others.get(0)) + " is not known");
        }
    }

    private Optional<String> text(Map<String, Object> line, String member) {
        if (!line.containsKey(member)) {
            return Optional.empty();
        }
        if (line.get(member) instanceof String text && !text.isEmpty()) {
            return Optional.of(text);
        }
        throw malformed("'" + member + "' must be a text that is not empty");
    }

    private UnusableLockException malformed(String why) {
        return new UnusableLockException(file, number, why);
    }
}
