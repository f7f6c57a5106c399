// SPDX-License-Identifier: Apache-2.0
package example;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.Caller;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.nio.file.Path;
import java.util.Map;

/** A server whose tool greets its caller by the identity in the caller's certificate. */
public class Greeter {

    public static void main(String[] args) {
        TlsProfile tls = TlsProfile.strict(Path.of(".mcp-mtls/credentials/echo")); // tls.crt, tls.key, ca.crt
        MtlsServerTransport transport =
                MtlsServerTransport.builder().listen("127.0.0.1", 8445).tls(tls).build();
        McpServer.sync(transport)
                .serverInfo("greeter", "1.0")
                .immediateExecution(true) // handlers run on workers anyway
                .toolCall(
                        Tool.builder("greet", Map.of("type", "object")).build(),
                        (exchange, request) -> CallToolResult.builder()
                                .addTextContent("Hello, "
                                        + Caller.from(exchange.transportContext())
                                                .peer()
                                                .identity())
                                .build())
                .build();
        transport.start();
    }
}
