// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Version;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.ConnectedServer;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.client.RemoteTask;
import dev.mcpmtls.transport.client.RemoteTasks;
import dev.mcpmtls.transport.client.ToolPages;
import dev.mcpmtls.trust.Assurance;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator.ValidationResponse;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.ListPromptsResult;
import io.modelcontextprotocol.spec.McpSchema.ListResourceTemplatesResult;
import io.modelcontextprotocol.spec.McpSchema.ListResourcesResult;
import io.modelcontextprotocol.spec.McpSchema.ListToolsResult;
import io.modelcontextprotocol.spec.McpSchema.Prompt;
import io.modelcontextprotocol.spec.McpSchema.Resource;
import io.modelcontextprotocol.spec.McpSchema.ResourceTemplate;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** The SDK's client, connected to one server. */
public final class McpConnection implements AutoCloseable {

    /** The server's words for a call that no rule is about. */
    private static final String UNDECIDED = "no rule permits it";

    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final MtlsClientTransport transport;
    private final McpAsyncClient client;
    private final Duration timeout;
    private final Ends ends;

    /** How both are named in messages. */
    private record Ends(String caller, String server) {}

    private McpConnection(MtlsClientTransport transport, McpAsyncClient client, Duration timeout, Ends ends) {
        this.ends = ends;
        this.transport = transport;
        this.client = client;
        this.timeout = timeout;
    }

    public static McpConnection open(URI server, TlsProfile profile, Duration timeout) {
        return open(server, MtlsClientTransport.builder(server), profile, Optional.empty(), timeout);
    }

    static McpConnection open(URI server, TlsProfile profile, Optional<ToolPins> pins, Duration timeout) {
        return open(server, MtlsClientTransport.builder(server), profile, pins, timeout);
    }

    /** For a call that the server is to decide on, whatever it lists; its result may be a task. */
    static McpConnection forCall(
            URI server, TlsProfile profile, Optional<ToolPins> pins, Duration timeout, Observer observer) {
        MtlsClientTransport.Builder transport = MtlsClientTransport.builder(server)
                .callingUnofferedTools()
                .background()
                .observer(observer);
        return open(server, transport, profile, pins, timeout);
    }

    private static McpConnection open(
            URI server,
            MtlsClientTransport.Builder transport,
            TlsProfile profile,
            Optional<ToolPins> pins,
            Duration timeout) {
        try {
            pins.ifPresent(transport::pins);
            return open(transport.tls(profile), timeout, new Ends(caller(profile), server.toString()));
        } catch (RuntimeException e) {
            if (ConnectionException.in(e).isEmpty() && e.getCause() instanceof TimeoutException) {
                String told = server + " took too long: no answer within " + Times.text(timeout);
                throw new Failure(
                        ExitCode.TIMED_OUT, told + "; check that it is an MCP server, or allow more (--timeout)", e);
            }
            throw e;
        }
    }

    private static String caller(TlsProfile profile) {
        X509Certificate own = profile.credentials().current().chain().leaf();
        return NamePattern.exactly(Caller.presenting(own, Assurance.VERIFIED).identity());
    }

    public static McpConnection open(MtlsClientTransport.Builder builder, Duration timeout) {
        return open(builder, timeout, new Ends("this client", "the server"));
    }

