// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Status;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.doctor.Doctor.Spoken;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One test for each way in which an access token can be missing or wrong: what the doctor says against what was broken. */
class TokensIT {

    private final ThrowawayCa ca = ThrowawayCa.root("Good CA");
    private final Issued agent = ca.client("agent");
    private TokenServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TokenServer(ca.server("mcp"), ca.certificate());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void findsNothingWrongWithATokenThatFits() {
        Diagnosis diagnosis = examine(given(token(Map.of())));
        assertThat(diagnosis.status()).as("%s", diagnosis).isEqualTo(Status.OK);
        assertThat(find(diagnosis, Step.RESOURCE_METADATA).evidence())
                .contains(server.origin() + "/mcp takes tokens from " + server.issuer());
        assertThat(find(diagnosis, Step.GRANT).evidence()).contains("browser", "tls_client_auth");
        assertThat(find(diagnosis, Step.TOKEN).evidence()).contains("for ada, until", "bound to our certificate");
        assertThat(find(diagnosis, Step.TOOLS).evidence()).isEqualTo("echo");
    }

    @Test
    void aServerThatWantsATokenWhenWeHaveNone() {
        Check check = assertFails(TokenSource.NONE, Step.TOKEN, "we have none");
        assertThat(check.remedy()).contains("oauth.client-id");
        assertThat(check.fault()).isEqualTo(Fault.REFUSED);
    }

    @Test
    void aTokenThatIsFetchedNowIsExaminedToo() {
        Diagnosis diagnosis = examine(fetching(CompletableFuture.completedStage(bearer(token(Map.of())))));
        assertThat(diagnosis.status()).as("%s", diagnosis).isEqualTo(Status.OK);
        assertThat(find(diagnosis, Step.HTTP).evidence()).contains("wants an access token");
        assertFails(
                fetching(CompletableFuture.completedStage(bearer(token(Map.of("aud", "https://other.example"))))),
                Step.TOKEN,
                "https://other.example");
    }

    @Test
    void aTokenThatCannotBeFetched() {
        CompletionStage<Optional<Authorization>> failed = CompletableFuture.failedStage(
                new NoTokenException(NoTokenException.Why.CLIENT, "the client 'x' is not known", "register it"));
        Check check = assertFails(fetching(failed), Step.TOKEN, "the client 'x' is not known");
        assertThat(check.remedy()).isEqualTo("register it");
        assertFails(fetching(new CompletableFuture<>()), Step.TOKEN, "no answer in time");
    }

    @Test
    void aRefusedTokenHasTheServersWords() {
        server.refusing("error=\"invalid_token\", error_description=\"the access token was revoked\"");
        Diagnosis diagnosis = examine(given(token(Map.of())));
        assertThat(find(diagnosis, Step.HTTP).evidence()).contains("'the access token was revoked'");
        assertThat(find(diagnosis, Step.HTTP).fault()).isEqualTo(Fault.REFUSED);
        assertThat(find(diagnosis, Step.TOKEN).remedy()).contains("revoked");
    }

    @Test
    void aTokenOfAnotherIssuer() {
        assertFails(given(token(Map.of("iss", "https://elsewhere.example"))), Step.TOKEN, "https://elsewhere.example");
    }

    @Test
    void aTokenForAnotherServer() {
        Check check = assertFails(
                given(token(Map.of("aud", "https://other.example/mcp"))), Step.TOKEN, "https://other.example/mcp");
        assertThat(check.remedy()).contains("resource=" + server.origin() + "/mcp");
    }

    @Test
    void anExpiredToken() {
        assertFails(given(token(Map.of("exp", now() - 120))), Step.TOKEN, "it expired 2 minutes ago");
    }

    @Test
    void aTokenThatIsNotYetValid() {
        Check check = assertFails(given(token(Map.of("nbf", now() + 600))), Step.TOKEN, "only");
        assertThat(check.remedy()).contains("clocks");
    }

    @Test
    void aTokenWithoutTheScope() {
        server.refusing("error=\"insufficient_scope\", scope=\"read write\"");
        Diagnosis diagnosis = examine(given(token(Map.of("scope", "read"))));
        assertThat(find(diagnosis, Step.TOKEN).evidence()).contains("lacks the scope 'write'");
    }

