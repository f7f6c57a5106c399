// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static dev.mcpmtls.oauth.resource.LocalIssuer.json;
import static dev.mcpmtls.oauth.resource.Tokens.EC;
import static dev.mcpmtls.oauth.resource.Tokens.OTHER_PEER;
import static dev.mcpmtls.oauth.resource.Tokens.PEER;
import static dev.mcpmtls.oauth.resource.Tokens.claims;
import static dev.mcpmtls.oauth.resource.Tokens.token;
import static dev.mcpmtls.oauth.resource.Tokens.with;
import static dev.mcpmtls.oauth.resource.Tokens.without;
import static dev.mcpmtls.oauth.resource.Verifying.trusting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An issuer is asked about tokens, and its answer counts. */
class IntrospectionIT {

    private static final String OPAQUE = "mF_9.B5f-4.1JqM";
    private static final String INACTIVE = "{\"active\":false}";

    private final LocalIssuer issuer = new LocalIssuer("").publish(EC);
    private final Verifying verifying = new Verifying(trusting(issuer).introspectWithSecret("mcp:crm", () -> "s&cret"));
    private final String signed = token(claims(issuer.url()));

    @AfterEach
    void close() {
        verifying.close();
        issuer.close();
    }

    @Test
    void aSignedTokenIsAcceptedWhileItIsActive() {
        answer("{\"active\":true}");
        assertThat(verifying.accepted(signed, PEER).subject()).isEqualTo("alice");

        answer(INACTIVE);
        assertThat(verifying.accepted(signed, PEER).subject()).as("remembered").isEqualTo("alice");
        verifying.clock.move(Duration.ofSeconds(10));
        assertThat(verifying.why(signed, PEER)).isEqualTo(Why.REVOKED);
        assertThat(issuer.asked("/introspect")).hasSize(2);
    }

