// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.transport.client.ConnectedServer;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.tls.TlsProfile;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import java.net.URI;
import java.time.Duration;

/** The SDK's client, connected to one server. */
final class McpConnection implements AutoCloseable {

    private final MtlsClientTransport transport;
    private final McpSyncClient client;

    private McpConnection(MtlsClientTransport transport, McpSyncClient client) {
        this.transport = transport;
        this.client = client;
    }

    static McpConnection open(URI server, TlsProfile profile, Duration timeout) {
        return open(MtlsClientTransport.builder(server).tls(profile), timeout);
    }

    static McpConnection open(MtlsClientTransport.Builder builder, Duration timeout) {
        MtlsClientTransport transport = builder.withoutNotifications()
                .connectTimeout(timeout)
                .answerTimeout(timeout)
                .build();
        McpSyncClient client = McpClient.sync(transport)
                .clientInfo(Implementation.builder("mcp-mtls", RootCommand.Version.text())
                        .build())
                .requestTimeout(timeout)
                .initializationTimeout(timeout)
                .build();
        McpConnection connection = new McpConnection(transport, client);
        try {
            client.initialize();
            return connection;
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    McpSyncClient client() {
        return client;
    }

    ConnectedServer server() {
        return transport.server().orElseThrow();
    }

    @Override
    public void close() {
        client.closeGracefully();
    }
}
