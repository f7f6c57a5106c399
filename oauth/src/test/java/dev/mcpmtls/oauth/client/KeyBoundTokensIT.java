// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import static dev.mcpmtls.oauth.client.OAuthWorld.SECRET;
import static dev.mcpmtls.oauth.client.OAuthWorld.await;
import static dev.mcpmtls.oauth.client.OAuthWorld.json;
import static dev.mcpmtls.oauth.client.OAuthWorld.presented;
import static dev.mcpmtls.oauth.client.OAuthWorld.unauthorized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tokens that are bound to a key of the client's (DPoP, RFC 9449). */
class KeyBoundTokensIT extends OAuthWorldFixture {

    @Test
    void bindsTokensToAKeyAndProvesThatItHasItEachTime() throws Exception {
        world.bindToKeys();
        Map<String, Object> bound = world.boundToken();
        world.handlers.put(
                "/as/token",
                request -> SignedJWT.parse(request.headers().get("Dpop"))
                                        .getJWTClaimsSet()
                                        .getClaim("nonce")
                                == null
                        ? new OAuthWorld.Answer(
                                400,
                                Map.of("DPoP-Nonce", "n-1", "Content-Type", "application/json"),
                                "{\"error\":\"use_dpop_nonce\"}")
                        : json(200, bound));
        OAuthClient client = world.program(SECRET).proofOfPossession().build();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));

        Map<String, String> first = token.orElseThrow().headers("POST");
        Map<String, String> second = token.orElseThrow().headers("POST");
        assertThat(first).containsEntry("Authorization", "DPoP t-1");
        assertThat(SignedJWT.parse(first.get("DPoP")).getJWTClaimsSet().getJWTID())
                .isNotEqualTo(
                        SignedJWT.parse(second.get("DPoP")).getJWTClaimsSet().getJWTID());

        Challenge nonce = Challenge.of(401, List.of("DPoP error=\"use_dpop_nonce\""), Optional.of("n-2"))
                .orElseThrow();
        Map<String, String> third =
                await(client.answer(nonce, token)).orElseThrow().headers("POST");
        assertThat(SignedJWT.parse(third.get("DPoP")).getJWTClaimsSet().getStringClaim("nonce"))
                .isEqualTo("n-2");
        assertThat(world.tokens).hasValue(1);
    }

    @Test
    void sendsEachRefusedRequestAgainWithItsOwnNonceAndKeepsTheNewerToken() throws Exception {
        world.bindToKeys();
        OAuthClient client = world.program(SECRET).proofOfPossession().build();
        Optional<Authorization> old = await(client.answer(unauthorized(), Optional.empty()));
        world.clock.move(Duration.ofHours(2));
        assertThat(presented(await(client.current()))).isEqualTo("DPoP t-2");

        Optional<Authorization> one = await(client.answer(wanting("n-1"), old));
        Optional<Authorization> other = await(client.answer(wanting("n-2"), old));

        assertThat(nonce(one)).isEqualTo("n-1");
        assertThat(nonce(other)).isEqualTo("n-2");
        assertThat(presented(await(client.current()))).isEqualTo("DPoP t-2");
        assertThat(nonce(await(client.current()))).isEqualTo("n-2");
        assertThat(nonce(await(client.answer(unauthorized(), old))))
                .as("the newer token")
                .isEqualTo("n-2");
        assertThat(world.tokens).hasValue(2);
    }

    private static Challenge wanting(String nonce) {
        return Challenge.of(401, List.of("DPoP error=\"use_dpop_nonce\""), Optional.of(nonce))
                .orElseThrow();
    }

    private static String nonce(Optional<Authorization> authorization) throws ParseException {
        String proof = authorization.orElseThrow().headers("POST").get("DPoP");
        return SignedJWT.parse(proof).getJWTClaimsSet().getStringClaim("nonce");
    }

    @Test
    void takesNoUnboundTokenWhereItAskedForABoundOne() {
        world.server.put("dpop_signing_alg_values_supported", List.of("ES256"));

        assertThatThrownBy(() -> await(
                        world.program(SECRET).proofOfPossession().build().answer(unauthorized(), Optional.empty())))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("Bearer");
    }
}
