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
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionIdIT {

    private final Pki pki = new Pki("Test CA");
    private final TestServer.Events atServer = new TestServer.Events();
    private final TestServer.Events atClient = new TestServer.Events();

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void bothEndsOfAConnectionNameItAlike(TlsEngine engine) throws Exception {
        call(pki.issue("agent"), engine);
        assertThat(atClient.await(TlsAccepted.class).connection().id())
                .matches("[0-9a-f]{16}")
                .isEqualTo(atServer.await(TlsAccepted.class).connection().id());
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void bothEndsOfARefusalNameItAlike(TlsEngine engine) throws Exception {
        call(new Pki("Other CA").issue("agent"), engine);
        assertThat(atClient.await(HandshakeFailed.class).connection().id())
                .isEqualTo(atServer.await(TlsRejected.class).connection().id());
    }

    @Test
    void twoConnectionsHaveTwoIds() throws Exception {
        call(pki.issue("agent"), TlsEngine.BORINGSSL);
        call(pki.issue("agent"), TlsEngine.BORINGSSL);
        assertThat(atServer.await(TlsAccepted.class).connection().id())
                .isNotEqualTo(atServer.await(TlsAccepted.class).connection().id());
    }

    private void call(Credential agent, TlsEngine engine) throws Exception {
        Vertx vertx = Vertx.vertx();
        try (TestServer server = new TestServer(profile(pki.issue("server"), engine, atServer))) {
            TlsProfile profile = profile(agent, engine, atClient);
            HttpClient client = VertxTls.secure(
                            vertx.httpClientBuilder().with(new HttpClientConfig().setSsl(true)), profile)
                    .build();
            client.request(HttpMethod.GET, server.port(), "localhost", "/")
                    .compose(HttpClientRequest::send)
                    .toCompletionStage()
                    .handle((response, refused) -> "done")
                    .toCompletableFuture()
                    .get();
            // Vert.x closes a client that nothing refers to any more.
            client.close().await();
        } finally {
            vertx.close().await();
        }
    }

    private TlsProfile profile(Credential credential, TlsEngine engine, TestServer.Events events) {
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(credential), verifier)
                .engine(engine)
                .audit(events)
                .build();
    }
}
