// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.tls.TlsEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Balancers at 127.0.0.2 say who their clients are; other peers cannot. */
@Timeout(60)
@EnabledOnOs(LINUX) // all of 127.0.0.0/8 is this machine
class ProxyProtocolIT {

    private static final String BALANCER = "127.0.0.2";
    private static final String DIRECT = "127.0.0.3";
    private static final String V2 = "0d0a0d0a000d0a515549540a";
    private static final byte[] CLIENT = hex(V2 + "2111000cc0000207c0000201d43101bb");
    private static final byte[] LOCAL = hex(V2 + "20000000");
    private static final Duration SOON = Duration.ofSeconds(15);
    private static Station proxied;

    @BeforeAll
    static void open() {
        proxied = Station.open(settings -> settings.proxyProtocolFrom(List.of("127.0.0.2")), Station.who());
    }

    @AfterAll
    static void close() {
        proxied.close();
    }

    @BeforeEach
    void forget() {
        proxied.events().clear();
    }

    @Test
    void theClientOfAListedBalancerIsTheOneItNames() throws Exception {
        assertThat(call(connect(proxied, BALANCER, CLIENT))).contains(" 200 ", "agent/alice");

        ConnectionFacts facts = accepted();
        assertThat(facts.remote()).isEqualTo(new InetSocketAddress("192.0.2.7", 54_321));
        assertThat(facts.balancer())
                .map(balancer -> balancer.getAddress().getHostAddress())
                .contains(BALANCER);
    }

    @Test
    void aDirectClientIsWhereItIs() throws Exception {
        assertThat(call(connect(proxied, DIRECT, new byte[0]))).contains(" 200 ");

        ConnectionFacts facts = accepted();
        assertThat(facts.remote().getAddress().getHostAddress()).isEqualTo(DIRECT);
        assertThat(facts.balancer()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP6 2001:db8::7 2001:db8::1 54321 443\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 54321 443\r\n"
            })
    void version1NamesTheClientToo(String line) throws Exception {
        assertThat(call(connect(proxied, BALANCER, line.getBytes(StandardCharsets.US_ASCII))))
                .contains(" 200 ");
        assertThat(accepted().remote().getPort()).isEqualTo(54_321);
    }

    /** Unknown and malformed fields are skipped, up to the limit. */
    @Test
    void additionalFieldsAreSkipped() throws Exception {
        byte[] header = hex(V2 + "21110ff0c0000207c0000201d43101bb" + "e0ffff01".repeat((0xff0 - 12) / 4));

        assertThat(call(connect(proxied, BALANCER, header))).contains(" 200 ");
        assertThat(accepted().remote().getPort()).isEqualTo(54_321);
    }

    @Test
    void theHeaderMayComeByteByByteAndTogetherWithTheHello() throws Exception {
        Socket slow = plain(proxied, BALANCER);
        for (byte each : CLIENT) {
            slow.getOutputStream().write(each);
            slow.getOutputStream().flush();
        }
        assertThat(call(secured(slow, Station.context("alice")))).contains(" 200 ");
        assertThat(accepted().remote().getPort()).isEqualTo(54_321);
    }

    /** An unknown family, a Unix socket, and the balancer itself: the connection's own address is the one that is known. */
    @ParameterizedTest
    @ValueSource(strings = {V2 + "21000000", V2 + "213100d8", V2 + "20000000", "50524f585920554e4b4e4f574e0d0a"})
    void withoutAnAddressTheBalancersCounts(String header) throws Exception {
        byte[] whole = hex(header.endsWith("d8") ? header + "61".repeat(216) : header);

        assertThat(call(connect(proxied, BALANCER, whole))).contains(" 200 ");
        assertThat(accepted().remote().getAddress().getHostAddress()).isEqualTo(BALANCER);
        assertThat(accepted().balancer()).isEmpty();
    }

    @Test
    void aListedAddressWithoutAHeaderIsRefused() throws Exception {
        Socket plain = plain(proxied, BALANCER);
        plain.getOutputStream().write(hex("1603010005010000010000"));

        assertThat(Station.answer(plain)).isEmpty();
        assertThat(failed().why()).contains("no PROXY protocol header", "send-proxy-v2");
        assertThat(failed().connection().remote().getAddress().getHostAddress()).isEqualTo(BALANCER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2211000cc0000207c0000201d43101bb",
                "1111000cc0000207c0000201d43101bb",
                "2112000cc0000207c0000201d43101bb",
                "2111000b0000207c0000201d43101bb0",
                "2111ffffc0000207c0000201d43101bb"
            })
    void aMalformedHeaderIsRefusedUnderTheBalancersAddress(String header) throws Exception {
        Socket plain = plain(proxied, BALANCER);
        plain.getOutputStream().write(hex(V2 + header));

        assertThat(Station.answer(plain)).isEmpty();
        assertThat(failed().connection().remote().getAddress().getHostAddress()).isEqualTo(BALANCER);
    }

    /** Its claim appears nowhere. */
    @ParameterizedTest
    @ValueSource(strings = {V2 + "2111000cc0000207c0000201d43101bb", V2 + "20000000", "50524f585920"})
    void aHeaderFromAnotherAddressIsRefused(String header) throws Exception {
        Socket plain = plain(proxied, DIRECT);
        plain.getOutputStream().write(hex(header));

        Station.answer(plain);
        assertThat(failed().why()).contains("not in proxy-protocol.from");
        assertThat(failed().connection().remote().getAddress().getHostAddress()).isEqualTo(DIRECT);
    }

