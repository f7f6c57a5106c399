// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import dev.mcpmtls.transport.server.backend.CallMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator.ValidationResponse;
import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import java.util.List;
import java.util.Objects;

/**
 * A server's description of itself.
 *
 * @param name the MCP server name, for example {@code weather-mcp}
 * @param title the displayed name
 * @param instructions information for clients before they call
 */
public record ServerProfile(String name, String title, String instructions) {

    /** Runs these tools over a transport, which accepts connections from then on. */
    public McpAsyncServer over(McpStreamableServerTransportProvider transport, List<AsyncToolSpecification> tools) {
        // Each tool checks its arguments against the same schema, with plainer messages. Its answers fit its output
        // schema by
        // construction, as its tests show, so the SDK need not check them in each call.
        return McpServer.async(transport)
                .jsonMapper(CallMapper.overDefault())
                .serverInfo(Implementation.builder(name, version()).title(title).build())
                .instructions(instructions)
                .capabilities(ServerCapabilities.builder().tools(false).build())
                .validateToolInputs(false)
                .jsonSchemaValidator((schema, answer) -> ValidationResponse.asValid(""))
                .tools(tools)
                .build();
    }

    private static String version() {
        return Objects.requireNonNullElse(ServerProfile.class.getPackage().getImplementationVersion(), "development");
    }
}
