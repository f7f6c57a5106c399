// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Status;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.doctor.Doctor.Spoken;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.DistributionPoints;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;

/** One test for each way in which a connection can be broken: what the doctor says against what was broken. */
class DoctorIT {

    private static final String OK = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private final Instant now = Instant.now();
    private final ThrowawayCa ca = ThrowawayCa.root("Good CA");
    private final ThrowawayCa other = ThrowawayCa.root("Other CA");
    private final Issued agent = ca.client("agent");
    private final Queue<AuditEvent> atServer = new ConcurrentLinkedQueue<>();

    @Test
    void findsNothingWrongWithAGoodServer() {
        try (Good server = new Good()) {
            Diagnosis diagnosis = examine(server.uri(), agent);
            assertThat(diagnosis.checks())
                    .allSatisfy(
                            check -> assertThat(check.status()).as("%s", check).isEqualTo(Status.OK));
            assertThat(diagnosis.checks().stream().map(Check::step))
                    .containsExactly(
                            Step.CREDENTIAL,
                            Step.NAME,
                            Step.TCP,
                            Step.TLS,
                            Step.SERVER_CERTIFICATE,
                            Step.CLIENT_CERTIFICATE,
                            Step.VERDICT,
                            Step.HTTP,
                            Step.CLOCK,
                            Step.MCP,
                            Step.TOOLS);
        }
    }

    @Test
    void aNameWithoutAddress() {
        assertFails(URI.create("https://nowhere.invalid:8443/mcp"), Step.NAME, "no address");
    }

