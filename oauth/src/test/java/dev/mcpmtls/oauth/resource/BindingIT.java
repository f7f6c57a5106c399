// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static dev.mcpmtls.oauth.resource.Tokens.EC;
import static dev.mcpmtls.oauth.resource.Tokens.OTHER_PEER;
import static dev.mcpmtls.oauth.resource.Tokens.PEER;
import static dev.mcpmtls.oauth.resource.Tokens.RESOURCE;
import static dev.mcpmtls.oauth.resource.Tokens.claims;
import static dev.mcpmtls.oauth.resource.Tokens.header;
import static dev.mcpmtls.oauth.resource.Tokens.thumbprint;
import static dev.mcpmtls.oauth.resource.Tokens.token;
import static dev.mcpmtls.oauth.resource.Tokens.with;
import static dev.mcpmtls.oauth.resource.Tokens.without;
import static dev.mcpmtls.oauth.resource.Verifying.trusting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.trust.Peer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token that is remembered is compared with each connection and each moment. */
class BindingIT {

    private final LocalIssuer issuer = new LocalIssuer("").publish(EC);
    private Verifying verifying = new Verifying(trusting(issuer));

    @AfterEach
    void close() {
        verifying.close();
        issuer.close();
    }

    @Test
    void aTokenSaysWhoAndWhat() {
        assertThat(verifying.accepted(token(claims(issuer.url())), PEER))
                .isEqualTo(new AccessToken(
                        issuer.url(),
                        "alice",
                        Optional.of("planner"),
                        Set.of("crm.read", "crm.write"),
                        Tokens.NOW.plusSeconds(300),
                        true));
    }

    @Test
    void aFloodOfNewTokensIsCheckedElsewhereAndBounded() throws Exception {
        verifying.accepted(token(claims(issuer.url())), PEER);
        List<String> tokens = IntStream.range(0, 1500)
                .mapToObj(number -> token(with(claims(issuer.url()), "jti", "t" + number)))
                .toList();
        List<CompletableFuture<AccessToken>> begun = tokens.stream()
                .map(token -> verifying.verification.verify(token, PEER).toCompletableFuture())
                .toList();

        int accepted = 0;
        for (CompletableFuture<AccessToken> one : begun) {
            try {
                one.get(20, TimeUnit.SECONDS);
                accepted++;
            } catch (ExecutionException refused) {
                assertThat(((TokenRefusedException) refused.getCause()).why()).isEqualTo(Why.UNAVAILABLE);
            }
        }
        assertThat(accepted).isBetween(256, tokens.size() - 1);
        verifying.accepted(token(with(claims(issuer.url()), "jti", "later")), PEER);
    }

    @Test
    void aRememberedTokenIsOfNoUseToAnotherPeer() {
        String token = token(claims(issuer.url()));
        AccessToken accepted = verifying.accepted(token, PEER);

        TokenRefusedException refused = verifying.refusal(token, OTHER_PEER);
        assertThat(refused.why()).isEqualTo(Why.WRONG_BINDING);
        assertThat(refused.token()).as("for the audit log").contains(accepted);
        assertThat(verifying.accepted(token, PEER)).isEqualTo(accepted);
    }

    @Test
    void aTokenIsOfNoUseAfterItsOwnersCertificateWasRenewed() {
        String token = token(claims(issuer.url()));
        verifying.accepted(token, PEER);

        Peer renewed = Tokens.peer("planner");
        assertThat(renewed.identity()).isEqualTo(PEER.identity());
        TokenRefusedException refused = verifying.refusal(token, renewed);
        assertThat(refused.why()).isEqualTo(Why.WRONG_BINDING);
        assertThat(refused).hasMessageContaining("if yours was renewed, fetch a new token");

        Map<String, Object> rebound = with(claims(issuer.url()), "cnf", Map.of("x5t#S256", thumbprint(renewed)));
        assertThat(verifying.accepted(token(rebound), renewed).subject()).isEqualTo("alice");
    }

