// SPDX-License-Identifier: Apache-2.0
package example;

import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.net.URI;
import java.nio.file.Path;

/** A client that runs for longer than its certificate is valid. */
public class RenewingClient {

    public static void main(String[] args) {
        Path own = Path.of(".mcp-mtls/credentials/coordinator");
        RenewalRunner.start(own); // renews at two thirds of its lifetime, without a restart
        TlsProfile tls = TlsProfile.strict(own);
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
