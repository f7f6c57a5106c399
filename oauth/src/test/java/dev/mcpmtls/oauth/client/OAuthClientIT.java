// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import static dev.mcpmtls.oauth.client.OAuthWorld.await;
import static dev.mcpmtls.oauth.client.OAuthWorld.challenge;
import static dev.mcpmtls.oauth.client.OAuthWorld.json;
import static dev.mcpmtls.oauth.client.OAuthWorld.presented;
import static dev.mcpmtls.oauth.client.OAuthWorld.unauthorized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.mcpmtls.oauth.client.grant.ClientAuthentication;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class OAuthClientIT extends OAuthWorldFixture {

    private static final ClientAuthentication SECRET = OAuthWorld.SECRET;

    private OAuthClient.Builder program(ClientAuthentication authentication) {
        return world.program(authentication);
    }

    private OAuthWorld.Request tokenRequest() {
        return world.to("/as/token").get(0);
    }

    @Test
    void fetchesNothingBeforeTheServerAsks() throws Exception {
        assertThat(await(program(SECRET).build().current())).isEmpty();
        assertThat(world.requests).isEmpty();
    }

    @Test
    void fetchesATokenForTheServerWithItsSecret() throws Exception {
        OAuthClient client = program(SECRET).build();

        assertThat(presented(await(client.answer(challenge(401, "scope=\"b a\""), Optional.empty()))))
                .isEqualTo("Bearer t-1");
        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-1");
        assertThat(tokenRequest().headers()).containsEntry("Authorization", basic("agent-7:s3cret"));
        assertThat(tokenRequest().form())
                .containsEntry("grant_type", "client_credentials")
                .containsEntry("scope", "a b")
                .containsEntry("resource", world.mcp().toString())
                .doesNotContainKey("client_secret");
    }

    @Test
    void saysWhyTheAuthorizationServerRefusesWithoutItsControlCharacters() {
        world.handlers.put(
                "/as/token",
                request -> json(401, Map.of("error", "invalid_client", "error_description", "no \u001b[31m such one")));

        assertThatThrownBy(() -> await(program(SECRET).build().answer(unauthorized(), Optional.empty())))
                .isInstanceOfSatisfying(
                        NoTokenException.class,
                        failure -> assertThat(failure.why()).isEqualTo(Why.CLIENT))
                .hasMessageContaining("invalid_client")
                .hasMessageContaining("oauth.client")
                .message()
                .doesNotContain("\u001b", "s3cret");
    }

    @Test
    void putsTheSecretIntoTheFormWhereOnlyThatIsTaken() throws Exception {
        world.server.put("token_endpoint_auth_methods_supported", List.of("client_secret_post"));

        await(program(SECRET).build().answer(unauthorized(), Optional.empty()));

        assertThat(tokenRequest().form()).containsEntry("client_secret", "s3cret");
        assertThat(tokenRequest().headers()).doesNotContainKey("Authorization");
    }

    @Test
    void sendsNoSecretWhereNoneIsTaken() {
        world.server.put("token_endpoint_auth_methods_supported", List.of("private_key_jwt"));

        assertThatThrownBy(() -> await(program(SECRET).build().answer(unauthorized(), Optional.empty())))
                .isInstanceOf(NoTokenException.class);
        assertThat(world.to("/as/token")).isEmpty();
    }

    @Test
    void signsForThatAuthorizationServerAlone() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();

        await(program(ClientAuthentication.privateKey(keys.getPrivate(), Optional.of("k1")))
                .build()
                .answer(unauthorized(), Optional.empty()));

        assertThat(tokenRequest().form()).containsEntry("client_id", "agent-7");
        SignedJWT assertion = SignedJWT.parse(tokenRequest().form().get("client_assertion"));
        assertThat(assertion.verify(new ECDSAVerifier((ECPublicKey) keys.getPublic())))
                .isTrue();
        assertThat(assertion.getJWTClaimsSet().getAudience()).containsExactly(world.issuer());
        assertThat(assertion.getHeader().getKeyID()).isEqualTo("k1");
    }

    @Test
    void authenticatesWithItsCertificateAtTheAddressForThat() throws Exception {
        world.server.put("token_endpoint_auth_methods_supported", List.of("tls_client_auth"));
        world.server.put("mtls_endpoint_aliases", Map.of("token_endpoint", world.origin() + "/as/mtls"));
        world.handlers.put("/as/mtls", request -> json(200, world.token()));

        await(program(ClientAuthentication.certificate()).build().answer(unauthorized(), Optional.empty()));

        OAuthWorld.Request request = world.to("/as/mtls").get(0);
        assertThat(request.form()).containsEntry("client_id", "agent-7").doesNotContainKey("client_secret");
        assertThat(request.peer()).isEqualTo(world.own.current().chain().leaf());
        assertThat(world.to("/as/token")).isEmpty();
    }

    @Test
    void fetchesAnotherTokenWhenTheCertificateThatItIsBoundToWasRenewed() throws Exception {
        world.resource.put("tls_client_certificate_bound_access_tokens", true);
        OAuthClient client = program(ClientAuthentication.certificate()).build();
        await(client.answer(unauthorized(), Optional.empty()));

        world.own.replace(OAuthWorld.credential(world.ca.client("agent")));

        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-2");
        assertThat(world.to("/as/token").get(1).peer())
                .isEqualTo(world.own.current().chain().leaf());
    }

    @Test
    void keepsATokenThatIsNotBoundToTheCertificate() throws Exception {
        OAuthClient client = program(SECRET).build();
        await(client.answer(unauthorized(), Optional.empty()));

        world.own.replace(OAuthWorld.credential(world.ca.client("agent")));

        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-1");
    }

    @Test
    void renewsATokenBeforeItExpiresAndReplacesOneThatHas() throws Exception {
        OAuthClient client = program(SECRET).build();
        await(client.answer(unauthorized(), Optional.empty()));

        world.clock.move(Duration.ofMinutes(59).plusSeconds(30));
        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-1"); // and fetches the next one meanwhile
        while (!presented(await(client.current())).equals("Bearer t-2")) {
            Thread.onSpinWait();
        }
        world.clock.move(Duration.ofHours(2));

        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-3");
        assertThat(world.to("/as/token")).hasSize(3);
    }

    @Test
    void readsNoLifetimeThatCannotBe() throws Exception {
        for (Object lifetime : List.of(Long.MAX_VALUE, -1, 0, "1e300", "soon", List.of(3), 1.5e300)) {
            Map<String, Object> issued = world.token();
            issued.put("expires_in", lifetime);
            world.handlers.put("/as/token", request -> json(200, issued));
            OAuthClient client = program(SECRET).build();
            try {
                await(client.answer(unauthorized(), Optional.empty()));
                assertThat(presented(await(client.current())))
                        .as("%s", lifetime)
                        .startsWith("Bearer t-");
            } catch (NoTokenException e) {
                assertThat(e.why()).isEqualTo(Why.REFUSED);
            }
        }
    }

    @Test
    void fetchesOneTokenForManyRequests() throws Exception {
        OAuthClient client = program(SECRET).build();

        List<CompletionStage<Optional<Authorization>>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(client.answer(unauthorized(), Optional.empty()));
        }

        for (CompletionStage<Optional<Authorization>> one : waiting) {
            assertThat(presented(await(one))).isEqualTo("Bearer t-1");
        }
        assertThat(world.to("/as/token")).hasSize(1);
    }

    @Test
    void doesNotFetchForEverWhatTheServerRefuses() throws Exception {
        OAuthClient client = program(SECRET).build();
        Optional<Authorization> refused = await(client.answer(unauthorized(), Optional.empty()));

        assertThatThrownBy(() -> await(client.answer(challenge(401, "error=\"invalid_token\""), refused)))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("audience");
        assertThat(world.to("/as/token")).hasSize(1);
    }

    @Test
    void fetchesAnotherTokenWhenOneThatWasGoodIsRefused() throws Exception {
        OAuthClient client = program(SECRET).build();
        Optional<Authorization> refused = await(client.answer(unauthorized(), Optional.empty()));
        world.clock.move(Duration.ofMinutes(5));

        assertThat(presented(await(client.answer(challenge(401, "error=\"invalid_token\""), refused))))
                .isEqualTo("Bearer t-2");
    }

    @Test
    void asksForMoreScopesBesideThoseItHad() throws Exception {
        OAuthClient client = program(SECRET).build();
        Optional<Authorization> first = await(client.answer(challenge(401, "scope=read"), Optional.empty()));

        await(client.answer(insufficient("write"), first));

        assertThat(world.to("/as/token").get(1).form()).containsEntry("scope", "read write");
    }

    @Test
    void doesNotAskAgainForScopesThatItHas() throws Exception {
        OAuthClient client = program(SECRET).build();
        Optional<Authorization> first = await(client.answer(challenge(401, "scope=\"read write\""), Optional.empty()));

        assertThatThrownBy(() -> await(client.answer(insufficient("write"), first)))
                .isInstanceOfSatisfying(
                        NoTokenException.class,
                        failure -> assertThat(failure.why()).isEqualTo(Why.SCOPE));
        assertThat(world.to("/as/token")).hasSize(1);
    }

    @Test
    void givesUpOnAServerThatAlwaysWantsOneScopeMore() throws Exception {
        OAuthClient client = program(SECRET).build();
        Optional<Authorization> token = await(client.answer(challenge(401, "scope=s0"), Optional.empty()));
        for (int i = 1; i <= 3; i++) {
            token = await(client.answer(insufficient("s" + i), token));
        }
        Optional<Authorization> last = token;

        assertThatThrownBy(() -> await(client.answer(insufficient("s4"), last)))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("3 times");
        assertThat(world.to("/as/token")).hasSize(4);
    }

    @Test
    void sendsCredentialsToNoAuthorizationServerThatWasNotChosen() {
        assertThatThrownBy(() -> await(world.client()
                        .client("agent-7", SECRET)
                        .grant(Grant.clientCredentials())
                        .build()
                        .answer(unauthorized(), Optional.empty())))
                .isInstanceOfSatisfying(
                        NoTokenException.class,
                        failure -> assertThat(failure.why()).isEqualTo(Why.ISSUER))
                .hasMessageContaining("oauth.issuer");
        world.resource.put("authorization_servers", List.of(world.origin() + "/evil"));
        assertThatThrownBy(() -> await(program(SECRET).build().answer(unauthorized(), Optional.empty())))
                .isInstanceOf(NoTokenException.class);
        assertThat(world.requests).allMatch(request -> request.url().getPath().contains("protected-resource"));
    }

    @Test
    void staysWithTheAuthorizationServerThatWasConfirmed() throws Exception {
        List<String> asked = new ArrayList<>();
        OAuthClient client = world.client()
                .client("agent-7", SECRET)
                .grant(Grant.clientCredentials())
                .confirmingIssuer(asked::add)
                .build();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));
        assertThat(asked).containsExactly(world.issuer());

        world.resource.put("authorization_servers", List.of(world.origin() + "/evil"));
        world.clock.move(Duration.ofMinutes(5));

        assertThatThrownBy(() -> await(client.answer(unauthorized(), token)))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("/evil");
        assertThat(asked).hasSize(1);
        assertThat(world.to("/as/token")).hasSize(1);
    }

    @Test
    void takesNoTokenThatAHeaderCannotCarry() {
        Map<String, Object> split = world.token();
        split.put("access_token", "a\r\nX-Admin: true");
        world.handlers.put("/as/token", request -> json(200, split));

        assertThatThrownBy(() -> await(program(SECRET).build().answer(unauthorized(), Optional.empty())))
                .isInstanceOf(NoTokenException.class);
    }

    @Test
    void presentsTheWorkloadsAssertionAndDoesNotTryAgain() {
        world.handlers.put("/as/token", request -> json(400, Map.of("error", "invalid_grant")));
        String assertion = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";

        assertThatThrownBy(() -> await(world.client()
                        .issuer(world.issuer())
                        .client("w", ClientAuthentication.none())
                        .grant(Grant.workload(() -> assertion + "\n"))
                        .build()
                        .answer(unauthorized(), Optional.empty())))
                .isInstanceOf(NoTokenException.class);
        assertThat(world.to("/as/token")).hasSize(1);
        assertThat(tokenRequest().form()).containsEntry("assertion", assertion).containsEntry("client_id", "w");
    }

    private static Challenge insufficient(String scope) {
        return challenge(403, "error=\"insufficient_scope\", scope=\"" + scope + "\"");
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
