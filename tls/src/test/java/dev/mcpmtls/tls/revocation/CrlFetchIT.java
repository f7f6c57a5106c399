// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TrustReloadFailed;
import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Arrivals;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.DistributionPoints;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Revocation.Mode;
import dev.mcpmtls.trust.RevocationRejection;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrlFetchIT {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 100_000;

    private final Instant now = Instant.now();
    private final MovableClock clock = new MovableClock(now);
    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", now);
    private final DistributionPoints points = new DistributionPoints();
    private final ChainVerifier hardFail = verifier(Mode.HARD_FAIL);
    private final ChainVerifier softFail = verifier(Mode.SOFT_FAIL);
    private final Arrivals<AuditEvent> events = new Arrivals<>();
    private final AuditSink audit = event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    };
    private final CrlFetch fetch =
            new CrlFetch(points, new CrlDownload(MAX_BYTES, Duration.ofSeconds(1)), audit, clock);
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService workers = Executors.newCachedThreadPool();

    private HttpServer server;
    private Issued client;
    private volatile HttpHandler publisher = exchange -> answer(exchange, 404, new byte[0]);

    @BeforeEach
    void publish() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(workers);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            publisher.handle(exchange);
        });
        server.start();
        client = ca.client("coordinator", spec -> spec.crlAt("http://127.0.0.1:" + port() + "/ca.crl"));
    }

    @AfterEach
    void stop() {
        end.countDown();
        fetch.close();
        server.stop(0);
        workers.shutdownNow();
    }

    @Test
    void fetchesAFreshListOnceAndKeepsIt() throws Exception {
        publish(ca.crl().encoded());
        assertUnknown("not fetched yet");
        fetch.once(LONG);
        assertThat(events.await(TrustReloaded.class).what()).contains("/ca.crl");
        accepted(hardFail);
        fetch.once(LONG);
        assertThat(asked).hasValue(1);
    }

    @Test
    void aRevocationReachesAPeerThatIsConnected() {
        publish(ca.crl().revoke(client.leaf()).encoded());
        Peer peer = accepted(softFail);
        assertThat(softFail.recheck(peer)).isEmpty();
        fetch.once(LONG);
        assertThat(softFail.recheck(peer)).get().isInstanceOf(RevocationRejection.Revoked.class);
    }

    @Test
    void fetchesAgainBeforeTheListEnds() {
        publish(ca.crl()
                .current(now.minusSeconds(60), Optional.of(now.plus(Duration.ofHours(1))))
                .encoded());
        Peer peer = accepted(softFail);
        fetch.once(LONG);
        clock.move(Duration.ofMinutes(53));
        fetch.once(LONG);
        assertThat(asked).hasValue(1);
        clock.move(Duration.ofMinutes(2));
        publish(ca.crl()
                .revoke(client.leaf())
                .current(clock.instant(), Optional.of(clock.instant().plusSeconds(60)))
                .encoded());
        fetch.once(LONG);
        assertThat(asked).hasValue(2);
        assertThat(softFail.recheck(peer)).get().isInstanceOf(RevocationRejection.Revoked.class);
    }

    @Test
    void anExpiredListClearsNobody() throws Exception {
        publish(ca.crl()
                .current(now.minusSeconds(60), Optional.of(now.minusSeconds(9)))
                .encoded());
        assertNothingComesOf("expired on");
    }

    @Test
    void aListOfAnotherIssuerClearsNobody() throws Exception {
        publish(ThrowawayCa.root("Test CA", now).crl().encoded());
        assertNothingComesOf("without the signature");
    }

    @Test
    void garbageClearsNobody() throws Exception {
        publish("<html>not found</html>".getBytes(StandardCharsets.UTF_8));
        assertNothingComesOf("damaged CRL");
    }

    @Test
    void anAnswerWithoutEndIsGivenUp() throws Exception {
        publisher = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[8192];
            while (true) {
                exchange.getResponseBody().write(chunk); // fails when the other side hangs up
            }
        };
        assertNothingComesOf("larger than " + MAX_BYTES);
    }

    @Test
    void silenceBeforeTheHeadersIsGivenUp() throws Exception {
        publisher = exchange -> awaitEnd();
        assertNothingComesOf("did not answer within 1 seconds");
    }

    @Test
    void aBodyThatDripsIsGivenUp() throws Exception {
        publisher = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(0x30);
            exchange.getResponseBody().flush();
            awaitEnd();
        };
        assertNothingComesOf("did not answer within 1 seconds");
    }

    @Test
    void anythingButSuccessIsGivenUp() throws Exception {
        assertNothingComesOf("status 404");
    }

    @Test
    void noRedirectIsFollowed() throws Exception {
        publisher = exchange -> {
            if (exchange.getRequestURI().getPath().equals("/ca.crl")) {
                exchange.getResponseHeaders().add("location", "http://127.0.0.1:" + port() + "/elsewhere");
                answer(exchange, 302, new byte[0]);
            } else {
                answer(exchange, 200, ca.crl().encoded());
            }
        };
        assertNothingComesOf("status 302");
    }

    @Test
    void aServerThatIsDownIsAskedAgainLaterAndItsReturnIsTold() throws Exception {
        assertNothingComesOf("status 404");
        publish(ca.crl().encoded());
        fetch.once(LONG);
        assertThat(asked).hasValue(1);
        clock.move(Duration.ofSeconds(5));
        fetch.once(LONG);
        events.await(TrustReloaded.class);
        accepted(hardFail);
    }

    @Test
    void aLostServerLeavesTheLastListInForce() throws Exception {
        publish(ca.crl().encoded());
        accepted(softFail);
        fetch.once(LONG);
        server.stop(0);
        clock.move(Duration.ofHours(7));
        fetch.once(LONG);
        assertThat(events.await(TrustReloadFailed.class).why()).contains("cannot be fetched");
        accepted(hardFail);
    }

    @Test
    void asksNobodyForWhatAStrangerNames() {
        Issued stranger = ThrowawayCa.root("Test CA", now)
                .client("coordinator", spec -> spec.crlAt("http://127.0.0.1:" + port() + "/ca.crl"));
        assertThat(softFail.verifyClient(new Chain(stranger.chain()))).isInstanceOf(Verdict.Rejected.class);
        fetch.once(LONG);
        assertThat(asked).hasValue(0);
    }

    @Test
    void aWatchFetchesByItself() throws Exception {
        publish(ca.crl().encoded());
        try (FileWatch watch = new FileWatch(audit, clock)) {
            watch.distributionPoints(hardFail);
            assertUnknown("not fetched yet");
            events.await(TrustReloaded.class);
            accepted(hardFail);
        }
    }

    private void assertNothingComesOf(String why) throws Exception {
        Peer peer = accepted(softFail);
        fetch.once(LONG);
        assertThat(events.await(TrustReloadFailed.class).why()).contains(why);
        assertUnknown(why);
        assertThat(softFail.recheck(peer)).isEmpty();
        fetch.once(LONG);
        assertThat(asked).hasValue(1);
    }

    private void assertUnknown(String why) {
        Verdict verdict = hardFail.verifyClient(new Chain(client.chain()));
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Rejected.class, rejected -> {
            assertThat(rejected.rejection().reason()).isEqualTo(Reason.REVOCATION_UNKNOWN);
            assertThat(rejected.rejection().explain()).contains(why);
        });
    }

    private Peer accepted(ChainVerifier verifier) {
        Verdict verdict = verifier.verifyClient(new Chain(client.chain()));
        assertThat(verdict).as("%s", verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer();
    }

    private ChainVerifier verifier(Mode mode) {
        TrustPolicy policy = TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate())));
        return new ChainVerifier(
                policy.withRevocation(Revocation.load(List.of(), Optional.empty(), mode, Optional.of(points))), clock);
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private void publish(byte[] list) {
        publisher = exchange -> answer(exchange, 200, list);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
