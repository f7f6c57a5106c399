// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.CredentialExpiring;
import dev.mcpmtls.audit.AuditEvent.PeerLapsed;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.server.McpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose files and whose clock change while it is used. */
class OperationIT {

    private static final Duration CUT_OFF = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private final ThrowawayCa ca = ThrowawayCa.root("Operations");
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final BlockingQueue<AuditEvent> events = new LinkedBlockingQueue<>();
    private final AuditSink audit = event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    };
    private final ChainVerifier verifier =
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), this::now);
    private final FileWatch watch = new FileWatch(audit, this::now);
    private Path weather;
    private CredentialSource credentials;
    private MtlsServerTransport transport;

    @BeforeEach
    void serve() throws Exception {
        weather = directory.resolve("weather");
        install(ca.server("weather"), 0);
        credentials = watch.credential(weather, Purpose.SERVER, verifier);
        TlsProfile profile = TlsProfile.builder(credentials, verifier)
                .audit(audit)
                .clock(this::now)
                .build();
        transport = MtlsServerTransport.builder().tls(profile).build();
        Station.tool("long", (exchange, call) -> {
                    Task.begin(exchange);
                    return "the outcome";
                })
                .apply(Station.tool("hello", (exchange, call) -> "hello")
                        .apply(McpServer.sync(transport)
                                .serverInfo("weather-mcp", "1")
                                .immediateExecution(true)))
                .build();
        transport.start();
    }

    @AfterEach
    void close() {
        transport.shutdown(Duration.ZERO).join();
        watch.close();
    }

    /** By hand: {@code -Dreloads=50 -Drequests=10000}. */
    @Test
    void losesNoRequestWhileTheCredentialIsReplaced() throws Exception {
        int reloads = Integer.getInteger("reloads", 4);
        int requests = Integer.getInteger("requests", 1_000);
        AtomicInteger answered = new AtomicInteger();
        AtomicBoolean reloading = new AtomicBoolean(true);
        ExecutorService clients = Executors.newFixedThreadPool(4);
        List<Future<?>> running = IntStream.range(0, 4)
                .<Future<?>>mapToObj(client -> clients.submit(() -> {
                    Agent agent = agent(ca.client("client" + client));
                    for (int i = 0; reloading.get() || answered.get() < requests; i++) {
                        agent = i % 20 == 0 ? agent(ca.client("client" + client)) : agent;
                        assertThat(agent.send(agent.modernCall("hello", "")).status())
                                .isEqualTo(200);
                        answered.incrementAndGet();
                    }
                    return null;
                }))
                .toList();
        Semaphore reloaded = new Semaphore(0);
        credentials.onChange(reloaded::release);
        Issued last = ca.server("weather");
        for (int i = 1; i <= reloads; i++) {
            last = ca.server("weather");
            install(last, i);
            assertThat(reloaded.tryAcquire(2, TimeUnit.SECONDS))
                    .as("reload %d within two seconds", i)
                    .isTrue();
        }
        reloading.set(false);
        for (Future<?> client : running) {
            client.get(10, TimeUnit.MINUTES);
        }
        clients.shutdown();

        assertThat(answered).hasValueGreaterThanOrEqualTo(requests);
        assertThat(presented()).isEqualTo(last.leaf());
    }

    @Test
    void cutsOffAnOpenConnectionWhenItsPeerIsRevoked() throws Exception {
        Issued alice = ca.client("alice");
        Path crl = ca.crl().writeTo(directory.resolve("crl.pem"));
        verifier.replacePolicy(verifier.policy()
                .withRevocation(Revocation.load(List.of(crl), Optional.empty(), Revocation.Mode.HARD_FAIL)));
        watch.revocation(verifier, List.of(crl));
        CompletableFuture<Void> cut = listen(alice);
        CompletableFuture<Void> other = listen(ca.client("bob"));

        ca.crl().revoke(alice.leaf()).writeTo(crl);

        cut.get(CUT_OFF.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(other).isNotDone();
        assertThat(next(PeerLapsed.class).rejection().reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void cutsOffPeersAndWarnsOfItsOwnEndWhenTheClockJumpsForward() throws Exception {
        CompletableFuture<Void> cut = listen(ca.client("alice"));

        ahead.set(Duration.ofHours(25));

        cut.get(CUT_OFF.toMillis(), TimeUnit.MILLISECONDS);
        PeerLapsed lapse = null;
        CredentialExpiring warning = null;
        while (lapse == null || warning == null) {
            AuditEvent event = next(AuditEvent.class);
            lapse = event instanceof PeerLapsed lapsed ? lapsed : lapse;
            warning = event instanceof CredentialExpiring expiring ? expiring : warning;
        }
        assertThat(lapse.rejection().reason()).isEqualTo(Reason.EXPIRED);
        assertThat(warning.left()).isNegative();
    }

    @Test
    void keepsTheOutcomeOfATaskFromACertificateThatWasRevokedMeanwhile() throws Exception {
        Issued alice = ca.client("alice");
        Path crl = ca.crl().writeTo(directory.resolve("crl.pem"));
        verifier.replacePolicy(verifier.policy()
                .withRevocation(Revocation.load(List.of(crl), Optional.empty(), Revocation.Mode.HARD_FAIL)));
        watch.revocation(verifier, List.of(crl));

        requireThatTheOutcomeIsLost(alice, () -> ca.crl().revoke(alice.leaf()).writeTo(crl));
    }

    @Test
    void keepsTheOutcomeOfATaskFromACertificateThatExpiredMeanwhile() throws Exception {
        Instant begin = Instant.now();
        Issued alice =
                ca.client("alice", spec -> spec.valid(begin.minusSeconds(60), begin.plus(Duration.ofMinutes(10))));

        requireThatTheOutcomeIsLost(alice, () -> ahead.set(Duration.ofMinutes(11)));
    }

    /** To this certificate; the identity has it with another. */
    private void requireThatTheOutcomeIsLost(Issued alice, Runnable lapse) throws Exception {
        Agent before = agent(alice);
        String id = TaskClient.begin(before, "long");
        TaskClient.awaited(before, id, TaskClient::isOver);

        lapse.run();
        next(PeerLapsed.class);

        for (Agent lapsed : List.of(before, agent(alice))) {
            assertThatThrownBy(() -> TaskClient.get(lapsed, id)).hasCauseInstanceOf(IOException.class);
        }
        assertThat(TaskClient.get(agent(ca.client("alice")), id).toString()).contains("the outcome");
    }

    @Test
    void servesOnWhenTheClockJumpsBackWithinTheValidity() throws Exception {
        CompletableFuture<Void> open = listen(ca.client("alice"));
        ahead.set(Duration.ofHours(23));
        next(CredentialExpiring.class);
        ahead.set(Duration.ZERO);
        Agent bob = agent(ca.client("bob"));
        assertThat(bob.send(bob.modernCall("hello", "")).status()).isEqualTo(200);
        assertThat(open).isNotDone();
    }

    private Instant now() {
        return Instant.now().plus(ahead.get());
    }

    /** As our own store replaces a credential: a new directory, then one move of a link. */
    private void install(Issued issued, int version) throws Exception {
        Path written = issued.writeTo(directory.resolve("versions").resolve(String.valueOf(version)), ca.certificate());
        Path link = Files.createSymbolicLink(directory.resolve("next"), written);
        Files.move(link, weather, StandardCopyOption.ATOMIC_MOVE);
    }

    private Agent agent(Issued issued) {
        return new Agent(transport.uri(), Station.context(issued, ca.certificate()));
    }

    /** Opens an event stream; completes when it is cut off. */
    private CompletableFuture<Void> listen(Issued issued) throws Exception {
        Agent agent = agent(issued);
        String session = agent.initialize();
        Stream<String> lines =
                agent.stream(agent.request("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25")
                        .GET()
                        .timeout(Duration.ofMinutes(1)));
        return CompletableFuture.runAsync(() -> lines.forEach(line -> {})).exceptionally(reset -> null);
    }

    private Object presented() throws Exception {
        try (javax.net.ssl.SSLSocket socket =
                (javax.net.ssl.SSLSocket) Station.context(ca.client("eve"), ca.certificate())
                        .getSocketFactory()
                        .createSocket("127.0.0.1", transport.address().getPort())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private <E extends AuditEvent> E next(Class<E> type) throws InterruptedException {
        while (true) {
            AuditEvent event = events.poll(CUT_OFF.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(event).as("an event %s", type.getSimpleName()).isNotNull();
            if (type.isInstance(event)) {
                return type.cast(event);
            }
        }
    }
}