    @Test
    void aTokenOfAnotherCertificate() {
        String other = thumbprint(ca.client("agent"));
        Check check = assertFails(
                given(token(Map.of("cnf", Map.of("x5t#S256", other)))), Step.TOKEN, other, thumbprint(agent));
        assertThat(check.remedy()).contains("fetch a new one");
    }

    @Test
    void anUnboundTokenIsAWarningUntilTheServerRefusesIt() {
        Map<String, Object> unbound = claims();
        unbound.remove("cnf");
        Diagnosis diagnosis = examine(given(jwt(unbound)));
        assertThat(find(diagnosis, Step.TOKEN).status()).isEqualTo(Status.WARNING);
        server.refusing("error=\"invalid_token\"");
        assertThat(examine(given(jwt(unbound))).checks())
                .anySatisfy(check -> assertThat(check.evidence()).contains("bound to no certificate"))
                .anySatisfy(check -> assertThat(check.status()).isEqualTo(Status.FAILED));
    }

    @Test
    void anOpaqueTokenAndOneThatIsNoToken() {
        assertThat(find(examine(given("opaque-token-of-24-characters")), Step.TOKEN)
                        .evidence())
                .contains("opaque");
        assertFails(given("ey.ey.ey"), Step.TOKEN, "access token");
        assertFails(given("ey." + "a".repeat(20_000)), Step.TOKEN, "longer than");
    }

    @Test
    void metadataAboutAnotherResource() {
        server.resourceMetadata("{\"resource\": \"https://other.example/mcp\", \"authorization_servers\": [\""
                + server.issuer() + "\"]}");
        assertFails(given(token(Map.of())), Step.RESOURCE_METADATA, "https://other.example/mcp");
    }

    @Test
    void noMetadataAtAll() {
        server.resourceMetadata("").challenging("Bearer");
        assertFails(TokenSource.NONE, Step.RESOURCE_METADATA, "does not publish");
    }

    @Test
    void metadataThatIsNotJson() {
        server.resourceMetadata("<html>");
        assertFails(TokenSource.NONE, Step.RESOURCE_METADATA, "cannot use the metadata");
    }

    @Test
    void anAuthorizationServerThatIsNotThere() {
        server.issuerMetadata("");
        assertFails(TokenSource.NONE, Step.AUTHORIZATION_SERVER, server.issuer());
    }

    @Test
    void anAuthorizationServerThatIsAnother() {
        server.issuerMetadata("{\"issuer\": \"https://evil.example\", \"token_endpoint\": \"https://evil.example/t\"}");
        assertFails(TokenSource.NONE, Step.AUTHORIZATION_SERVER, "https://evil.example");
    }

    @Test
    void anAuthorizationServerWithoutAGrantForUs() {
        server.issuerMetadata("""
            {"issuer": "%1$s", "token_endpoint": "%1$s/token", "response_types_supported": ["token"], "grant_types_supported": ["implicit"],
             "tls_client_certificate_bound_access_tokens": true}\
            """.formatted(server.issuer()));
        assertFails(TokenSource.NONE, Step.GRANT, "implicit");
    }

    @Test
    void anAuthorizationServerThatDoesNotBindTokens() {
        server.issuerMetadata("""
            {"issuer": "%1$s", "token_endpoint": "%1$s/token", "response_types_supported": ["code"], "grant_types_supported": ["client_credentials"]}\
            """.formatted(server.issuer()));
        Diagnosis diagnosis = examine(given(token(Map.of())));
        assertThat(find(diagnosis, Step.AUTHORIZATION_SERVER).status()).isEqualTo(Status.WARNING);
    }

    @Test
    void anAuthorizationServerOnANetworkThatTheServerMustNotName() {
        server.resourceMetadata("{\"resource\": \"" + server.origin()
                + "/mcp\", \"authorization_servers\": [\"https://169.254.169.254/latest\"]}");
        assertFails(TokenSource.NONE, Step.AUTHORIZATION_SERVER, "169.254.169.254");
    }

