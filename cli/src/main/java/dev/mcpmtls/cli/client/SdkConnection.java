// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Version;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.ConnectedServer;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.client.ToolPages;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator.ValidationResponse;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * The SDK's client, connected to one server: for commands that serve as well, or want to know of Netty's connection. The others use {@link
 * McpConnection}, which starts sooner.
 */
public final class SdkConnection implements AutoCloseable {

    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final MtlsClientTransport transport;
    private final McpAsyncClient client;
    private final Duration timeout;

    private SdkConnection(MtlsClientTransport transport, McpAsyncClient client, Duration timeout) {
        this.transport = transport;
        this.client = client;
        this.timeout = timeout;
    }

    static SdkConnection open(URI server, TlsProfile profile, TokenSource tokens, Duration timeout) {
        try {
            return open(MtlsClientTransport.builder(server).tls(profile).tokens(tokens), timeout);
        } catch (RuntimeException e) {
            if (ConnectionException.in(e).isEmpty() && e.getCause() instanceof TimeoutException) {
                String told = server + " took too long: no answer within " + Times.text(timeout);
                throw new Failure(
                        ExitCode.TIMED_OUT, told + "; check that it is an MCP server, or allow more (--timeout)", e);
            }
            throw e;
        }
    }

    public static SdkConnection open(MtlsClientTransport.Builder builder, Duration timeout) {
        MtlsClientTransport transport = builder.withoutNotifications()
                .connectTimeout(timeout)
                .answerTimeout(timeout)
                .build();
        McpAsyncClient client = McpClient.async(transport)
                .clientInfo(Implementation.builder("mcp-mtls", Version.text()).build())
                .jsonSchemaValidator(SdkConnection::validate)
                .requestTimeout(timeout)
                .initializationTimeout(timeout)
                .build();
        SdkConnection connection = new SdkConnection(transport, client, timeout);
        try {
            client.initialize().block();
            return connection;
        } catch (RuntimeException e) {
            connection.close();
            throw known(e);
        }
    }

    /** Schemas are checked by a library that takes long to load, and few answers need it. */
    private static ValidationResponse validate(Map<String, Object> schema, Object content) {
        return McpJsonDefaults.getSchemaValidator().validate(schema, content);
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

    public CallToolResult call(String tool, Map<String, Object> arguments) {
        try {
            return client.callTool(
                            CallToolRequest.builder(tool).arguments(arguments).build())
                    .blockOptional()
                    .orElseThrow();
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

    ConnectedServer server() {
        return transport.server().orElseThrow();
    }

    @Override
    public void close() {
        client.closeGracefully().timeout(CLOSING).onErrorComplete().block();
    }
}
