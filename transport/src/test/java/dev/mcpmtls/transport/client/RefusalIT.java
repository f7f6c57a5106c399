// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.ConnectionException.PeerRefused;
import dev.mcpmtls.transport.client.ConnectionException.RefusedByPeer;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import dev.mcpmtls.transport.client.ConnectionException.Unreachable;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The failure that a client reports when there is no connection: what, why, and the remedy. */
class RefusalIT {

    private final Pki pki = new Pki("Test Root");
    private final Pki elsewhere = new Pki("Elsewhere");

    static Stream<Arguments> enginesAndVersions() {
        return Stream.of(TlsEngine.BORINGSSL, TlsEngine.JDK)
                .flatMap(engine -> Stream.of(TlsVersion.values()).map(version -> Arguments.of(engine, version)));
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void aServerRefusesAStrangersClient(TlsEngine engine, TlsVersion version) throws Exception {
        try (ScriptedServer server = serving(pki.issue("weather"), engine, version)) {
            Credential stranger = elsewhere.issue("stranger");
            RefusedByPeer refused = failure(server.uri(), profile(stranger, engine, version), RefusedByPeer.class);
            assertThat(refused).hasMessageContaining("refused our certificate");
            refused.alert()
                    .ifPresent(alert -> assertThat(alert)
                            .isEqualTo(engine == TlsEngine.BORINGSSL ? "unknown_ca" : "certificate_unknown"));
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void ourOwnCertificateIsBlamedWhereItIsAtFault(TlsEngine engine, TlsVersion version) throws Exception {
        try (ScriptedServer server = serving(pki.issue("weather"), engine, version)) {
            Credential servers = pki.issueForServers("coordinator");
            RefusedByPeer refused = failure(server.uri(), profile(servers, engine, version), RefusedByPeer.class);
            assertThat(refused)
                    .hasMessageContaining("refused our certificate (alert ")
                    .hasMessageContaining(
                            "): the certificate of spiffe://demo.local/server/coordinator may not be used as a TLS client")
                    .message()
                    .doesNotContain("ended the handshake");
        }
    }

    @Test
    void aBoringSslServerSaysExactlyWhy() throws Exception {
        try (ScriptedServer server = serving(pki.issue("weather"), TlsEngine.BORINGSSL, TlsVersion.TLS_1_3)) {
            TlsProfile stranger = profile(elsewhere.issue("stranger"), TlsEngine.BORINGSSL, TlsVersion.TLS_1_3);
            for (int i = 0; i < 20; i++) {
                RefusedByPeer refused = failure(server.uri(), stranger, RefusedByPeer.class);
                assertThat(refused.alert()).contains("unknown_ca");
                assertThat(refused).hasMessageContaining("none of its trust anchors vouches for our certificate");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void aClientRefusesAStrangersServer(TlsEngine engine, TlsVersion version) throws Exception {
        try (ScriptedServer server = serving(elsewhere.issue("weather"), engine, version)) {
            TlsProfile profile = profile(pki.issue("coordinator"), engine, version);
            PeerRefused refused = failure(server.uri(), profile, PeerRefused.class);
            assertThat(refused.findings().get(0).reason()).isEqualTo(Reason.UNTRUSTED_ISSUER);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void aClientRefusesAServerOfAnotherName(TlsEngine engine, TlsVersion version) throws Exception {
        try (ScriptedServer server = serving(pki.issue("weather"), engine, version)) {
            TlsProfile profile = profile(pki.issue("coordinator"), engine, version);
            URI other = URI.create("https://127.0.0.2:" + server.uri().getPort() + "/mcp");
            PeerRefused refused = failure(other, profile, PeerRefused.class);
            assertThat(refused.findings().get(0).reason()).isEqualTo(Reason.NAME_MISMATCH);
        }
    }

    @Test
    void aClientRefusesAServerThatIsNotTheExpectedIdentity() throws Exception {
        try (ScriptedServer server = serving(pki.issue("weather"), TlsEngine.AUTO, TlsVersion.TLS_1_3)) {
            TlsProfile profile = profile(pki.issue("coordinator"), TlsEngine.AUTO, TlsVersion.TLS_1_3);
            PeerRefused refused = failure(
                    server.uri(),
                    profile,
                    builder -> builder.expecting(SpiffeId.parse("spiffe://demo.local/server/echo")),
                    PeerRefused.class);
            assertThat(refused.findings().get(0).reason()).isEqualTo(Reason.NAME_MISMATCH);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void aRelaxedClientTalksToAStrangersServer(TlsEngine engine, TlsVersion version) throws Exception {
        try (ScriptedServer server = serving(elsewhere.issue("weather"), engine, version)) {
            TlsProfile profile = TlsProfile.builder(
                            CredentialSource.fixed(pki.issue("coordinator")),
                            new ChainVerifier(
                                    TrustPolicy.relaxed(pki.anchors(), Relaxation.UNTRUSTED_ISSUER),
                                    InstantSource.system()))
                    .engine(engine)
                    .minVersion(version)
                    .build();
            // It got as far as HTTP: the scripted server speaks no MCP.
            failure(server.uri(), profile, UnusableAnswer.class);
            assertThat(server.requests()).isNotEmpty();
        }
    }

    @Test
    void nobodyListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Unreachable unreachable = failure(at(port), profile(), Unreachable.class);
        assertThat(unreachable).hasMessageContaining("connection refused; start the server");
    }

    @Test
    void noSuchHost() {
        Unreachable unreachable =
                failure(URI.create("https://no-such-host.invalid:8443/mcp"), profile(), Unreachable.class);
        assertThat(unreachable).hasMessageContaining("no such host");
    }

    @Test
    void aServerThatNeverFinishesTheHandshake() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            TlsProfile impatient = TlsProfile.builder(
                            CredentialSource.fixed(pki.issue("coordinator")),
                            new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                    .handshakeTimeout(Duration.ofMillis(200))
                    .build();
            failure(at(silent.getLocalPort()), impatient, TimedOut.class);
        }
    }

    @Test
    void aServerThatNeverAnswers() throws Exception {
        try (ScriptedServer server = serving(pki.issue("weather"), TlsEngine.AUTO, TlsVersion.TLS_1_3)) {
            server.answer(request -> {});
            TimedOut late = failure(
                    server.uri(), profile(), builder -> builder.answerTimeout(Duration.ofMillis(200)), TimedOut.class);
            assertThat(late).hasMessageContaining("no byte of the answer in time");
        }
    }

    @Test
    void aPlainHttpServer() throws Exception {
        try (ScriptedServer server = ScriptedServer.plain()) {
            Unreachable unreachable = failure(at(server.port()), profile(), Unreachable.class);
            assertThat(unreachable).hasMessageContaining("does not speak TLS");
        }
    }

    private TlsProfile profile() {
        return profile(pki.issue("coordinator"), TlsEngine.AUTO, TlsVersion.TLS_1_3);
    }

    private TlsProfile profile(Credential credential, TlsEngine engine, TlsVersion version) {
        return TlsProfile.builder(
                        CredentialSource.fixed(credential),
                        new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .engine(engine)
                .minVersion(version)
                .build();
    }

    private ScriptedServer serving(Credential credential, TlsEngine engine, TlsVersion version) {
        return new ScriptedServer(profile(credential, engine, version));
    }

    private static URI at(int port) {
        return URI.create("https://127.0.0.1:" + port + "/mcp");
    }

    private static <E extends ConnectionException> E failure(URI server, TlsProfile profile, Class<E> kind) {
        return failure(server, profile, builder -> builder, kind);
    }

    private static <E extends ConnectionException> E failure(
            URI server, TlsProfile profile, UnaryOperator<MtlsClientTransport.Builder> options, Class<E> kind) {
        MtlsClientTransport transport =
                options.apply(MtlsClientTransport.builder(server).tls(profile)).build();
        try (McpSyncClient client = McpClient.sync(transport).build()) {
            client.initialize();
            throw new AssertionError("connected");
        } catch (RuntimeException e) {
            ConnectionException found =
                    ConnectionException.in(e).orElseThrow(() -> new AssertionError("no ConnectionException", e));
            assertThat(found).as(found.toString()).isInstanceOf(kind);
            return kind.cast(found);
        }
    }
}
