// SPDX-License-Identifier: Apache-2.0
package example;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.net.URI;
import java.nio.file.Path;

/** The SDK's client on our transport: both eras of the protocol, and refusals that say why. */
public class Client {

    public static void main(String[] args) {
        TlsProfile tls = TlsProfile.strict(Path.of(".mcp-mtls/credentials/coordinator"));
        URI server = URI.create("https://localhost:8445/mcp");
        try (McpSyncClient client = McpClient.sync(
                        MtlsClientTransport.builder(server).tls(tls).build())
                .build()) {
            client.initialize();
            System.out.println(
                    client.callTool(CallToolRequest.builder("greet").build()).content());
        }
    }
}
