// SPDX-License-Identifier: Apache-2.0
package example;

import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.Map;

/** Answers over HTTP with what the MCP server says. */
@Path("/echo/{text}")
public class EchoResource {

    private final McpSyncClient client;

    EchoResource(McpSyncClient client) {
        this.client = client;
    }

    @GET
    public String echo(String text) {
        var call =
                CallToolRequest.builder("echo").arguments(Map.of("text", text)).build();
        return ((TextContent) client.callTool(call).content().get(0)).text();
    }
}