    @Test
    void aRememberedTokenExpires() {
        String token = token(claims(issuer.url()));
        verifying.accepted(token, PEER);
        verifying.clock.move(Duration.ofSeconds(329));
        verifying.accepted(token, PEER);
        verifying.clock.move(Duration.ofSeconds(1));
        assertThat(verifying.why(token, PEER)).isEqualTo(Why.EXPIRED);
    }

    @Test
    void unboundTokensAreForServersThatAllowThem() {
        String unbound = token(without(claims(issuer.url()), "cnf"));
        assertThat(verifying.why(unbound, PEER)).isEqualTo(Why.WRONG_BINDING);

        verifying.close();
        verifying = new Verifying(ProtectedResource.builder(RESOURCE).allowUnbound(), trusting(issuer));
        assertThat(verifying.accepted(unbound, PEER).bound()).isFalse();
        assertThat(verifying.why(token(claims(issuer.url())), OTHER_PEER)).isEqualTo(Why.WRONG_BINDING);
        assertThat(verifying.why(token(with(claims(issuer.url()), "cnf", Map.of("jkt", "x"))), PEER))
                .isEqualTo(Why.WRONG_BINDING);
    }

    @Test
    void plainJwtsAreForIssuersThatAreAllowedThem() {
        Map<String, Object> plain = with(header("ES256", EC), "typ", "JWT");
        Map<String, Object> good = claims(issuer.url());
        assertThat(verifying.refusal(token(plain, good, EC), PEER)).hasMessageContaining("at+jwt");

        verifying.close();
        verifying = new Verifying(trusting(issuer).acceptPlainJwt());
        assertThat(verifying.accepted(token(plain, good, EC), PEER).subject()).isEqualTo("alice");
        assertThat(verifying.accepted(token(without(plain, "typ"), with(good, "typ", "Bearer"), EC), PEER))
                .isNotNull();
        for (Map<String, Object> other : List.of(
                with(good, "typ", "ID"),
                with(good, "typ", "Refresh"),
                with(good, "at_hash", "x"),
                with(good, "events", Map.of()))) {
            assertThat(verifying.why(token(plain, other, EC), PEER)).isEqualTo(Why.INVALID);
        }
        assertThat(verifying.why(token(with(plain, "typ", "dpop+jwt"), good, EC), PEER))
                .isEqualTo(Why.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_id", "azp"})
    void theClientIsNamedInTwoWays(String member) {
        Map<String, Object> claims = with(without(claims(issuer.url()), "client_id"), member, "planner");
        assertThat(verifying.accepted(token(claims), PEER).client()).contains("planner");
    }

    @Test
    void scopesAreNamedInThreeWays() {
        Map<String, Object> none = without(claims(issuer.url()), "scope");
        assertThat(verifying.accepted(token(none), PEER).scopes()).isEmpty();
        assertThat(verifying.accepted(token(with(none, "scp", "a b")), PEER).scopes())
                .containsOnly("a", "b");
        assertThat(verifying
                        .accepted(token(with(none, "scope", List.of("a"))), PEER)
                        .scopes())
                .containsOnly("a");
    }

    @Test
    void aServerMayHaveAnotherNameToo() {
        String token = token(with(claims(issuer.url()), "aud", "api://crm"));
        assertThat(verifying.why(token, PEER)).isEqualTo(Why.WRONG_AUDIENCE);

        verifying.close();
        verifying = new Verifying(ProtectedResource.builder(RESOURCE).audience("api://crm"), trusting(issuer));
        assertThat(verifying.accepted(token, PEER).subject()).isEqualTo("alice");
        assertThat(verifying.accepted(token(claims(issuer.url())), PEER).subject())
                .isEqualTo("alice");
    }

    @Test
    void anAlgorithmMayBeLeftOut() {
        verifying.close();
        verifying = new Verifying(ProtectedResource.builder(RESOURCE).algorithms(Set.of("PS256")), trusting(issuer));
        assertThat(verifying.refusal(token(claims(issuer.url())), PEER)).hasMessageContaining("it accepts [PS256]");
    }
}