    @Test
    void hostileMetadataIsCleanedAndBounded() {
        String hostile = "\\u001b[2J".repeat(200);
        server.resourceMetadata("{\"resource\": \"" + server.origin()
                + "/mcp\", \"authorization_servers\": [\"https://a/" + hostile + "\"], \"scopes_supported\": [\""
                + hostile
                + "\"]}");
        server.refusing("error=\"invalid_token\", error_description=\"" + "x".repeat(3_000) + "\"");
        Diagnosis diagnosis = examine(given(token(Map.of("iss", "https://b/" + "y".repeat(3_000)))));
        assertThat(diagnosis.checks())
                .allSatisfy(check -> assertThat(check.evidence() + check.remedy())
                        .doesNotContain("\u001b")
                        .hasSizeLessThan(1_500));
    }

    private Check assertFails(TokenSource tokens, Step step, String... evidence) {
        Diagnosis diagnosis = examine(tokens);
        Check first = diagnosis.checks().stream()
                .filter(check -> check.status() == Status.FAILED && check.step() == step)
                .findFirst()
                .orElseThrow(() -> new AssertionError(diagnosis));
        assertThat(first.evidence()).contains(evidence);
        assertThat(first.remedy()).isNotBlank();
        return first;
    }

    private Diagnosis examine(TokenSource tokens) {
        Credential credential = Credential.of("own", agent.privateKey(), new Chain(agent.chain()));
        TrustPolicy policy = TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate())));
        TlsProfile profile = TlsProfile.builder(
                        CredentialSource.fixed(credential), new ChainVerifier(policy, InstantSource.system()))
                .build();
        Diagnosis diagnosis = new Doctor(
                        URI.create(server.origin() + "/mcp"),
                        profile,
                        Duration.ofSeconds(3),
                        time -> new Spoken("echo-mcp", "MCP 2026-07-28", "TLSv1.3", List.of("echo")),
                        tokens,
                        Map.of())
                .examine();
        tokens.current()
                .toCompletableFuture()
                .join()
                .ifPresent(sent -> assertThat(diagnosis.toString())
                        .doesNotContain(sent.headers("GET").get("Authorization").substring("Bearer ".length())));
        return diagnosis;
    }

    private Map<String, Object> claims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", server.issuer());
        claims.put("aud", server.origin() + "/mcp");
        claims.put("sub", "ada");
        claims.put("client_id", "desktop");
        claims.put("exp", now() + 600);
        claims.put("cnf", Map.of("x5t#S256", thumbprint(agent)));
        return claims;
    }

    private String token(Map<String, Object> changes) {
        Map<String, Object> claims = claims();
        claims.putAll(changes);
        return jwt(claims);
    }

    private static String jwt(Map<String, Object> claims) {
        return encoded("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}") + "."
                + encoded(new String(new dev.mcpmtls.protocol.Json(8, 4_096).write(claims), UTF_8)) + "."
                + encoded("signature");
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static String thumbprint(Issued credential) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(credential.leaf().getEncoded());
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Optional<Authorization> bearer(String token) {
        return Optional.of(method -> Map.of("Authorization", "Bearer " + token));
    }

    private static TokenSource given(String token) {
        return source(
                CompletableFuture.completedStage(bearer(token)), CompletableFuture.completedStage(Optional.empty()));
    }

    private static TokenSource fetching(CompletionStage<Optional<Authorization>> fetched) {
        return source(CompletableFuture.completedStage(Optional.empty()), fetched);
    }

    private static TokenSource source(
            CompletionStage<Optional<Authorization>> current, CompletionStage<Optional<Authorization>> answer) {
        return new TokenSource() {
            @Override
            public CompletionStage<Optional<Authorization>> current() {
                return current;
            }

            @Override
            public CompletionStage<Optional<Authorization>> answer(
                    Challenge challenge, Optional<Authorization> refused) {
                return answer;
            }
        };
    }

    private static Check find(Diagnosis diagnosis, Step step) {
        return diagnosis.checks().stream()
                .filter(check -> check.step() == step)
                .findFirst()
                .orElseThrow(() -> new AssertionError(diagnosis));
    }
}
