// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http1ClientConfig;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains up to the bound of the policy, 64 KiB, and above the bounds of the engines; either side's. */
@Timeout(60)
class LongChainIT {

    private static Vertx vertx;
    private static final String TLS_1_2_SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    private static final int KIB = 1024;

    private final Pki pki = new Pki("Test Root");
    private final TestServer.Events serverEvents = new TestServer.Events();
    private final TestServer.Events clientEvents = new TestServer.Events();

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close().await();
    }

    static Stream<Arguments> versionsAndSizes() {
        return Stream.of(TlsVersion.values())
                .flatMap(version -> Stream.of(15, 20, 31, 34, 50, 63).map(kib -> Arguments.of(version, kib)));
    }

    @ParameterizedTest
    @MethodSource("versionsAndSizes")
    void aClientWithALongChainIsServedAgainAndAgain(TlsVersion version, int kib) throws Exception {
        Credential large = pki.issueOfSize("coordinator", kib * KIB);
        try (TestServer server = server(TlsEngine.BORINGSSL, pki.issue("weather"))) {
            HttpClient client = client(TlsEngine.BORINGSSL, large, version);
            for (int i = 0; i < 3; i++) {
                assertThat(get(client, server).result()).contains("CN=coordinator over HTTP_1_1");
            }
            TlsAccepted accepted = serverEvents.await(TlsAccepted.class);
            assertThat(accepted.connection().tls().orElseThrow().version()).isEqualTo(version.text());
        }
    }

    @ParameterizedTest
    @MethodSource("versionsAndSizes")
    void aServerWithALongChainIsSpokenToAgainAndAgain(TlsVersion version, int kib) throws Exception {
        Credential large = pki.issueOfSize("weather", kib * KIB);
        try (TestServer server = server(TlsEngine.BORINGSSL, large)) {
            HttpClient client = client(TlsEngine.BORINGSSL, pki.issue("coordinator"), version);
            for (int i = 0; i < 3; i++) {
                assertThat(get(client, server).result()).contains("CN=coordinator over HTTP_1_1");
            }
        }
    }

    static Stream<Arguments> versionsAndSizesForTheJdk() {
        return Stream.of(TlsVersion.values())
                .flatMap(version -> Stream.of(15, 31).map(kib -> Arguments.of(version, kib)));
    }

    @ParameterizedTest
    @MethodSource("versionsAndSizesForTheJdk")
    void theJdksEngineReadsWhatItsLimitAllows(TlsVersion version, int kib) throws Exception {
        try (TestServer server = server(TlsEngine.JDK, pki.issueOfSize("weather", kib * KIB))) {
            HttpClient client = client(TlsEngine.JDK, pki.issueOfSize("coordinator", kib * KIB), version);
            for (int i = 0; i < 2; i++) {
                assertThat(get(client, server).result()).contains("CN=coordinator over HTTP_1_1");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 31, 34, 63})
    void aJdkClientWithALongChainIsServedByBoringSsl(int kib) throws Exception {
        Credential large = pki.issueOfSize("coordinator", kib * KIB);
        try (TestServer server = server(TlsEngine.BORINGSSL, pki.issue("weather"))) {
            HttpClient client = client(TlsEngine.JDK, large, TlsVersion.TLS_1_3);
            for (int i = 0; i < 2; i++) {
                assertThat(get(client, server).result()).contains("CN=coordinator over HTTP_1_1");
            }
        }
    }

    /** In TLS 1.2 BoringSSL has promised a ticket before it knows the client's chain, which the ticket holds. */
    @Test
    void aJdkClientNamesItsEnginesLimitForATicketOfTls12() throws Exception {
        Credential large = pki.issueOfSize("coordinator", 34 * KIB);
        try (TestServer server = server(TlsEngine.BORINGSSL, pki.issue("weather"))) {
            assertThat(get(client(TlsEngine.JDK, large, TlsVersion.TLS_1_2), server)
                            .failed())
                    .isTrue();
            assertNamesTheJdksLimit(clientEvents.await(HandshakeFailed.class));
        }
    }

    static Stream<Arguments> versions() {
        return Stream.of(TlsVersion.values()).map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aJdkServerNamesItsEnginesLimit(TlsVersion version) throws Exception {
        Credential large = pki.issueOfSize("coordinator", 34 * KIB);
        try (TestServer server = server(TlsEngine.JDK, pki.issue("weather"))) {
            assertThat(get(client(TlsEngine.BORINGSSL, large, version), server).failed())
                    .isTrue();
            assertNamesTheJdksLimit(serverEvents.await(HandshakeFailed.class));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aJdkClientNamesItsEnginesLimit(TlsVersion version) throws Exception {
        try (TestServer server = server(TlsEngine.BORINGSSL, pki.issueOfSize("weather", 34 * KIB))) {
            assertThat(get(client(TlsEngine.JDK, pki.issue("coordinator"), version), server)
                            .failed())
                    .isTrue();
            assertNamesTheJdksLimit(clientEvents.await(HandshakeFailed.class));
        }
    }

    private static void assertNamesTheJdksLimit(HandshakeFailed failed) {
        assertThat(failed.reason()).isEqualTo("MESSAGE_TOO_LARGE");
        assertThat(failed.why()).contains("32768", "jdk.tls.maxHandshakeMessageSize");
    }

    static Stream<Arguments> versionsAndSizesAboveTheBound() {
        return Stream.of(TlsVersion.values())
                .flatMap(version -> Stream.of(66, 120).map(kib -> Arguments.of(version, kib)));
    }

    @ParameterizedTest
    @MethodSource("versionsAndSizesAboveTheBound")
    void aChainAboveTheBoundIsRefusedAndNeverRecordedAsAccepted(TlsVersion version, int kib) throws Exception {
        Credential large = pki.issueOfSize("coordinator", kib * KIB);
        try (TestServer server = server(TlsEngine.BORINGSSL, pki.issue("weather"))) {
            assertThat(get(client(TlsEngine.BORINGSSL, large, version), server).failed())
                    .isTrue();
            AuditEvent first = serverEvents.await(AuditEvent.class);
            assertThat(first)
                    .isInstanceOfSatisfying(
                            TlsRejected.class,
                            rejected -> assertThat(rejected.findings().get(0).reason())
                                    .isEqualTo(Reason.MALFORMED_CERTIFICATE));
        }
    }

    private TestServer server(TlsEngine engine, Credential credential) {
        return new TestServer(profile(engine, credential, serverEvents).build());
    }

    private HttpClient client(TlsEngine engine, Credential credential, TlsVersion version) {
        TlsProfile.Builder profile = profile(engine, credential, clientEvents);
        if (version == TlsVersion.TLS_1_2) {
            profile.cipherSuites(List.of(TLS_1_2_SUITE));
        }
        HttpClientConfig config = new HttpClientConfig().setSsl(true).setVersions(HttpVersion.HTTP_1_1);
        config.setHttp1Config(new Http1ClientConfig().setKeepAlive(false));
        return VertxTls.secure(vertx.httpClientBuilder(), profile.build())
                .with(config)
                .build();
    }

    private TlsProfile.Builder profile(TlsEngine engine, Credential credential, TestServer.Events events) {
        return TlsProfile.builder(
                        CredentialSource.fixed(credential),
                        new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .engine(engine)
                .minVersion(TlsVersion.TLS_1_2)
                .audit(events);
    }

    private static Future<String> get(HttpClient client, TestServer server) {
        Future<String> body = client.request(HttpMethod.GET, server.port(), "localhost", "/")
                .compose(request -> request.send())
                .compose(HttpClientResponse::body)
                .map(Object::toString);
        try {
            body.await();
        } catch (Exception failed) {
            assertThat(body.failed()).isTrue();
        }
        return body;
    }
}
