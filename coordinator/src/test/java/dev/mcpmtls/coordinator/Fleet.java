// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.coordinator.rules.RulePlanner;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.servers.datetime.DatetimeServer;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.servers.gazetteer.Atlas;
import dev.mcpmtls.servers.openmeteo.OpenMeteo;
import dev.mcpmtls.servers.weather.Weather;
import dev.mcpmtls.servers.weather.WeatherServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** The three servers on free ports, and coordinators that connect to them. */
public final class Fleet implements AutoCloseable {

    static final ThrowawayCa CA = ThrowawayCa.root("Fleet");
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-22T09:30:05Z"));
    private static final Duration REQUEST = Duration.ofSeconds(20);

    final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
    private final Map<String, MtlsServerTransport> running = new ConcurrentHashMap<>();
    private final List<Coordinator> coordinators = new ArrayList<>();

    public Fleet start(String name) {
        return start(name, 0, AccessPolicy.everyAcceptedPeer());
    }

    public Fleet start(String name, int port, AccessPolicy policy) {
        MtlsServerTransport transport = MtlsServerTransport.builder()
                .listen("127.0.0.1", port)
                .accessPolicy(policy)
                .tls(profile(name, CA.server(name), CA))
                .build();
        servers().get(name).accept(transport);
        transport.start();
        running.put(name, transport);
        return this;
    }

    Fleet startAll() {
        servers().keySet().forEach(this::start);
        return this;
    }

    int stop(String name) {
        MtlsServerTransport transport = running.remove(name);
        int port = transport.address().getPort();
        transport.shutdown(Duration.ZERO).join();
        return port;
    }

    URI uri(String name) {
        return running.get(name).uri();
    }

    private static Map<String, Consumer<MtlsServerTransport>> servers() {
        Weather weather = Weather.from(Weather.Provider.SIMULATED, OpenMeteo.publicService(CLOCK), CLOCK);
        return Map.of(
                "weather", transport -> WeatherServer.over(transport, weather),
                "datetime", transport -> DatetimeServer.over(transport, Atlas.builtIn(), CLOCK),
                "echo", EchoServer::over);
    }

    Coordinator coordinator(ToolServer... servers) {
        Coordinator coordinator = new Coordinator(new RulePlanner(), List.of(servers));
        coordinators.add(coordinator);
        return coordinator;
    }

    /** The server for a coordinator with a valid credential. */
    public ToolServer server(String name) {
        return server(name, uri(name), CA.client("coordinator"), CA);
    }

    ToolServer server(String name, URI uri, Issued credential, ThrowawayCa trusted) {
        return new McpToolServer(
                name,
                () -> MtlsClientTransport.builder(uri)
                        .tls(profile("coordinator", credential, trusted))
                        .build(),
                REQUEST);
    }

    TlsProfile profile(String name, Issued issued, ThrowawayCa trusted) {
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(trusted.certificate()))), InstantSource.system());
        return TlsProfile.builder(
                        CredentialSource.fixed(Credential.of(name, issued.privateKey(), new Chain(issued.chain()))),
                        verifier)
                .audit(event -> {
                    events.add(event);
                    return CompletableFuture.completedFuture(null);
                })
                .build();
    }

    @Override
    public void close() {
        coordinators.forEach(Coordinator::close);
        running.values().forEach(transport -> transport.shutdown(Duration.ZERO).join());
    }
}
