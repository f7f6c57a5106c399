// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.TokenRefused;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tokens of a real authorization server, which only the owner of their certificate can use, from end to end. */
class CertificateBoundTokensIT {

    private static final ThrowawayCa ROOT = ThrowawayCa.root("Root");
    private static final ThrowawayCa CA = ROOT.intermediate("Agents");
    private static final Issued AGENT = CA.client("agent");
    private static final Issued OTHER = CA.client("other");

    private static AuthorizationServer issuer;
    private static ProtectedServer server;

    @BeforeAll
    static void start() {
        issuer = AuthorizationServer.start(ROOT.server("issuer"), ROOT.certificate());
        server = server(issuer);
    }

    @AfterAll
    static void stop() {
        server.close();
        issuer.close();
    }

    @AfterEach
    void forget() {
        server.refusals();
    }

    @Test
    void aTokenIsServedOverTheCertificateThatItIsBoundTo() {
        String token = client(AGENT).token("agent", server.resource());
        assertThat(server.answer(AGENT, token).statusCode()).isEqualTo(200);
        assertThat(server.refusals()).isEmpty();
        assertThat(server.audit()).doesNotContain(token);
    }

    @Test
    void theSameTokenOverAnotherGoodCertificateIsRefusedAndAuditedWithBoth() throws Exception {
        HttpResponse<String> answer = server.answer(OTHER, client(AGENT).token("agent", server.resource()));
        assertRefused(answer, "belongs to another certificate");
        TokenRefused refused = server.refusals().get(0);
        assertThat(refused.reason()).isEqualTo("TOKEN_WRONG_BINDING");
        assertThat(refused.peer().identity().text()).isEqualTo("spiffe://demo.local/agent/other");
        assertThat(refused.token().map(AccessToken::subject)).contains("agent");
        assertThat(refused.boundTo()).contains(sha256(AGENT));
    }