    @Test
    void aPortWhereNobodyListens() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThat(assertFails(at(port), Step.TCP, "Connection refused").fault())
                .isEqualTo(Fault.UNREACHABLE);
    }

    @Test
    void plainHttpOnThePort() throws Exception {
        try (BrokenServer server = BrokenServer.plain(OK)) {
            Check check = assertFails(at(server.port()), Step.TLS, "plain HTTP", "400 Bad Request");
            assertThat(check.fault()).isEqualTo(Fault.UNREACHABLE);
        }
    }

    @Test
    void aServerThatFailsByItselfIsNotBlamedOnTheTlsVersion() throws Exception {
        String internalError = "\u0015\u0003\u0003\u0000\u0002\u0002P";
        try (BrokenServer server = BrokenServer.plain(internalError)) {
            Check check = assertFails(at(server.port()), Step.TLS, "the alert internal_error");
            assertThat(check.evidence()).doesNotContain("version");
            assertThat(check.remedy()).contains("server's log");
        }
    }

    @Test
    void anHttpProxyOnThePort() throws Exception {
        String answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
        try (BrokenServer server = BrokenServer.plain(answer)) {
            assertFails(at(server.port()), Step.TLS, "as a proxy does");
        }
    }

    @Test
    void aServerThatSaysNothing() throws Exception {
        try (BrokenServer server = BrokenServer.plain(null)) {
            Check check = assertFails(at(server.port()), Step.TLS, "did not complete within");
            assertThat(check.fault()).isEqualTo(Fault.TIMED_OUT);
        }
    }

    @Test
    void aServerThatSaysNothingAfterTheHandshake() throws Exception {
        try (BrokenServer server = BrokenServer.tls(ca.server("s"), ca.certificate(), null, s -> {})) {
            Check check = assertFails(at(server.port()), Step.HTTP, "no answer after the handshake");
            assertThat(check.fault()).isEqualTo(Fault.TIMED_OUT);
        }
    }

    @Test
    void aServerWithoutTls13() throws Exception {
        try (BrokenServer server = tls(ca.server("s"), s -> s.setEnabledProtocols(new String[] {"TLSv1.2"}))) {
            Check check = assertFails(at(server.port()), Step.TLS, "no common version");
            assertThat(check.remedy()).contains("tls.min-version");
        }
    }

    @Test
    void aServerWithoutACommonCipherSuite() throws Exception {
        try (BrokenServer server = tls(ca.server("s"), s -> {
            s.setEnabledProtocols(new String[] {"TLSv1.2"});
            s.setEnabledCipherSuites(new String[] {"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"});
        })) {
            assertFails(at(server.port()), Step.TLS, "no common TLS version or cipher suite");
        }
    }

    @Test
    void aServerOfAnotherName() throws Exception {
        Issued elsewhere = ca.server("s", spec -> spec.withoutNames().dns("elsewhere.example"));
        try (BrokenServer server = tls(elsewhere)) {
            assertFails(at(server.port()), Step.SERVER_CERTIFICATE, "elsewhere.example", "not for localhost");
        }
    }

    @Test
    void aServerOfAnUnknownAuthority() throws Exception {
        try (BrokenServer server = tls(other.server("s"))) {
            Check check = assertFails(at(server.port()), Step.SERVER_CERTIFICATE, "CN=Other CA", "no trust anchor");
            assertThat(check.remedy()).contains("tls.trust-anchors").doesNotContain("cert renew");
            assertThat(check.fault()).isEqualTo(Fault.REFUSED);
        }
    }

    @Test
    void aServerOfWhichNobodySaysWhetherItIsRevoked() throws Exception {
        Revocation nothingKnown = Revocation.load(
                List.of(), Optional.empty(), Revocation.Mode.SOFT_FAIL, Optional.of(new DistributionPoints()));
        try (BrokenServer server = tls(ca.server("s"))) {
            Check check = find(examine(at(server.port()), agent, nothingKnown), Step.SERVER_CERTIFICATE);
            assertThat(check.status()).isEqualTo(Status.WARNING);
            assertThat(check.evidence()).endsWith("; accepted because tls.revocation.mode is soft-fail");
        }
    }

    @Test
    void aServerThatDoesNotSendItsIntermediate() throws Exception {
        Issued whole = ca.intermediate("Team CA").server("s");
        try (BrokenServer server = tls(whole.withChain(whole.leaf()))) {
            Check check = assertFails(at(server.port()), Step.SERVER_CERTIFICATE, "CN=Team CA");
            assertThat(check.remedy()).contains("leaf first, then intermediates");
        }
        try (BrokenServer server = tls(whole)) {
            assertThat(find(examine(at(server.port()), agent), Step.SERVER_CERTIFICATE)
                            .status())
                    .isEqualTo(Status.OK);
        }
    }

    @Test
    void anExpiredServer() throws Exception {
        Issued old = ca.server("s", spec -> spec.valid(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(5))));
        try (BrokenServer server = tls(old)) {
            assertFails(at(server.port()), Step.SERVER_CERTIFICATE, "expired on", "5 days away from our clock");
        }
    }

    @Test
    void aServerThatIsNotYetValid() throws Exception {
        Issued early = ca.server("s", spec -> spec.valid(now.plus(Duration.ofHours(5)), now.plus(Duration.ofHours(9))));
        try (BrokenServer server = tls(early)) {
            assertFails(at(server.port()), Step.SERVER_CERTIFICATE, "is not valid before", "hours away from our clock");
        }
    }

    @Test
    void aServerWhoseKeyIsAnothers() throws Exception {
        try (BrokenServer server =
                BrokenServer.tls(ca.server("s"), Keys.ec().getPrivate(), ca.certificate(), OK, s -> {})) {
            assertFails(at(server.port()), Step.TLS, "could not prove that it holds the key");
        }
    }

    @Test
    void aServerThatDoesNotAskForACertificate() throws Exception {
        try (BrokenServer server = tls(ca.server("s"), s -> s.setNeedClientAuth(false))) {
            Check check = assertFails(at(server.port()), Step.CLIENT_CERTIFICATE, "does not ask");
            assertThat(check.remedy()).contains("proxy or load balancer");
        }
    }

    @Test
    void aProxyThatEndsTls() throws Exception {
        String answer = "HTTP/1.1 502 Bad Gateway\r\nVia: 1.1 front\r\nServer: front\r\n\r\n";
        try (BrokenServer server = BrokenServer.tls(ca.server("s"), ca.certificate(), answer, s -> {})) {
            assertFails(at(server.port()), Step.HTTP, "something in between", "via 1.1 front");
        }
    }

    @Test
    void aServerWhoseClockIsWrong() throws Exception {
        String answer = "HTTP/1.1 400 Bad Request\r\nDate: Sat, 21 Nov 2020 10:00:00 GMT\r\n\r\n";
        try (BrokenServer server = BrokenServer.tls(ca.server("s"), ca.certificate(), answer, s -> {})) {
            assertThat(find(examine(at(server.port()), agent), Step.CLOCK).evidence())
                    .contains("behind ours");
        }
    }

    @Test
    void aWrongPath() {
        try (Good server = new Good()) {
            Check check = assertFails(server.uri().resolve("/elsewhere"), Step.HTTP, "404", "the MCP path is wrong");
            assertThat(check.fault()).isEqualTo(Fault.FAILED);
        }
    }

    @Test
    void aClientOfAnUnknownAuthority() {
        try (Good server = new Good()) {
            Diagnosis diagnosis = examine(server.uri(), other.client("agent"));
            Check check = find(diagnosis, Step.VERDICT);
            assertThat(check.status()).isEqualTo(Status.FAILED);
            assertThat(check.evidence()).contains("unknown_ca");
            assertThat(check.remedy()).contains("our ca.crt in its tls.trust-anchors");
            assertThat(find(diagnosis, Step.CLIENT_CERTIFICATE).evidence())
                    .contains("CN=Good CA")
                    .contains("CN=Other CA");
        }
    }

    @Test
    void anExpiredClient() {
        Issued old = ca.client("agent", spec -> spec.valid(now.minus(Duration.ofDays(3)), now.minusSeconds(7200)));
        try (Good server = new Good()) {
            Diagnosis diagnosis = examine(server.uri(), old);
            assertThat(find(diagnosis, Step.CREDENTIAL).evidence()).contains("expired on", "120 minutes away");
            assertThat(find(diagnosis, Step.VERDICT).evidence()).contains("certificate_expired");
        }
    }

    @Test
    void aClientWithAServersCertificate() {
        try (Good server = new Good()) {
            Diagnosis diagnosis = examine(server.uri(), ca.server("agent"));
            assertThat(find(diagnosis, Step.CREDENTIAL).evidence()).contains("may not be used as a TLS client");
            assertThat(find(diagnosis, Step.VERDICT).evidence()).contains("unsupported_certificate");
        }
    }

    @Test
    void theServersAuditHasTheRefusalUnderTheSameConnection() {
        try (Good server = new Good()) {
            Diagnosis diagnosis = examine(server.uri(), other.client("agent"));
            String id = diagnosis.connectionId().orElseThrow();
            assertThat(find(diagnosis, Step.VERDICT).evidence()).contains(id);
            assertThat(atServer)
                    .anySatisfy(event -> assertThat(event)
                            .isInstanceOfSatisfying(
                                    AuditEvent.TlsRejected.class,
                                    rejected -> assertThat(rejected.connection().id())
                                            .isEqualTo(id)));
        }
    }

    @Test
    void namesTheProxyOfTheEnvironment() {
        Map<String, String> environment = Map.of("https_proxy", "http://user:secret@proxy.example:3128");
        assertThat(Proxies.configured(environment, "server.example")).contains("http://proxy.example:3128");
        assertThat(Proxies.configured(Map.of(), "server.example")).isEmpty();
        Map<String, String> exempt = Map.of("HTTPS_PROXY", "http://proxy:1", "NO_PROXY", "localhost, .example");
        assertThat(Proxies.configured(exempt, "server.example")).isEmpty();
    }

    private Check assertFails(URI server, Step step, String... evidence) {
        Diagnosis diagnosis = examine(server, agent);
        Check first = diagnosis.firstFailure().orElseThrow(() -> new AssertionError(diagnosis));
        assertThat(first.step()).as("%s", diagnosis).isEqualTo(step);
        assertThat(first.evidence()).contains(evidence);
        assertThat(first.remedy()).isNotBlank();
        return first;
    }

    private Diagnosis examine(URI server, Issued own) {
        return examine(server, own, Revocation.none());
    }

    private Diagnosis examine(URI server, Issued own, Revocation revocation) {
        TlsProfile profile = profile(own, AuditSink.none(), revocation);
        return new Doctor(
                        server,
                        profile,
                        Duration.ofSeconds(2),
                        time -> new Spoken("echo-mcp", "MCP 2026-07-28", "TLSv1.3", List.of("echo")),
                        TokenSource.NONE,
                        Map.of())
                .examine();
    }

    private TlsProfile profile(Issued own, AuditSink audit, Revocation revocation) {
        Credential credential = Credential.of("own", own.privateKey(), new Chain(own.chain()));
        TrustPolicy policy =
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))).withRevocation(revocation);
        return TlsProfile.builder(CredentialSource.fixed(credential), new ChainVerifier(policy, InstantSource.system()))
                .minVersion(TlsVersion.TLS_1_3)
                .audit(audit)
                .build();
    }

    private static Check find(Diagnosis diagnosis, Step step) {
        return diagnosis.checks().stream()
                .filter(check -> check.step() == step)
                .findFirst()
                .orElseThrow(() -> new AssertionError(diagnosis));
    }

    private BrokenServer tls(Issued own) throws Exception {
        return tls(own, s -> {});
    }

    private BrokenServer tls(Issued own, java.util.function.Consumer<SSLServerSocket> wrong) throws Exception {
        return BrokenServer.tls(own, ca.certificate(), OK, wrong);
    }

    private static URI at(int port) {
        return URI.create("https://localhost:" + port + "/mcp");
    }

    /** A server of ours. */
    private final class Good implements AutoCloseable {

        private final MtlsServerTransport transport;

        Good() {
            transport = MtlsServerTransport.builder()
                    .tls(profile(
                            ca.server("echo"),
                            event -> {
                                atServer.add(event);
                                return CompletableFuture.completedFuture(null);
                            },
                            Revocation.none()))
                    .build();
            EchoServer.over(transport);
            transport.start();
        }

        URI uri() {
            return transport.uri();
        }

        @Override
        public void close() {
            transport.shutdown(Duration.ZERO).join();
        }
    }
}
