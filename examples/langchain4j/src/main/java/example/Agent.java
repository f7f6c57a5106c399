// SPDX-License-Identifier: Apache-2.0
package example;

import dev.langchain4j.mcp.McpToolProvider;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.mcp.client.McpClient;
import dev.langchain4j.mcp.client.transport.http.StreamableHttpMcpTransport;
import dev.langchain4j.service.AiServices;
import dev.mcpmtls.tls.TlsProfile;
import java.nio.file.Path;

/** An agent whose tools are those of a server behind mutual TLS. */
public class Agent {

    interface Assistant {

        String answer(String question);
    }

    public static void main(String[] args) throws Exception {
        TlsProfile tls = TlsProfile.strict(Path.of(".mcp-mtls/credentials/coordinator"));
        StreamableHttpMcpTransport transport = StreamableHttpMcpTransport.builder()
                .url("https://localhost:8445/mcp")
                .sslContext(tls.sslContext())
                .build();
        try (McpClient client = DefaultMcpClient.builder().transport(transport).build()) {
            Assistant assistant = AiServices.builder(Assistant.class)
                    .chatModel(new ScriptedModel()) // any model
                    .toolProvider(McpToolProvider.builder().mcpClients(client).build())
                    .build();
            System.out.println(assistant.answer("Say hello to me"));
        }
    }
}
