// SPDX-License-Identifier: Apache-2.0
package example;

import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import java.nio.file.Path;

/** One MCP client for the whole program. */
@ApplicationScoped
public class EchoClient {

    @Produces
    @ApplicationScoped
    McpSyncClient client() {
        TlsProfile tls = TlsProfile.strict(Path.of(".mcp-mtls/credentials/coordinator"));
        McpSyncClient client = McpClient.sync(HttpClientStreamableHttpTransport.builder("https://localhost:8445")
                        .customizeClient(MtlsHttpClient.customizer(tls))
                        .build())
                .build();
        client.initialize();
        return client;
    }

    void close(@Disposes McpSyncClient client) {
        client.close();
    }
}
