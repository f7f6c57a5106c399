// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.vertx.core.internal.threadchecker.BlockedThreadChecker;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A server on a free loopback port, with a tool or two, for callers whose certificates its own throwaway CA issues. */
public final class Station implements AutoCloseable {

    private static final ThrowawayCa CA = ThrowawayCa.root("Station");
    private static final Queue<String> BLOCKED = new ConcurrentLinkedQueue<>();
    private static final Logger DETECTOR = Logger.getLogger(BlockedThreadChecker.LOGGER_NAME);

    static {
        DETECTOR.addHandler(new Handler() {
            @Override
            public void publish(LogRecord line) {
                BLOCKED.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
    private final ChainVerifier verifier = strict();
    private final MtlsServerTransport transport;
    private final McpSyncServer server;

    private Station(
            UnaryOperator<MtlsServerTransport.Builder> settings,
            UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> features) {
        transport = settings.apply(MtlsServerTransport.builder().tls(tls(verifier, events)))
                .build();
        server = features.apply(McpServer.sync(transport)
                        .serverInfo("station", "1")
                        .immediateExecution(true)
                        .requestTimeout(Duration.ofSeconds(20))
                        .capabilities(McpSchema.ServerCapabilities.builder()
                                .tools(true)
                                .resources(true, true)
                                .build()))
                .build();
        transport.start();
    }

    private static TlsProfile tls(ChainVerifier verifier, Queue<AuditEvent> events) {
        return tls(verifier, events, TlsEngine.AUTO);
    }

    /** A strict profile with that engine, which speaks TLS 1.2 too. */
    static TlsProfile tls(TlsEngine engine) {
        return tls(strict(), new ConcurrentLinkedQueue<>(), engine);
    }

    /** A profile whose handshakes are given that long, and whose events that station has. */
    static TlsProfile impatient(Station station, Duration handshakes) {
        return profile(strict(), station.events, TlsEngine.AUTO)
                .handshakeTimeout(handshakes)
                .build();
    }

    private static TlsProfile tls(ChainVerifier verifier, Queue<AuditEvent> events, TlsEngine engine) {
        return profile(verifier, events, engine).build();
    }

    private static TlsProfile.Builder profile(ChainVerifier verifier, Queue<AuditEvent> events, TlsEngine engine) {
        Issued issued = CA.server("station");
        Credential credential = Credential.of("station", issued.privateKey(), new Chain(issued.chain()));
        AuditSink audit = event -> {
            events.add(event);
            return CompletableFuture.completedFuture(null);
        };
        return TlsProfile.builder(CredentialSource.fixed(credential), verifier)
                .audit(audit)
                .engine(engine)
                .minVersion(engine == TlsEngine.AUTO ? TlsVersion.TLS_1_3 : TlsVersion.TLS_1_2);
    }

    /** A server over another backend than the SDK's. */
    static Running running(Backend backend, Queue<AuditEvent> events) {
        return running(backend, events, settings -> settings);
    }

    static Running running(
            Backend backend, Queue<AuditEvent> events, UnaryOperator<MtlsServerTransport.Builder> settings) {
        return Running.start(settings.apply(MtlsServerTransport.builder().tls(tls(strict(), events))), backend, null);
    }

    /** A transport alone, for another server than the station's. */
    static MtlsServerTransport transport(UnaryOperator<MtlsServerTransport.Builder> settings) {
        return settings.apply(MtlsServerTransport.builder().tls(tls(strict(), new ConcurrentLinkedQueue<>())))
                .build();
    }

    private static ChainVerifier strict() {
        return new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate()))), InstantSource.system());
    }

    static Station open(
            UnaryOperator<MtlsServerTransport.Builder> settings,
            UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> features) {
        return new Station(settings, features);
    }

    static Station open(UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> features) {
        return new Station(settings -> settings, features);
    }

    /** A tool without arguments. */
    static UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> tool(
            String name, BiFunction<McpSyncServerExchange, CallToolRequest, String> handler) {
        McpSchema.Tool tool =
                McpSchema.Tool.builder(name, Map.of("type", "object")).build();
        return server -> server.toolCall(tool, (exchange, call) -> text(handler.apply(exchange, call)));
    }

    /** Says who calls. */
    static UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> who() {
        return tool(
                "who",
                (exchange, call) -> Caller.from(exchange.transportContext())
                        .peer()
                        .identity()
                        .text());
    }

    /** Logs a line before it is done. */
    static UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> chatty() {
        return tool("chatty", (exchange, call) -> {
            exchange.loggingNotification(
                    McpSchema.LoggingMessageNotification.builder(McpSchema.LoggingLevel.WARNING, "working")
                            .build());
            return "done";
        });
    }

    /** Waits until it is interrupted. */
    static UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> stuck(
            CountDownLatch entered, CountDownLatch interrupted) {
        return tool("stuck", (exchange, call) -> {
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return "never";
        });
    }

    static CallToolResult text(String text) {
        return CallToolResult.builder().addTextContent(text).build();
    }

    MtlsServerTransport transport() {
        return transport;
    }

    McpSyncServer server() {
        return server;
    }

    ChainVerifier verifier() {
        return verifier;
    }

    Queue<AuditEvent> events() {
        return events;
    }

    int port() {
        return transport.address().getPort();
    }

    /** A JDK client's TLS as {@code spiffe://demo.local/agent/<name>}, with a new certificate each time. */
    static SSLContext context(String name) {
        return context(CA.client(name));
    }

    static SSLContext context(Issued issued) {
        return context(issued, CA.certificate());
    }

    static SSLContext context(Issued issued, X509Certificate anchor) {
        try {
            KeyStore keys = issued.keyStore("secret");
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, "secret".toCharArray());
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            anchors.setCertificateEntry("ca", anchor);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A bare TLS connection, for what no HTTP client would send. */
    Socket socket(String name) throws IOException {
        SSLSocket socket = (SSLSocket) context(name).getSocketFactory().createSocket("127.0.0.1", port());
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    /** As {@link #socket}, where the system reads next to nothing ahead. */
    Socket deafSocket(String name) throws IOException {
        Socket plain = new Socket();
        plain.setReceiveBufferSize(4096);
        plain.connect(new InetSocketAddress("127.0.0.1", port()));
        SSLSocket socket = (SSLSocket) context(name).getSocketFactory().createSocket(plain, "127.0.0.1", port(), true);
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    /** Sends text as it is. */
    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Everything the server says until it closes the connection, however it does. */
    static String answer(Socket socket) {
        StringBuilder all = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.append((char) next);
            }
        } catch (IOException aborted) {
            // The part that was read before counts.
        }
        return all.toString();
    }

    /** An HTTP client of that identity. */
    Agent agent(String name) {
        return new Agent(transport.uri(), context(name));
    }

    /** Whether a condition comes true within this time. */
    public static boolean comesTrue(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return true;
    }

    /** Fails when something held up an event loop meanwhile. */
    @Override
    public void close() {
        transport.shutdown(Duration.ZERO).join();
        List<String> blocked = new ArrayList<>();
        for (String line = BLOCKED.poll(); line != null; line = BLOCKED.poll()) {
            blocked.add(line);
        }
        if (!blocked.isEmpty()) {
            throw new AssertionError("event loops were blocked: " + blocked);
        }
    }

    /** The reports of Vert.x's detector on event loops that were blocked for two seconds or longer. */
    static Queue<String> blocked() {
        return BLOCKED;
    }
}
