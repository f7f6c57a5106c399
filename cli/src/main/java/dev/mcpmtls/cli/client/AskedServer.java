// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.coordinator.ToolServer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.transport.client.ConnectionException;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A server that the coordinator asks, which remembers why it could not be reached. */
final class AskedServer implements ToolServer {

    private final URI url;
    private final ToolServer server;
    private volatile String unreachable = "";

    AskedServer(URI url, ToolServer server) {
        this.url = url;
        this.server = server;
    }

    URI url() {
        return url;
    }

    /** Why there was no connection, without the address and what to do, such as {@code connection refused}; empty when there was. */
    Optional<String> unreachable() {
        return Optional.of(unreachable).filter(why -> !why.isEmpty());
    }

    @Override
    public String name() {
        return server.name();
    }

    @Override
    public CompletableFuture<List<Tool>> tools() {
        return server.tools().whenComplete((tools, thrown) -> unreachable = thrown == null ? "" : why(thrown));
    }

    private String why(Throwable thrown) {
        return ConnectionException.in(thrown)
                .filter(ConnectionException.Unreachable.class::isInstance)
                .map(known -> String.valueOf(known.getMessage()).replace("cannot reach " + url + ": ", ""))
                .map(told -> told.replaceFirst(";.*", ""))
                .orElse("");
    }

    @Override
    public List<PinChange> withheld() {
        return server.withheld();
    }

    @Override
    public CompletableFuture<CallToolResult> call(String tool, Map<String, Object> arguments) {
        return server.call(tool, arguments);
    }

    @Override
    public Optional<PeerFacts> peer() {
        return server.peer();
    }

    @Override
    public void close() {
        server.close();
    }
}