    private static McpConnection open(MtlsClientTransport.Builder builder, Duration timeout, Ends ends) {
        MtlsClientTransport transport = builder.withoutNotifications()
                .connectTimeout(timeout)
                .answerTimeout(timeout)
                .build();
        McpAsyncClient client = McpClient.async(transport)
                .clientInfo(Implementation.builder("mcp-mtls", Version.text()).build())
                .jsonSchemaValidator(McpConnection::validate)
                .requestTimeout(timeout)
                .initializationTimeout(timeout)
                .build();
        McpConnection connection = new McpConnection(transport, client, timeout, ends);
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

    /** Asks for a list with a question in {@code _meta}, and gives the {@code _meta} of the answer; the list is one that the server has. */
    Map<String, Object> askInList(Map<String, Object> question) {
        ServerCapabilities has = capabilities();
        try {
            Mono<Map<String, Object>> answer = has.tools() != null
                    ? client.listTools(null, question).mapNotNull(ListToolsResult::meta)
                    : has.prompts() != null
                            ? client.listPrompts(null, question).mapNotNull(ListPromptsResult::meta)
                            : has.resources() != null
                                    ? client.listResources(null, question).mapNotNull(ListResourcesResult::meta)
                                    : Mono.empty();
            return answer.blockOptional().orElse(Map.of());
        } catch (McpError e) {
            return Map.of(); // it has no such list, or does not show it to us
        } catch (RuntimeException e) {
            throw known(e);
        }
    }

    ServerCapabilities capabilities() {
        return client.getServerCapabilities();
    }

    List<Prompt> prompts() {
        return listed(client.listPrompts().map(ListPromptsResult::prompts));
    }

    List<Resource> resources() {
        return listed(client.listResources().map(ListResourcesResult::resources));
    }

    List<ResourceTemplate> resourceTemplates() {
        return listed(client.listResourceTemplates().map(ListResourceTemplatesResult::resourceTemplates));
    }

    private static <T> List<T> listed(Mono<List<T>> list) {
        try {
            return list.blockOptional().orElse(List.of());
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
            throw Failure.of(e).code() == ExitCode.DENIED ? denied(tool, e) : e;
        } catch (RuntimeException e) {
            throw known(e);
        }
    }

    /** How far a task is. */
    RemoteTask task(String id) {
        return asked(Mono.defer(() -> tasks().get(id)));
    }

    /** Has the server give a task up. */
    void cancel(String id) {
        asked(Mono.defer(() -> tasks().cancel(id)).thenReturn(id));
    }

    /**
     * Waits for a task to end.
     *
     * @param limit how long; without one, as long as the server works on it
     */
    CallToolResult await(String id, Consumer<RemoteTask> told, Optional<Duration> limit) {
        Mono<CallToolResult> result = Mono.defer(() -> tasks().await(id, told));
        try {
            return asked(limit.map(result::timeout).orElse(result));
        } catch (RuntimeException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new Failure(
                        ExitCode.TIMED_OUT,
                        List.of(
                                "the task goes on: it has not ended within " + Times.text(limit.orElse(Duration.ZERO)),
                                "wait for it with 'mcp-mtls tasks show --wait', or without --timeout"),
                        e);
            }
            throw e;
        }
    }

    private RemoteTasks tasks() {
        try {
            return transport.tasks();
        } catch (IllegalStateException legacy) {
            throw new Failure(ExitCode.FAILED, String.valueOf(legacy.getMessage()), legacy);
        }
    }

    private static <T> T asked(Mono<T> answer) {
        try {
            return answer.blockOptional().orElseThrow();
        } catch (McpError e) {
            throw e;
        } catch (RuntimeException e) {
            throw e.getCause() instanceof TimeoutException ? e : known(e);
        }
    }

    /** Attributes an unknown exception to the server: the SDK may throw any for an answer that it does not expect. */
    private static RuntimeException known(RuntimeException e) {
        return Failure.of(e).code() == ExitCode.INTERNAL_ERROR
                ? new Failure(ExitCode.FAILED, "cannot use the server's answer: " + e.getMessage(), e)
                : e;
    }

    /** The denial in plain words, and the command with which the server's operator finds it. */
    private Failure denied(String tool, McpError e) {
        String why = String.valueOf(e.getMessage());
        String told = why.equals(UNDECIDED)
                ? "no rule permits " + ends.caller() + " to call " + tool + " at " + ends.server()
                : why;
        return new Failure(
                ExitCode.DENIED,
                List.of(
                        "denied: " + told,
                        "the server's operator finds the record with 'mcp-mtls audit --connection "
                                + server().connection().id() + "'"));
    }

    ConnectedServer server() {
        return transport.server().orElseThrow();
    }

    @Override
    public void close() {
        client.closeGracefully().timeout(CLOSING).onErrorComplete().block();
    }
}
