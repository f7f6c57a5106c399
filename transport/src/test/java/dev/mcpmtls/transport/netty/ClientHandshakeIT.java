// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http1ClientConfig;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How our client judges servers, what it records, and which alert it sends. */
class ClientHandshakeIT {

    private static Vertx vertx;

    private final Pki pki = new Pki("Test Root");
    private final TestServer.Events clientEvents = new TestServer.Events();
    private final TestServer.Events serverEvents = new TestServer.Events();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(pki.anchors()), now::get);
    private final ReplaceableCredential credential = new ReplaceableCredential(pki.issue("coordinator"));

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close().await();
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesAStranger(TlsEngine engine) throws Exception {
        refuses(engine, new Pki("Elsewhere").issue("weather"), "localhost", Reason.UNTRUSTED_ISSUER, "unknown_ca");
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesAnExpiredServer(TlsEngine engine) throws Exception {
        Credential expired = pki.issue("weather", Duration.ofHours(-1), KeyPurposeId.id_kp_serverAuth);
        refuses(engine, expired, "localhost", Reason.EXPIRED, "certificate_expired");
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesAClientsCertificateAsAServers(TlsEngine engine) throws Exception {
        Credential client = pki.issue("weather", Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth);
        refuses(engine, client, "localhost", Reason.WRONG_PURPOSE, "unsupported_certificate");
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesACorruptedServer(TlsEngine engine) throws Exception {
        refuses(engine, pki.corrupted("weather"), "localhost", Reason.BAD_SIGNATURE, "bad_certificate");
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesAServerOfAnotherName(TlsEngine engine) throws Exception {
        refuses(engine, pki.issue("weather"), "127.0.0.2", Reason.NAME_MISMATCH, "certificate_unknown");
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void resumesWithAServerThatStillStands(TlsEngine engine) throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            HttpClient client = client(engine);
            assertThat(get(client, server, "localhost").succeeded()).isTrue();
            assertThat(get(client, server, "localhost").succeeded()).isTrue();
            assertThat(resumed()).isFalse();
            assertThat(resumed()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void refusesToResumeWithAServerThatHasExpired(TlsEngine engine) throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            HttpClient client = client(engine);
            assertThat(get(client, server, "localhost").succeeded()).isTrue();
            now.set(now.get().plus(Duration.ofHours(2)));
            assertThat(get(client, server, "localhost").failed()).isTrue();
            TlsRejected rejected = clientEvents.await(TlsRejected.class);
            assertThat(rejected.findings().get(0).reason()).isEqualTo(Reason.EXPIRED);
            assertThat(rejected.connection().tls().orElseThrow().resumed()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void strictDoesNotResumeWhatRelaxedLetIn(TlsEngine engine) throws Exception {
        verifier.replacePolicy(TrustPolicy.relaxed(pki.anchors(), Relaxation.UNTRUSTED_ISSUER));
        try (TestServer server = server(new Pki("Elsewhere").issue("weather"))) {
            HttpClient client = client(engine);
            assertThat(get(client, server, "localhost").succeeded()).isTrue();
            verifier.replacePolicy(TrustPolicy.strict(pki.anchors()));
            assertThat(get(client, server, "localhost").failed()).isTrue();
            assertThat(clientEvents.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.UNTRUSTED_ISSUER);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void aReplacedCredentialResumesNothingOfTheOldOne(TlsEngine engine) throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            HttpClient client = client(engine);
            assertThat(get(client, server, "localhost").result()).contains("CN=coordinator");
            credential.replace(pki.issue("successor"));
            assertThat(get(client, server, "localhost").result()).contains("CN=successor");
        }
    }

    private void refuses(TlsEngine engine, Credential presented, String host, Reason reason, String alert)
            throws Exception {
        try (TestServer server = server(presented)) {
            assertThat(get(client(engine), server, host).failed()).isTrue();
            assertThat(clientEvents.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(reason);
            String sent = engine == TlsEngine.BORINGSSL ? alert : "certificate_unknown";
            assertThat(serverEvents.await(HandshakeFailed.class).why()).contains("the alert " + sent + ":");
        }
    }

    private boolean resumed() throws InterruptedException {
        return clientEvents
                .await(TlsAccepted.class)
                .connection()
                .tls()
                .orElseThrow()
                .resumed();
    }

    /** A server that accepts every client of the authority. */
    private TestServer server(Credential presented) {
        return new TestServer(TlsProfile.builder(
                        CredentialSource.fixed(presented),
                        new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .audit(serverEvents)
                .build());
    }

    /** Each request on a connection of its own. */
    private HttpClient client(TlsEngine engine) {
        TlsProfile profile = TlsProfile.builder(credential, verifier)
                .engine(engine)
                .audit(clientEvents)
                .clock(now::get)
                .build();
        HttpClientConfig config = new HttpClientConfig().setSsl(true).setVersions(HttpVersion.HTTP_1_1);
        config.setHttp1Config(new Http1ClientConfig().setKeepAlive(false));
        return VertxTls.secure(vertx.httpClientBuilder(), profile).with(config).build();
    }

    private static Future<String> get(HttpClient client, TestServer server, String host) {
        Future<String> body = client.request(HttpMethod.GET, server.port(), host, "/")
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