    /** Nested headers: the second is the client's, who is not believed. */
    @Test
    void aSecondHeaderIsRefusedUnderTheAddressOfTheFirst() throws Exception {
        Socket plain = plain(proxied, BALANCER);
        plain.getOutputStream().write(CLIENT);
        plain.getOutputStream().write(hex(V2 + "2111000c0a0000010a000002d43101bb"));

        Station.answer(plain);
        assertThat(failed().reason()).isEqualTo("BAD_PROXY_HEADER");
        assertThat(failed().connection().remote().getAddress().getHostAddress()).isEqualTo("192.0.2.7");
    }

    /** A balancer that looks whether the port is open is no attack: with LOCAL or without a byte, closed or reset. */
    @Test
    void healthChecksAreNotRecorded() throws Exception {
        for (byte[] check : List.of(LOCAL, new byte[0])) {
            for (int linger : new int[] {-1, 0}) {
                try (Socket plain = plain(proxied, BALANCER)) {
                    plain.getOutputStream().write(check);
                    plain.setSoLinger(linger == 0, 0);
                }
            }
        }
        assertThat(call(connect(proxied, BALANCER, CLIENT))).contains(" 200 ");
        assertThat(proxied.events().stream().filter(AuditEvent.HandshakeFailed.class::isInstance))
                .isEmpty();
    }

    @Test
    void aHeaderThatDoesNotArriveIsGivenTheTimeOfAHandshake() throws Exception {
        try (Station impatient = Station.open(
                settings -> settings.proxyProtocolFrom(List.of("127.0.0.0/8"))
                        .tls(Station.impatient(proxied, Duration.ofMillis(300))),
                Station.who())) {
            for (byte[] beginning : List.of(new byte[0], hex(V2), LOCAL)) {
                Socket plain = plain(impatient, BALANCER);
                plain.getOutputStream().write(beginning);
                assertThat(Station.answer(plain)).isEmpty();
            }
        }
        assertThat(proxied.events().stream()
                        .filter(AuditEvent.HandshakeFailed.class::isInstance)
                        .map(event -> ((AuditEvent.HandshakeFailed) event).why()))
                .hasSize(2)
                .allMatch(why -> why.contains("none arrived within 300 ms"));
    }

    @Test
    void theAddressOfIpv4OnADualStackSocketIsListedAsIpv4() throws Exception {
        try (Station dual = Station.open(
                settings -> settings.listen("::", 0).proxyProtocolFrom(List.of(BALANCER)), Station.who())) {
            assertThat(call(connect(dual, BALANCER, CLIENT))).contains(" 200 ");
            assertThat(call(connect(dual, DIRECT, new byte[0]))).contains(" 200 ");
        }
    }

    @Test
    void theJdksEngineGetsTheAddressToo() throws Exception {
        MtlsServerTransport transport = Station.transport(settings -> settings.tls(Station.tls(TlsEngine.JDK))
                .backend(new InMemoryBackend())
                .proxyProtocolFrom(List.of(BALANCER)));
        transport.start();
        try (Socket socket =
                secured(withHeader(plain(BALANCER, transport.address().getPort()), CLIENT), Station.context("alice"))) {
            assertThat(((SSLSocket) socket).getSession().getProtocol()).isEqualTo("TLSv1.3");
        } finally {
            transport.close();
        }
    }

    private static ConnectionFacts accepted() {
        return proxied.events().stream()
                .filter(AuditEvent.TlsAccepted.class::isInstance)
                .map(event -> ((AuditEvent.TlsAccepted) event).connection())
                .findFirst()
                .orElseThrow();
    }

    private static AuditEvent.HandshakeFailed failed() {
        assertThat(Station.comesTrue(SOON, () -> find().isPresent())).isTrue();
        return find().orElseThrow();
    }

    private static Optional<AuditEvent.HandshakeFailed> find() {
        return new ArrayList<>(proxied.events())
                .stream()
                        .filter(AuditEvent.HandshakeFailed.class::isInstance)
                        .map(AuditEvent.HandshakeFailed.class::cast)
                        .findFirst();
    }

    private static Socket connect(Station station, String from, byte[] header) throws IOException {
        return secured(withHeader(plain(station, from), header), Station.context("alice"));
    }

    private static Socket withHeader(Socket plain, byte[] header) throws IOException {
        plain.getOutputStream().write(header);
        return plain;
    }

    private static Socket plain(Station station, String from) throws IOException {
        return plain(from, station.port());
    }

    private static Socket plain(String from, int port) throws IOException {
        Socket plain = new Socket(InetAddress.getByName("127.0.0.1"), port, InetAddress.getByName(from), 0);
        plain.setSoTimeout(20_000);
        plain.setTcpNoDelay(true);
        return plain;
    }

    private static Socket secured(Socket plain, SSLContext context) throws IOException {
        SSLSocket secured =
                (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        secured.startHandshake();
        return secured;
    }

    private static String call(Socket socket) throws IOException {
        try (socket) {
            Station.write(socket, Agent.raw("who").replaceFirst("\r\n", "\r\nConnection: close\r\n"));
            return Station.answer(socket);
        }
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