    @Test
    void theQuestionIsAskedAsTheClient() {
        answer("{\"active\":true}");
        verifying.accepted(signed, PEER);
        LocalIssuer.Asked asked = issuer.asked("/introspect").get(0);
        assertThat(asked.body()).isEqualTo("token=" + signed + "&token_type_hint=access_token");
        assertThat(asked.authorization())
                .isEqualTo("Basic "
                        + Base64.getEncoder().encodeToString("mcp%3Acrm:s%26cret".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anIssuerIsNotAskedAboutATokenThatIsRefusedAnyway() {
        answer("{\"active\":true}");
        assertThat(verifying.why(signed, OTHER_PEER)).isEqualTo(Why.WRONG_BINDING);
        assertThat(verifying.why(token(with(claims(issuer.url()), "exp", 1)), PEER))
                .isEqualTo(Why.EXPIRED);
        assertThat(verifying.why(signed + "A", PEER)).isEqualTo(Why.INVALID);
        assertThat(issuer.asked("/introspect")).isEmpty();
    }

    @Test
    void anOpaqueTokenIsWhatItsIssuerSays() {
        answer(active(claims(issuer.url())));
        AccessToken accepted = verifying.accepted(OPAQUE, PEER);
        assertThat(accepted.subject()).isEqualTo("alice");
        assertThat(accepted.scopes()).containsOnly("crm.read", "crm.write");
        assertThat(accepted.bound()).isTrue();
        assertThat(verifying.why(OPAQUE, OTHER_PEER)).isEqualTo(Why.WRONG_BINDING);
        assertThat(issuer.asked("/introspect")).hasSize(1);
    }

    @Test
    void anOpaqueTokenThatIsNotActiveIsRefused() {
        answer(INACTIVE);
        assertThat(verifying.why(OPAQUE, PEER)).isEqualTo(Why.REVOKED);
    }

    @Test
    void anOpaqueTokenIsHeldToTheSameRules() {
        Map<String, Object> good = claims(issuer.url());
        assertThat(opaque(without(without(good, "iss"), "sub"))).isNull();
        assertThat(opaque(with(good, "aud", "https://other.example"))).isEqualTo(Why.WRONG_AUDIENCE);
        assertThat(opaque(without(good, "aud"))).isEqualTo(Why.WRONG_AUDIENCE);
        assertThat(opaque(with(good, "iss", "https://other.example"))).isEqualTo(Why.WRONG_ISSUER);
        assertThat(opaque(with(good, "iss", 1))).isEqualTo(Why.WRONG_ISSUER);
        assertThat(opaque(with(good, "exp", 1))).isEqualTo(Why.EXPIRED);
        assertThat(opaque(without(good, "exp"))).isEqualTo(Why.INVALID);
        assertThat(opaque(without(good, "cnf"))).isEqualTo(Why.WRONG_BINDING);
        assertThat(opaque(without(without(good, "sub"), "client_id"))).isEqualTo(Why.INVALID);
    }

    /** Why a token with this answer is refused; null when it is not. Each time another token. */
    private Why opaque(Map<String, Object> claims) {
        answer(active(claims));
        return verifying
                .verification
                .verify("opaque-" + claims.hashCode(), PEER)
                .handle((accepted, refused) -> refused == null ? null : ((TokenRefusedException) refused).why())
                .toCompletableFuture()
                .join();
    }

    @Test
    void anAnswerIsNotRememberedBeyondTheTokensEnd() {
        answer(active(with(claims(issuer.url()), "exp", Tokens.NOW.getEpochSecond() + 3)));
        verifying.accepted(OPAQUE, PEER);
        verifying.clock.move(Duration.ofSeconds(3));
        verifying.accepted(OPAQUE, PEER);
        assertThat(issuer.asked("/introspect")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"active\":\"true\"}",
                "{\"active\":1}",
                "{\"active\":null}",
                "[]",
                "true",
                "{\"active\":false,\"active\":true}"
            })
    void anAnswerThatDoesNotSayIsNone(String answer) {
        answer(answer);
        assertThat(verifying.why(signed, PEER)).isEqualTo(Why.UNAVAILABLE);
        assertThat(verifying.why(OPAQUE, PEER)).isEqualTo(Why.UNAVAILABLE);
        answer(active(claims(issuer.url())));
        verifying.clock.move(Duration.ofSeconds(5));
        assertThat(verifying.accepted(signed, PEER).subject())
                .as("once it does")
                .isEqualTo("alice");
    }

    @Test
    void aServerThatHangsGrowsRedirectsOrRefusesGivesNoAnswer() {
        URI elsewhere = issuer.at("/elsewhere");
        issuer.answering("/elsewhere", json(active(claims(issuer.url()))));
        for (LocalIssuer.Answer answer : List.of(
                LocalIssuer.hanging(),
                LocalIssuer.growing(),
                LocalIssuer.redirectTo(elsewhere),
                LocalIssuer.status(401, active(claims(issuer.url()))))) {
            issuer.answering("/introspect", answer);
            assertThat(verifying.why(OPAQUE, PEER)).isEqualTo(Why.UNAVAILABLE);
        }
        assertThat(issuer.asked("/elsewhere")).isEmpty();
    }

    @Test
    void callsWithTheSameTokenAskOnce() {
        CountDownLatch answered = new CountDownLatch(1);
        issuer.answering("/introspect", exchange -> {
            try {
                answered.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            json(active(claims(issuer.url()))).to(exchange);
        });
        List<CompletableFuture<AccessToken>> calls = verify(20, each -> OPAQUE);
        answered.countDown();
        assertThat(calls).allSatisfy(call -> assertThat(call).succeedsWithin(Duration.ofSeconds(5)));
        assertThat(issuer.asked("/introspect")).hasSize(1);
    }

    @Test
    void questionsInFlightAreBounded() {
        issuer.answering("/introspect", LocalIssuer.hanging());
        List<CompletableFuture<AccessToken>> flood = verify(100, each -> OPAQUE + each);
        assertThat(waiting(flood)).as("of one identity").isBetween(1L, 16L);
        CompletableFuture<AccessToken> other =
                verifying.verification.verify(OPAQUE, OTHER_PEER).toCompletableFuture();
        assertThat(other).as("of another").isNotDone();

        List<CompletableFuture<AccessToken>> many = IntStream.range(0, 20)
                .mapToObj(each -> Tokens.peer("many" + each))
                .flatMap(peer -> IntStream.range(0, 5)
                        .mapToObj(each -> verifying.verification.verify(
                                OPAQUE + peer.identity().hashCode() + each, peer)))
                .map(CompletionStage::toCompletableFuture)
                .toList();
        assertThat(waiting(many)).as("of many identities").isBetween(1L, 64L);
        assertThat(List.of(flood, many, List.of(other)))
                .allSatisfy(calls ->
                        assertThat(calls).allSatisfy(call -> assertThat(call).failsWithin(Duration.ofSeconds(10))));

        answer(active(claims(issuer.url())));
        verifying.clock.move(Duration.ofSeconds(5));
        assertThat(verifying.accepted(OPAQUE, PEER).subject()).as("afterwards").isEqualTo("alice");
    }

    private static long waiting(List<CompletableFuture<AccessToken>> calls) {
        return calls.stream().filter(call -> !call.isDone()).count();
    }

    private List<CompletableFuture<AccessToken>> verify(int times, IntFunction<String> token) {
        return IntStream.range(0, times)
                .mapToObj(token)
                .map(one -> verifying.verification.verify(one, PEER).toCompletableFuture())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a&active=true", "a\r\nx: y", "\u00e9", "a\ud800", "=", "%00", "<x>"})
    void anIssuerIsNotAskedAboutTextThatIsNoToken(String text) {
        answer(active(claims(issuer.url())));
        assertThat(verifying.why(text, PEER)).isEqualTo(Why.INVALID);
        assertThat(issuer.asked("/introspect")).isEmpty();
    }

    @Test
    void anOpaqueTokenIsShownToNoneOfTwoIssuers() {
        try (LocalIssuer other = new LocalIssuer("").publish(EC);
                Verifying both = new Verifying(
                        trusting(issuer).introspectWithSecret("crm", () -> "x"),
                        trusting(other).introspectWithSecret("crm", () -> "y"))) {
            assertThat(both.why(OPAQUE, PEER)).isEqualTo(Why.INVALID);
            assertThat(issuer.asked("/introspect")).isEmpty();
            assertThat(other.asked("/introspect")).isEmpty();
        }
    }

    @Test
    void theEndpointMayBeConfiguredForAClientOnly() {
        URI elsewhere = issuer.at("/elsewhere");
        issuer.answering("/elsewhere", json(active(claims(issuer.url()))));
        try (Verifying configured = new Verifying(
                trusting(issuer).introspectWithSecret("crm", () -> "x").introspectionEndpoint(elsewhere))) {
            assertThat(configured.accepted(OPAQUE, PEER).subject()).isEqualTo("alice");
        }
        assertThatThrownBy(
                        () -> trusting(issuer).introspectionEndpoint(elsewhere).build())
                .hasMessageContaining("no client to ask it as");
    }

    private void answer(String document) {
        issuer.answering("/introspect", json(document));
    }

    private static String active(Map<String, Object> claims) {
        return JSONObjectUtils.toJSONString(with(claims, "active", true));
    }
}
