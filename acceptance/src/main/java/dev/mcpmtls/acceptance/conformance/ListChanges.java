// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import reactor.core.publisher.Mono;

/** Tools that change what the server offers. */
final class ListChanges {

    private ListChanges() {}

    static void addTo(McpAsyncServer server) {
        add(server, "test_trigger_tool_change", server.notifyToolsListChanged());
        add(server, "test_trigger_prompt_change", server.notifyPromptsListChanged());
    }

    private static void add(McpAsyncServer server, String name, Mono<Void> change) {
        CallToolResult done = Sample.text("changed");
        server.addTool(AsyncToolSpecification.builder()
                        .tool(PlainTools.tool(name))
                        .callHandler((exchange, call) -> change.then(Mono.just(done)))
                        .build())
                .block();
    }
}
