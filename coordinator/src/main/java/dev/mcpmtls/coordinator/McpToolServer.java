// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.transport.client.ConnectedServer;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.client.ToolPages;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A server reached through the SDK's client over mutual TLS. It connects when first needed, keeps the connection between
 * questions, and reconnects when the connection was lost. Thread-safe.
 */
public final class McpToolServer implements ToolServer {

    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final String name;
    private final Supplier<MtlsClientTransport> transports;
    private final Duration timeout;
    private @Nullable Session session;

    /** A transport and the client on it, compared by reference. */
    private static final class Session {
        private final MtlsClientTransport transport;
        private final McpAsyncClient client;
        private volatile boolean worked;

        Session(MtlsClientTransport transport, McpAsyncClient client) {
            this.transport = transport;
            this.client = client;
        }
    }

    /**
     * A server, not yet connected to.
     *
     * @param name the name in our configuration, for example {@code weather}
     * @param transports creates a transport for each connection
     * @param timeout for each request, and for the whole list of tools
     */
    public McpToolServer(String name, Supplier<MtlsClientTransport> transports, Duration timeout) {
        this.name = name;
        this.transports = transports;
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletableFuture<List<Tool>> tools() {
        Session first = session();
        // A working session may have ended since: its server was restarted, or its connection was lost.
        return list(first)
                .onErrorResume(failure -> first.worked ? list(session()) : Mono.error(failure))
                .toFuture();
    }

    private Mono<List<Tool>> list(Session with) {
        return ToolPages.all(with.transport, with.client, timeout)
                .doOnSuccess(tools -> with.worked = true)
                .doOnError(failure -> drop(with));
    }

    @Override
    public List<PinChange> withheld() {
        Session with = current();
        return with == null ? List.of() : with.transport.withheld();
    }

    @Override
    public CompletableFuture<CallToolResult> call(String tool, Map<String, Object> arguments) {
        Session with = current();
        return with == null
                ? CompletableFuture.failedFuture(new IllegalStateException("ask for the tools first"))
                : with.client
                        .callTool(CallToolRequest.builder(tool)
                                .arguments(arguments)
                                .build())
                        .toFuture();
    }

    @Override
    public Optional<PeerFacts> peer() {
        Session with = current();
        return with == null ? Optional.empty() : with.transport.server().map(McpToolServer::facts);
    }

    private static PeerFacts facts(ConnectedServer server) {
        return new PeerFacts(
                server.peer().identity().text(),
                server.peer().assurance().name().toLowerCase(Locale.ROOT),
                server.connection().tls().map(tls -> tls.version()).orElse(""),
                server.connection().tls().map(tls -> tls.cipher()).orElse(""),
                server.group().orElse(""),
                server.protocolVersion());
    }

    private synchronized @Nullable Session current() {
        return session;
    }

    private synchronized Session session() {
        if (session == null) {
            MtlsClientTransport transport = transports.get();
            McpAsyncClient client = McpClient.async(transport)
                    .clientInfo(Implementation.builder("mcp-mtls-coordinator", version())
                            .build())
                    .requestTimeout(timeout)
                    .initializationTimeout(timeout)
                    .build();
            session = new Session(transport, client);
        }
        return session;
    }

    private synchronized void drop(Session gone) {
        if (session == gone) {
            session = null;
        }
        gone.client.closeGracefully().onErrorComplete().subscribe();
    }

    private static String version() {
        String version = McpToolServer.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public void close() {
        Session open = current();
        if (open != null) {
            open.client
                    .closeGracefully()
                    .timeout(CLOSING)
                    .onErrorComplete()
                    .toFuture()
                    .join();
        }
    }
}
