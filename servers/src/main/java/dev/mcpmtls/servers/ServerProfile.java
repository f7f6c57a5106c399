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
 * How a server introduces itself.
 *
 * @param name the MCP server name, for example {@code weather-mcp}
 * @param title for people
 * @param instructions what a client should know before it calls
 */
public record ServerProfile(String name, String title, String instructions) {

    /** Runs these tools over a transport, which from then on can take connections. */
    public McpAsyncServer over(McpStreamableServerTransportProvider transport, List<AsyncToolSpecification> tools) {
        // Arguments are checked by each tool, against the same schema and in plainer words. What a tool answers fits
        // its output
        // schema by construction, as its tests show; the SDK need not show it again in each call.
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
