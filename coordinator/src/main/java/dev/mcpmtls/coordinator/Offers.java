// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which server offers which tool now, and why some servers could not be asked. */
final class Offers {

    private final Map<String, ToolServer> byTool = new LinkedHashMap<>();
    private final Map<ToolServer, Failure> silent = new LinkedHashMap<>();

    private Offers() {}

    /** Asks all servers at once. */
    static Offers of(List<ToolServer> servers, Duration timeout) {
        Map<ToolServer, CompletableFuture<List<Tool>>> asked = new LinkedHashMap<>();
        servers.forEach(server ->
                asked.put(server, server.tools().orTimeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS)));
        Offers offers = new Offers();
        asked.forEach((server, tools) -> tools.handle((offered, failure) ->
                        offered == null ? offers.silent.put(server, Failure.of(failure)) : offers.add(server, offered))
                .join());
        return offers;
    }

    private @Nullable Failure add(ToolServer server, List<Tool> tools) {
        tools.forEach(tool -> byTool.putIfAbsent(tool.name(), server));
        return null;
    }

    Set<String> tools() {
        return byTool.keySet();
    }

    @Nullable
    ToolServer serverOf(String tool) {
        return byTool.get(tool);
    }

    /** The failures of the servers that might have offered the tool. */
    Failure whyMissing(String tool) {
        if (silent.isEmpty()) {
            return new Failure(Outcome.UNREACHABLE, "No server offers the tool " + tool + ". Start one that does.");
        }
        Outcome worst = silent.values().stream()
                .map(Failure::outcome)
                .max(Outcome::compareTo)
                .orElseThrow();
        return new Failure(
                worst,
                silent.entrySet().stream()
                        .map(failed -> "The server " + failed.getKey().name() + ": "
                                + failed.getValue().message())
                        .collect(Collectors.joining(" ")));
    }
}
