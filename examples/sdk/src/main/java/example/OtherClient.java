// SPDX-License-Identifier: Apache-2.0
package example;

import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.nio.file.Path;

/** The SDK's client on its own transport, the JDK's HTTP client: this much needs only mcp-mtls-tls. */
public class OtherClient {

    public static void main(String[] args) {
        TlsProfile tls = TlsProfile.strict(Path.of(".mcp-mtls/credentials/coordinator"));
        McpClientTransport transport = HttpClientStreamableHttpTransport.builder("https://localhost:8445")
                .customizeClient(MtlsHttpClient.customizer(tls))
                .build();
        try (McpSyncClient client = McpClient.sync(transport).build()) {
            client.initialize();
            System.out.println(
                    client.callTool(CallToolRequest.builder("greet").build()).content());
        }
    }
}
