// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.net.URI;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The authorization server of the other tests does what they take for granted. */
class AuthorizationServerIT {

    private static final String RESOURCE = "https://localhost:8443/mcp";
    private static final String VERIFIER = "a-verifier-of-at-least-forty-three-characters-in-all";
    private static final ThrowawayCa ROOT = ThrowawayCa.root("Root");
    private static final ThrowawayCa CA = ROOT.intermediate("Agents");
    private static final Issued AGENT = CA.client("agent");

    private static AuthorizationServer server;

    @BeforeAll
    static void start() {
        server = AuthorizationServer.start(ROOT.server("issuer"), ROOT.certificate());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void saysWhereEverythingIsAndThatItBindsTokens() {
        JsonNode metadata =
                OauthClient.json(client(null).get(server.at("/.well-known/oauth-authorization-server"), null));
        assertThat(metadata.get("issuer").asString()).isEqualTo(server.issuer().toString());
        assertThat(metadata.get("tls_client_certificate_bound_access_tokens").asBoolean())
                .isTrue();
        assertThat(metadata.get("token_endpoint_auth_methods_supported").toString())
                .contains("tls_client_auth");
        assertThat(metadata.get("code_challenge_methods_supported").toString()).contains("S256");
    }

    @Test
    void bindsATokenToTheCertificateThatAuthenticatesItsClient() throws Exception {
        SignedJWT token = SignedJWT.parse(client(AGENT).token("agent", RESOURCE));
        assertThat(token.getHeader().getType().getType()).isEqualTo("at+jwt");
        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly(RESOURCE);
        assertThat(token.getJWTClaimsSet().getIssuer())
                .isEqualTo(server.issuer().toString());
        assertThat(token.getJWTClaimsSet().getJSONObjectClaim("cnf")).isEqualTo(binding(AGENT));
    }

    @Test
    void doesNotTakeAnotherCertificateForThatClient() {
        HttpResponse<String> answer =
                client(CA.client("other")).post("/oauth2/token", Map.of("client_id", "agent"), null);
        assertThat(answer.body()).contains("invalid_client");
    }

    @Test
    void bindsTheTokenOfAClientWithASecretToTheCertificateThatItShows() throws Exception {
        String bound = client(AGENT).token("batch", "batch-secret", RESOURCE);
        assertThat(SignedJWT.parse(bound).getJWTClaimsSet().getJSONObjectClaim("cnf"))
                .isEqualTo(binding(AGENT));
        String unbound = client(AGENT).token("unbound", "unbound-secret", RESOURCE);
        assertThat(SignedJWT.parse(unbound).getJWTClaimsSet().getClaim("cnf")).isNull();
        assertThatThrownBy(() -> client(AGENT).token("batch", "wrong", RESOURCE))
                .hasMessageContaining("invalid_client");
    }

    @Test
    void issuesAnExpiredToken() throws Exception {
        String token = client(AGENT).token("belated", "belated-secret", RESOURCE);
        assertThat(SignedJWT.parse(token).getJWTClaimsSet().getExpirationTime()).isBefore(new Date());
    }

    @Test
    void givesAPersonACodeThatOnlyTheirProgramCanUse() throws Exception {
        OauthClient program = client(AGENT);
        Map<String, String> use = Map.of(
                "grant_type", "authorization_code",
                "client_id", "desktop",
                "redirect_uri", "http://127.0.0.1:4711/callback",
                "resource", RESOURCE);
        assertThat(program.post("/oauth2/token", with(use, code(), "another-verifier"), null)
                        .body())
                .contains("invalid_grant");
        JsonNode good = OauthClient.json(program.post("/oauth2/token", with(use, code(), VERIFIER), null));
        SignedJWT token = SignedJWT.parse(good.get("access_token").asString());
        assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("ada");
        assertThat(token.getJWTClaimsSet().getJSONObjectClaim("cnf")).isEqualTo(binding(AGENT));
        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly(RESOURCE);
    }

    @Test
    void saysThatATokenIsGoodUntilItIsRevoked() {
        for (String client : List.of("opaque", "batch")) {
            String token = client(AGENT).token(client, client + "-secret", RESOURCE);
            JsonNode before = introspect(token);
            assertThat(before.get("active").asBoolean()).isTrue();
            assertThat(before.get("cnf").get("x5t#S256").asString())
                    .isEqualTo(binding(AGENT).get("x5t#S256"));
            client(AGENT).revoke(client, client + "-secret", token);
            assertThat(introspect(token).get("active").asBoolean()).isFalse();
        }
    }

    @Test
    void publishesANewKeyBesideTheOldOneOrInItsPlace() throws Exception {
        String old = keyOf(client(AGENT).token("agent", RESOURCE));
        server.rotateKey();
        String next = keyOf(client(AGENT).token("agent", RESOURCE));
        assertThat(keys()).contains(old).contains(next);
        server.replaceKeys();
        assertThat(keys()).doesNotContain(old).doesNotContain(next);
    }

    @Test
    void isGoneAndComesBackAtTheSamePort() {
        URI issuer = server.issuer();
        OauthClient program = client(AGENT);
        server.pause();
        assertThatThrownBy(() -> client(AGENT).token("agent", RESOURCE)).hasMessageContaining("ConnectException");
        server.resume();
        assertThat(server.issuer()).isEqualTo(issuer);
        assertThat(program.token("agent", RESOURCE)).isNotEmpty();
    }

    private static OauthClient client(Issued own) {
        return new OauthClient(server, own, ROOT.certificate());
    }

    private static String keys() {
        return client(null).get(server.at("/oauth2/jwks"), null).body();
    }

    private static String keyOf(String token) throws Exception {
        return SignedJWT.parse(token).getHeader().getKeyID();
    }

    private static JsonNode introspect(String token) {
        return OauthClient.json(client(null)
                .post("/oauth2/introspect", Map.of("token", token), OauthClient.basic("mcp-server", "server-secret")));
    }

    private static String code() throws Exception {
        String challenge = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(VERIFIER.getBytes(US_ASCII)));
        String query = OauthClient.form(Map.of(
                "response_type", "code",
                "client_id", "desktop",
                "redirect_uri", "http://127.0.0.1:4711/callback",
                "scope", "mcp:read",
                "code_challenge", challenge,
                "code_challenge_method", "S256",
                "state", "s"));
        URI arrived = new Person(ROOT.certificate()).logIn(server.at("/oauth2/authorize?" + query));
        assertThat(arrived.toString()).startsWith("http://127.0.0.1:4711/callback?code=");
        return arrived.getQuery().replaceFirst(".*code=([^&]*).*", "$1");
    }

    private static Map<String, String> with(Map<String, String> form, String code, String verifier) {
        Map<String, String> all = new java.util.HashMap<>(form);
        all.put("code", code);
        all.put("code_verifier", verifier);
        return all;
    }

    private static Map<String, Object> binding(Issued credential) throws RuntimeException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(credential.leaf().getEncoded());
            return Map.of("x5t#S256", Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
