// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.protocol.pins.PinChange;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The tools that each server offers now, and the failures of servers that could not be asked. */
final class Offers {

    private final Map<String, ToolServer> byTool = new LinkedHashMap<>();
    private final List<Tool> definitions = new ArrayList<>();
    private final List<Failure> silent = new ArrayList<>();
    private final Map<ToolServer, List<PinChange>> withheld = new LinkedHashMap<>();

    private Offers() {}

    /** Asks all servers at once. */
    static Offers of(List<ToolServer> servers, Duration timeout) {
        Map<ToolServer, CompletableFuture<List<Tool>>> asked = new LinkedHashMap<>();
        servers.forEach(server ->
                asked.put(server, server.tools().orTimeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS)));
        Offers offers = new Offers();
        asked.forEach(offers::await);
        return offers;
    }

    private void await(ToolServer server, CompletableFuture<List<Tool>> tools) {
        try {
            tools.join().forEach(tool -> {
                if (byTool.putIfAbsent(tool.name(), server) == null) {
                    definitions.add(tool);
                }
            });
            withheld.put(server, server.withheld());
        } catch (CompletionException e) {
            silent.add(Failure.of(server, e));
        }
    }

    List<Tool> tools() {
        return List.copyOf(definitions);
    }

    @Nullable
    ToolServer serverOf(String tool) {
        return byTool.get(tool);
    }

    /** The failures of the servers that might offer the tool. */
    Failure whyMissing(String tool) {
        return withheld(tool)
                .or(() -> silent.stream().reduce(Failure::and))
                .orElseGet(() -> new Failure(
                        Outcome.UNREACHABLE,
                        "no server offers us the tool " + tool
                                + "; start one that does, or ask for permission to use it"));
    }

    /** Whether every server has listed its tools, none of them withheld, and the tool is not among them. */
    boolean isUnlisted(String tool) {
        return silent.isEmpty() && withheld(tool).isEmpty() && !byTool.containsKey(tool);
    }

    private Optional<Failure> withheld(String tool) {
        return withheld.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream()
                        .filter(change -> change.kind() == PinChange.Kind.IDENTITY
                                || change.name().equals(tool))
                        .map(change -> Failure.withheld(entry.getKey(), tool, change)))
                .findFirst();
    }
}
