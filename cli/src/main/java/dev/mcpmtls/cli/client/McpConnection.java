// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Version;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.ConnectedServer;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.client.ToolPages;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** The SDK's client, connected to one server. */
public final class McpConnection implements AutoCloseable {

    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final MtlsClientTransport transport;
    private final McpAsyncClient client;
    private final Duration timeout;

    private McpConnection(MtlsClientTransport transport, McpAsyncClient client, Duration timeout) {
        this.transport = transport;
        this.client = client;
        this.timeout = timeout;
    }

    public static McpConnection open(URI server, TlsProfile profile, Duration timeout) {
        return open(server, profile, Optional.empty(), timeout);
    }

    static McpConnection open(URI server, TlsProfile profile, Optional<ToolPins> pins, Duration timeout) {
        try {
            MtlsClientTransport.Builder transport =
                    MtlsClientTransport.builder(server).tls(profile);
            pins.ifPresent(transport::pins);
            return open(transport, timeout);
        } catch (RuntimeException e) {
            if (ConnectionException.in(e).isEmpty() && e.getCause() instanceof TimeoutException) {
                String told = server + " took too long: no answer within " + Times.text(timeout);
                throw new Failure(
                        ExitCode.TIMED_OUT, told + "; check that it is an MCP server, or allow more (--timeout)", e);
            }
            throw e;
        }
    }

    public static McpConnection open(MtlsClientTransport.Builder builder, Duration timeout) {
        MtlsClientTransport transport = builder.withoutNotifications()
                .connectTimeout(timeout)
                .answerTimeout(timeout)
                .build();
        McpAsyncClient client = McpClient.async(transport)
                .clientInfo(Implementation.builder("mcp-mtls", Version.text()).build())
                .requestTimeout(timeout)
                .initializationTimeout(timeout)
                .build();
        McpConnection connection = new McpConnection(transport, client, timeout);
        try {
            client.initialize().block();
            return connection;
        } catch (RuntimeException e) {
            connection.close();
            throw known(e);
        }
    }

    /** The name and version that the server gives itself. */
    Implementation introduction() {
        return client.getServerInfo();
    }

    public List<Tool> tools() {
        try {
            return ToolPages.all(transport, client, timeout).blockOptional().orElseThrow();
        } catch (RuntimeException e) {
            throw known(e);
        }
    }

    /** Everything that differs from the pins and is withheld. */
    List<PinChange> withheld() {
        return transport.withheld();
    }

    /** The pinned tools that the list, once {@link #tools} has read it, lacks. */
    List<PinChange> removed() {
        return transport.removed();
    }

    public CallToolResult call(String tool, Map<String, Object> arguments) {
        try {
            return client.callTool(
                            CallToolRequest.builder(tool).arguments(arguments).build())
                    .blockOptional()
                    .orElseThrow();
        } catch (McpError e) {
            throw Failure.of(e).code() == ExitCode.DENIED ? denied(e) : e;
        } catch (RuntimeException e) {
            throw known(e);
        }
    }

    /** Attributes an unknown exception to the server: the SDK may throw any for an answer that it does not expect. */
    private static RuntimeException known(RuntimeException e) {
        return Failure.of(e).code() == ExitCode.INTERNAL_ERROR
                ? new Failure(ExitCode.FAILED, "cannot use the server's answer: " + e.getMessage(), e)
                : e;
    }

    /** Adds the command that finds the denial in the server's audit log. */
    private Failure denied(McpError e) {
        String id = server().connection().id();
        return new Failure(
                ExitCode.DENIED,
                e.getMessage() + "; the server's audit log has it: mcp-mtls audit --connection " + id,
                e);
    }

    ConnectedServer server() {
        return transport.server().orElseThrow();
    }

    @Override
    public void close() {
        client.closeGracefully().timeout(CLOSING).onErrorComplete().block();
    }
}
