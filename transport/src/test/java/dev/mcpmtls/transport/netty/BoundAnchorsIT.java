// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.testkit.Hostile;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Misbound;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http1ClientConfig;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chains whose anchors may not vouch for their names, on the wire in both directions. */
@Timeout(60)
class BoundAnchorsIT {

    private static final Instant NOW = Instant.now().minus(Duration.ofHours(1));
    private static final ThrowawayCa OURS = ThrowawayCa.root("Our CA", NOW);
    private static final ThrowawayCa PARTNER = ThrowawayCa.root("Partner CA", NOW);
    private static final ThrowawayCa ADDITIONAL = ThrowawayCa.root("Additional CA", NOW);
    private static final Issued PARTNERS_AGENT =
            PARTNER.client("agent", spec -> spec.withoutNames().uri("spiffe://partner.example/agent/a"));

    private final Vertx vertx = Vertx.vertx();
    private final TestServer.Events clientEvents = new TestServer.Events();
    private final TestServer.Events serverEvents = new TestServer.Events();

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void aServerRefusesEveryMisboundClient(TlsEngine engine) throws Exception {
        ChainVerifier verifier = verifier(bound());
        try (TestServer server = server(engine, OURS.server("weather"), verifier)) {
            for (Hostile hostile : Misbound.clients(OURS, PARTNER, ADDITIONAL)) {
                HttpClient client = client(TlsEngine.BORINGSSL, hostile.credential(), trusting());
                assertThat(get(client, server).failed()).as("%s", hostile).isTrue();
                assertThat(serverEvents
                                .await(TlsRejected.class)
                                .findings()
                                .get(0)
                                .reason())
                        .as("%s", hostile)
                        .isEqualTo(Reason.ISSUER_NOT_ALLOWED_FOR_NAME);
            }
            assertThat(get(client(TlsEngine.BORINGSSL, PARTNERS_AGENT, trusting()), server)
                            .succeeded())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void aClientRefusesEveryMisboundServer(TlsEngine engine) throws Exception {
        // The client's own certificate holds localhost, as the verifier of the cases has it.
        Issued own = OURS.server("coordinator", spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
        for (Hostile hostile : Misbound.servers(OURS, PARTNER, ADDITIONAL)) {
            if (hostile.name().startsWith("our authority for the partner's DNS name")) {
                continue; // the dialled name is left to it
            }
            try (TestServer server = server(TlsEngine.BORINGSSL, hostile.credential(), trusting())) {
                assertThat(get(client(engine, own, verifier(bound())), server).failed())
                        .as("%s", hostile)
                        .isTrue();
                assertThat(clientEvents
                                .await(TlsRejected.class)
                                .findings()
                                .get(0)
                                .reason())
                        .as("%s", hostile)
                        .isEqualTo(Reason.ISSUER_NOT_ALLOWED_FOR_NAME);
                String sent = engine == TlsEngine.BORINGSSL ? "bad_certificate" : "certificate_unknown";
                assertThat(serverEvents.await(HandshakeFailed.class).why()).contains("the alert " + sent + ":");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void namesBeyondTheBindingAreNoNamesOfTheCaller(TlsEngine engine) throws Exception {
        Issued two = PARTNER.client(
                "agent", spec -> spec.withoutNames().dns("localhost").dns("mtls.partner.example"));
        try (TestServer server = server(engine, OURS.server("weather"), verifier(bound()))) {
            assertThat(get(client(engine, two, trusting()), server).succeeded()).isTrue();
            assertThat(serverEvents.await(TlsAccepted.class).peer().names())
                    .extracting(Identity::text)
                    .containsExactly("mtls.partner.example");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void aChangedBindingCutsOpenConnectionsAndIsNotResumedAround(TlsEngine engine) throws Exception {
        ChainVerifier verifier = verifier(bound());
        try (TestServer server = server(engine, OURS.server("weather"), verifier)) {
            HttpClient client = client(engine, PARTNERS_AGENT, trusting());
            assertThat(get(client, server).succeeded()).isTrue();
            assertThat(get(client, server).succeeded()).isTrue();
            assertThat(resumed(serverEvents.await(TlsAccepted.class))).isFalse();
            assertThat(resumed(serverEvents.await(TlsAccepted.class))).isTrue();
            TlsConnection open = server.connections.get(0);
            assertThat(open.stands()).isTrue();

            verifier.changePolicy(policy -> policy.withAnchors(
                    anchors(OURS).and(anchors(PARTNER).boundTo("spiffe://partner.example/server/**"))));
            assertThat(open.stands()).isFalse();
            assertThat(get(client, server).failed()).isTrue();
            assertThat(serverEvents.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.ISSUER_NOT_ALLOWED_FOR_NAME);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void aClientDoesNotResumeWithAServerThatFellOutOfABinding(TlsEngine engine) throws Exception {
        Issued partners = PARTNER.server("weather", spec -> spec.withoutNames().dns("localhost"));
        ChainVerifier verifier = verifier(anchors(OURS).and(anchors(PARTNER).boundTo("dns:localhost")));
        try (TestServer server = server(engine, partners, trusting())) {
            HttpClient client = client(engine, OURS.client("coordinator"), verifier);
            assertThat(get(client, server).succeeded()).isTrue();
            verifier.changePolicy(policy ->
                    policy.withAnchors(anchors(OURS).and(anchors(PARTNER).boundTo("dns:*.partner.example"))));
            assertThat(get(client, server).failed()).isTrue();
            assertThat(clientEvents.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.ISSUER_NOT_ALLOWED_FOR_NAME);
        }
    }

    /** The recipe for hosted clients: the provider's intermediate as the anchor, whether the client sends it or not. */
    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void anIntermediateBoundToItsDnsNameIsAnAnchor(TlsEngine engine) throws Exception {
        ThrowawayCa intermediate = PARTNER.intermediate("Connectors Intermediate CA");
        String name = "mtls.prod.connectors.openai.com";
        Issued chatGpt =
                intermediate.client("chatgpt", spec -> spec.withoutNames().dns(name));
        TrustAnchors anchors = anchors(OURS).and(anchors(intermediate).boundTo("dns:" + name));
        try (TestServer server = server(engine, OURS.server("echo"), verifier(anchors))) {
            X509Certificate leaf = chatGpt.leaf();
            for (Issued sent : List.of(chatGpt, chatGpt.withChain(leaf), chatGpt.withMore(PARTNER.certificate()))) {
                assertThat(get(client(engine, sent, trusting()), server).succeeded())
                        .isTrue();
                assertThat(serverEvents
                                .await(TlsAccepted.class)
                                .peer()
                                .identity()
                                .text())
                        .isEqualTo(name);
            }
            Issued other = intermediate.client("x", spec -> spec.withoutNames().dns("other.openai.com"));
            assertThat(get(client(engine, other, trusting()), server).failed()).isTrue();
        }
    }

    private static boolean resumed(TlsAccepted accepted) {
        return accepted.connection().tls().orElseThrow().resumed();
    }

    private static TrustAnchors anchors(ThrowawayCa ca) {
        return new TrustAnchors(List.of(ca.certificate()));
    }

    private static TrustAnchors bound() {
        return anchors(OURS)
                .and(anchors(PARTNER).boundTo(Misbound.PARTNER.toArray(String[]::new)))
                .and(anchors(ADDITIONAL));
    }

    /** The verifier of a peer whose own trust does not matter. */
    private static ChainVerifier trusting() {
        TrustAnchors all =
                new TrustAnchors(List.of(OURS.certificate(), PARTNER.certificate(), ADDITIONAL.certificate()));
        return new ChainVerifier(TrustPolicy.relaxed(all, Relaxation.ISSUER_NOT_ALLOWED), InstantSource.system());
    }

    private static ChainVerifier verifier(TrustAnchors anchors) {
        return new ChainVerifier(TrustPolicy.strict(anchors), InstantSource.system());
    }

    private TestServer server(TlsEngine engine, Issued own, ChainVerifier verifier) {
        return new TestServer(TlsProfile.builder(CredentialSource.fixed(credential(own)), verifier)
                .engine(engine)
                .audit(serverEvents)
                .build());
    }

    /** Each request on a connection of its own. */
    private HttpClient client(TlsEngine engine, Issued own, ChainVerifier verifier) {
        TlsProfile profile = TlsProfile.builder(CredentialSource.fixed(credential(own)), verifier)
                .engine(engine)
                .audit(clientEvents)
                .build();
        HttpClientConfig config = new HttpClientConfig().setSsl(true).setVersions(HttpVersion.HTTP_1_1);
        config.setHttp1Config(new Http1ClientConfig().setKeepAlive(false));
        return VertxTls.secure(vertx.httpClientBuilder(), profile).with(config).build();
    }

    private static Credential credential(Issued issued) {
        return Credential.of("own", issued.privateKey(), new Chain(issued.chain()));
    }

    private Future<String> get(HttpClient client, TestServer server) {
        Future<String> body = client.request(HttpMethod.GET, server.port(), "localhost", "/")
                .compose(request -> request.send())
                .compose(HttpClientResponse::body)
                .map(Object::toString);
        try {
            body.await(20, TimeUnit.SECONDS);
        } catch (Exception failed) {
            assertThat(body.failed())
                    .as("no end after 20 s; the server had %s, the client %s", serverEvents, clientEvents)
                    .isTrue();
        }
        return body;
    }
}
