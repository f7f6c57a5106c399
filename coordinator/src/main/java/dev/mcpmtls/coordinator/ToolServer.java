// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.protocol.pins.PinChange;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A server from the coordinator's view. No method blocks. A failed future holds the failure that the connection or the server
 * reported; {@link Failure} explains it.
 */
public interface ToolServer extends AutoCloseable {

    /** The server's name in our configuration, for example {@code weather}. */
    String name();

    /** The tools it offers now. Connects, or reconnects, as needed. */
    CompletableFuture<List<Tool>> tools();

    /** The tools, and other things of the server, that {@link #tools} left out because they are not as they were pinned. */
    default List<PinChange> withheld() {
        return List.of();
    }

    /** Calls a tool on the connection that {@link #tools} opened. */
    CompletableFuture<CallToolResult> call(String tool, Map<String, Object> arguments);

    /** The server's identity on that connection; empty before there is one. */
    Optional<PeerFacts> peer();

    /** Ends the session. */
    @Override
    void close();

    /**
     * The other end of a connection, after its certificate was verified.
     *
     * @param identity the name that its certificate proves
     * @param assurance {@code verified}, {@code pinned} or {@code claimed}
     * @param tlsVersion for example {@code TLSv1.3}
     * @param cipher the IANA name of the cipher suite
     * @param group the key exchange group, for example {@code X25519MLKEM768}; empty when the engine does not report it
     * @param mcpVersion the negotiated revision of MCP
     */
    record PeerFacts(
            String identity, String assurance, String tlsVersion, String cipher, String group, String mcpVersion) {}
}