    @Test
    void afterTheCertificateWasRenewedTheOldTokenIsRefusedAndANewOneIsServed() {
        String old = client(AGENT).token("agent", server.resource());
        Issued renewed = CA.client("agent");
        assertRefused(server.answer(renewed, old), "if yours was renewed, fetch a new token");
        assertThat(server.answer(renewed, client(renewed).token("agent", server.resource()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void anExpiredTokenIsRefused() {
        String belated = client(AGENT).token("belated", "belated-secret", server.resource());
        assertRefused(server.answer(AGENT, belated), "has expired");
        assertThat(reasons()).containsExactly("TOKEN_EXPIRED");
    }

    @Test
    void aTokenForAnotherServerIsRefused() {
        String elsewhere = client(AGENT).token("agent", "https://other.demo.local/mcp");
        assertRefused(server.answer(AGENT, elsewhere), server.resource());
        assertThat(reasons()).containsExactly("TOKEN_WRONG_AUDIENCE");
    }

    @Test
    void anUnboundTokenIsRefusedUnlessTheServerTakesThem() {
        String unbound = client(AGENT).token("unbound", "unbound-secret", server.resource());
        assertRefused(server.answer(AGENT, unbound), "bound to no certificate");
        try (ProtectedServer tolerant =
                new ProtectedServer(issuer, ROOT, trust -> {}, resource -> resource.allowUnbound())) {
            String taken = client(AGENT).token("unbound", "unbound-secret", tolerant.resource());
            assertThat(tolerant.answer(OTHER, taken).statusCode()).isEqualTo(200);
            assertRefused(
                    tolerant.answer(OTHER, client(AGENT).token("agent", tolerant.resource())), "another certificate");
        }
    }

    @Test
    void aTokenOfAnotherAuthorizationServerIsRefused() {
        try (AuthorizationServer stranger = AuthorizationServer.start(ROOT.server("issuer"), ROOT.certificate())) {
            String token = new OauthClient(stranger, AGENT, ROOT.certificate()).token("agent", server.resource());
            assertRefused(server.answer(AGENT, token), "issuer");
            assertThat(reasons()).containsExactly("TOKEN_WRONG_ISSUER");
        }
    }

    @Test
    void aRevokedTokenIsRefusedByAServerThatAsks() {
        try (ProtectedServer asking = new ProtectedServer(
                issuer, ROOT, trust -> trust.introspectWithSecret("mcp-server", () -> "server-secret"), r -> {})) {
            for (String id : List.of("opaque", "batch")) {
                String token = client(AGENT).token(id, id + "-secret", asking.resource());
                assertThat(asking.answer(AGENT, token).statusCode()).isEqualTo(200);
                assertRefused(asking.answer(OTHER, token), "another certificate");
                client(AGENT).revoke(id, id + "-secret", token);
                asking.later(Duration.ofSeconds(11));
                assertRefused(asking.answer(AGENT, token), "no longer stands by");
            }
        }
    }

    @Test
    void aNewKeyIsFetchedWhenATokenNamesItAndOneThatIsGoneIsForgotten() {
        try (AuthorizationServer rotating = AuthorizationServer.start(ROOT.server("issuer"), ROOT.certificate());
                ProtectedServer fresh = server(rotating)) {
            OauthClient agent = new OauthClient(rotating, AGENT, ROOT.certificate());
            String old = agent.token("agent", fresh.resource());
            assertThat(fresh.answer(AGENT, old).statusCode()).isEqualTo(200);
            rotating.rotateKey();
            fresh.later(Duration.ofSeconds(31));
            String next = agent.token("agent", fresh.resource());
            assertThat(fresh.answer(AGENT, next).statusCode()).isEqualTo(200);
            assertThat(fresh.answer(AGENT, old).statusCode()).isEqualTo(200);
            rotating.replaceKeys();
            fresh.later(Duration.ofSeconds(31));
            assertThat(fresh.answer(AGENT, agent.token("agent", fresh.resource()))
                            .statusCode())
                    .isEqualTo(200);
            assertRefused(fresh.answer(AGENT, next), "publishes no key");
            assertThat(rotating.requests("/oauth2/jwks")).isEqualTo(3);
        }
    }

    @Test
    void whileTheAuthorizationServerIsDownItsLastKeysAreUsed() {
        try (AuthorizationServer failing = AuthorizationServer.start(ROOT.server("issuer"), ROOT.certificate());
                ProtectedServer running = server(failing)) {
            String before = new OauthClient(failing, AGENT, ROOT.certificate()).token("agent", running.resource());
            assertThat(running.answer(AGENT, before).statusCode()).isEqualTo(200);
            failing.pause();
            running.later(Duration.ofMinutes(2));
            assertThat(running.answer(AGENT, before).statusCode()).isEqualTo(200);
            try (ProtectedServer late = server(failing)) {
                HttpResponse<String> answer = late.answer(AGENT, before);
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).contains("cannot get the keys of " + failing.issuer());
                failing.resume();
                late.later(Duration.ofSeconds(31));
                String after = new OauthClient(failing, AGENT, ROOT.certificate()).token("agent", late.resource());
                assertThat(late.answer(AGENT, after).statusCode()).isEqualTo(200);
            }
        }
    }

    private static ProtectedServer server(AuthorizationServer trusted) {
        return new ProtectedServer(trusted, ROOT, trust -> {}, resource -> {});
    }

    private static OauthClient client(Issued own) {
        return new OauthClient(issuer, own, ROOT.certificate());
    }

    private List<String> reasons() {
        return server.refusals().stream().map(TokenRefused::reason).toList();
    }

    private static void assertRefused(HttpResponse<String> answer, String why) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(answer.body()).contains(why);
        assertThat(answer.headers().firstValue("www-authenticate").orElse(""))
                .startsWith("Bearer error=\"invalid_token\"")
                .contains("resource_metadata=");
    }

    private static String sha256(Issued credential) throws GeneralSecurityException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(credential.leaf().getEncoded()));
    }
}
