// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static dev.mcpmtls.oauth.resource.LocalIssuer.json;
import static dev.mcpmtls.oauth.resource.Tokens.EC;
import static dev.mcpmtls.oauth.resource.Tokens.PEER;
import static dev.mcpmtls.oauth.resource.Tokens.RSA;
import static dev.mcpmtls.oauth.resource.Tokens.header;
import static dev.mcpmtls.oauth.resource.Tokens.with;
import static dev.mcpmtls.oauth.resource.Verifying.await;
import static dev.mcpmtls.oauth.resource.Verifying.trusting;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An issuer's keys are found, followed and kept; one that misbehaves costs little. */
class IssuerKeysIT {

    private static final JWK NEW_KEY = Tokens.ec("ec-2", Curve.P_256);

    private static final JWK OTHER_KEY = Tokens.ec("ec-9", Curve.P_256);

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/tenant, /.well-known/oauth-authorization-server/tenant",
        "/tenant, /.well-known/openid-configuration/tenant",
        "/tenant, /tenant/.well-known/openid-configuration",
        "'', /.well-known/oauth-authorization-server",
        "'', /.well-known/openid-configuration",
        "/, /.well-known/oauth-authorization-server"
    })
    void findsKeysByTheIssuersMetadata(String path, String location) {
        LocalIssuer issuer = issuer(path).publish(EC);
        issuer.without("/.well-known/oauth-authorization-server" + path).answering(location, json(issuer.metadata()));
        assertThat(verifying(issuer).accepted(token(issuer), PEER).subject()).isEqualTo("alice");
    }

    @Test
    void findsKeysWhereItIsTold() {
        LocalIssuer issuer = issuer("/x").publish(EC).without("/.well-known/oauth-authorization-server/x");
        Verifying verifying = opened(new Verifying(trusting(issuer).jwks(issuer.at("/jwks"))));
        assertThat(verifying.accepted(token(issuer), PEER).subject()).isEqualTo("alice");
    }

    @Test
    void believesNoMetadataOfAnotherIssuer() {
        LocalIssuer issuer = issuer("").publish(EC);
        issuer.answering(
                "/.well-known/oauth-authorization-server",
                json(issuer.metadata().replace("\"issuer\":\"http", "\"issuer\":\"https")));
        assertThat(verifying(issuer).why(token(issuer), PEER)).isEqualTo(Why.UNAVAILABLE);
        assertThat(issuer.asked("/jwks")).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void takesNoKeysFrom(String name, LocalIssuer.Answer jwks) {
        LocalIssuer issuer = issuer("").answering("/jwks", jwks);
        Verifying verifying = verifying(issuer);
        assertThat(verifying.why(token(issuer), PEER)).isEqualTo(Why.UNAVAILABLE);

        issuer.publish(EC);
        verifying.clock.move(Duration.ofSeconds(31));
        assertThat(verifying.accepted(token(issuer), PEER).subject())
                .as("once it mends")
                .isEqualTo("alice");
    }

    static Stream<Arguments> takesNoKeysFrom() {
        String key = EC.toPublicJWK().toJSONString();
        String many = IntStream.range(0, 101)
                .mapToObj(index -> key.replace("ec-1", "k" + index))
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
        return Stream.of(
                Arguments.of("a server that hangs", LocalIssuer.hanging()),
                Arguments.of("a server that never stops", LocalIssuer.growing()),
                Arguments.of("a server in trouble", LocalIssuer.status(500, keys(EC))),
                Arguments.of("a page", json("<html>")),
                Arguments.of("a list", json("[" + keys(EC) + "]")),
                Arguments.of("a set without keys", json("{\"keys\":[]}")),
                Arguments.of("something else", json("{\"keys\":{}}")),
                Arguments.of("a set of too many keys", json(many)),
                Arguments.of("a set with members twice", json("{\"keys\":[]," + keys(EC).substring(1))),
                Arguments.of(
                        "a deep set", json("{\"x\":" + "[".repeat(50) + "]".repeat(50) + "," + keys(EC).substring(1))),
                Arguments.of("a large set", json("{\"x\":\"" + "x".repeat(300_000) + "\"," + keys(EC).substring(1))));
    }

    @Test
    void followsNoRedirect() {
        LocalIssuer issuer = issuer("");
        issuer.answering("/jwks", LocalIssuer.redirectTo(issuer.at("/elsewhere")))
                .answering("/elsewhere", json(keys(EC)));
        assertThat(verifying(issuer).why(token(issuer), PEER)).isEqualTo(Why.UNAVAILABLE);
        assertThat(issuer.asked("/elsewhere")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://169.254.169.254/latest/meta-data",
        "http://localhost.evil.example/jwks",
        "file:///etc/passwd",
        "jar:https://evil.example/x!/y",
        "//evil.example/jwks",
        "https://user@evil.example/jwks",
        "':'"
    })
    void fetchesKeysFromNoOtherKindOfLocation(String location) {
        LocalIssuer issuer = issuer("");
        issuer.answering(
                "/.well-known/oauth-authorization-server",
                json(issuer.metadata().replace(issuer.origin() + "/jwks", location)));
        assertThat(verifying(issuer).why(token(issuer), PEER)).isEqualTo(Why.UNAVAILABLE);
    }

    @Test
    void newKeysAreFetchedForATokenThatNamesOne() {
        LocalIssuer issuer = issuer("").publish(EC);
        Verifying verifying = verifying(issuer);
        verifying.accepted(token(issuer), PEER);
        issuer.publish(EC, NEW_KEY);
        verifying.clock.move(Duration.ofSeconds(31));

        assertThat(verifying.accepted(token(issuer, NEW_KEY), PEER).subject()).isEqualTo("alice");
        assertThat(verifying.accepted(token(issuer), PEER).subject()).isEqualTo("alice");
        assertThat(issuer.asked("/jwks")).hasSize(2);
    }

    @Test
    void aFloodOfUnknownKeysFetchesOnceInHalfAMinute() {
        LocalIssuer issuer = issuer("").publish(EC);
        Verifying verifying = verifying(issuer);
        verifying.accepted(token(issuer), PEER);
        for (int minutes = 0; minutes < 2; minutes++) {
            List<CompletableFuture<AccessToken>> flood = IntStream.range(0, 300)
                    .mapToObj(each -> Tokens.token(
                            with(header("ES256", EC), "kid", UUID.randomUUID().toString()),
                            Tokens.claims(issuer.url()),
                            EC))
                    .map(token -> verifying.verification.verify(token, PEER).toCompletableFuture())
                    .toList();
            assertThat(flood).allSatisfy(one -> assertThat(one).failsWithin(Duration.ofSeconds(10)));
            assertThat(issuer.asked("/jwks")).hasSize(1 + minutes);
            assertThat(verifying.accepted(token(issuer), PEER).subject()).isEqualTo("alice");
            verifying.clock.move(Duration.ofSeconds(31));
        }
    }

    @Test
    void aKeyThatIsWithdrawnVerifiesNothingAnyMore() {
        LocalIssuer issuer = issuer("").publish(EC, NEW_KEY);
        Verifying verifying = verifying(issuer);
        String token = Tokens.token(with(Tokens.claims(issuer.url()), "exp", Tokens.NOW.getEpochSecond() + 86_400));
        verifying.accepted(token, PEER);
        issuer.publish(NEW_KEY);
        verifying.clock.move(Duration.ofMinutes(11));
        await("the withdrawal", () -> issuer.asked("/jwks").size() >= 2);

        await(
                "the refusal",
                () -> verifying
                        .verification
                        .verify(token, PEER)
                        .toCompletableFuture()
                        .handle((accepted, refused) -> refused != null)
                        .join());
        assertThat(verifying.why(token, PEER)).isEqualTo(Why.INVALID);
    }

    @Test
    void keysStayInUseForADayWhileTheIssuerIsDown() {
        LocalIssuer issuer = issuer("").publish(EC);
        Verifying verifying = verifying(issuer);
        String token = Tokens.token(with(Tokens.claims(issuer.url()), "exp", Tokens.NOW.getEpochSecond() + 172_800));
        verifying.accepted(token, PEER);
        issuer.answering("/jwks", LocalIssuer.status(503, ""));

        verifying.clock.move(Duration.ofHours(23));
        assertThat(verifying.accepted(token, PEER).subject()).isEqualTo("alice");
        verifying.clock.move(Duration.ofHours(2));
        assertThat(verifying.why(token, PEER)).isEqualTo(Why.UNAVAILABLE);

        issuer.publish(EC);
        verifying.clock.move(Duration.ofMinutes(6));
        assertThat(verifying.accepted(token, PEER).subject()).isEqualTo("alice");
    }

    @Test
    void noMoreThanSomeCallersWaitForKeys() {
        LocalIssuer issuer = issuer("").answering("/jwks", LocalIssuer.hanging());
        Verifying verifying = verifying(issuer);
        String token = token(issuer);
        await("the fetch", () -> !issuer.asked("/jwks").isEmpty());
        List<CompletableFuture<AccessToken>> calls = IntStream.range(0, 1100)
                .mapToObj(each -> verifying.verification.verify(token, PEER).toCompletableFuture())
                .toList();
        assertThat(calls.stream().filter(CompletableFuture::isDone)).hasSizeGreaterThanOrEqualTo(1100 - 1024);
        assertThat(calls).allSatisfy(one -> assertThat(one).failsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void theStageOfARememberedTokenIsComplete() {
        LocalIssuer issuer = issuer("").publish(EC);
        Verifying verifying = verifying(issuer);
        String token = token(issuer);
        verifying.accepted(token, PEER);
        assertThat(verifying.verification.verify(token, PEER).toCompletableFuture())
                .isCompleted();
    }

    @Test
    void nothingIsFetchedAfterTheEnd() {
        LocalIssuer issuer = issuer("").publish(EC);
        Verifying verifying = opened(new Verifying(trusting(issuer).introspectWithSecret("crm", () -> "x")));
        issuer.answering("/introspect", json("{\"active\":true}"));
        verifying.accepted(token(issuer), PEER);
        verifying.close();
        verifying.clock.move(Duration.ofSeconds(31));

        assertThat(verifying.why(token(issuer, NEW_KEY), PEER)).isEqualTo(Why.INVALID);
        assertThat(verifying.why("opaque", PEER)).isEqualTo(Why.UNAVAILABLE);
        assertThat(issuer.asked("/jwks")).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void aKeyIsNotUsed(String name, String published, JWK key, String algorithm) {
        LocalIssuer issuer = issuer("");
        issuer.answering(
                "/jwks",
                json("{\"keys\":[" + published + "," + NEW_KEY.toPublicJWK().toJSONString() + "]}"));
        Verifying verifying = verifying(issuer);
        assertThat(verifying.accepted(token(issuer, NEW_KEY), PEER).subject()).isEqualTo("alice");
        String token = Tokens.token(header(algorithm, key), Tokens.claims(issuer.url()), key);
        assertThat(verifying.why(token, PEER)).isEqualTo(Why.INVALID);
    }

    static Stream<Arguments> aKeyIsNotUsed() {
        String good = EC.toPublicJWK().toJSONString();
        String rsa = RSA.toPublicJWK().toJSONString();
        JWK weak = Tokens.rsa("weak", 1024);
        return Stream.of(
                Arguments.of("for encryption", good.replace("{", "{\"use\":\"enc\","), EC, "ES256"),
                Arguments.of("for agreement", good.replace("{", "{\"key_ops\":[\"deriveKey\"],"), EC, "ES256"),
                Arguments.of("of another algorithm", good.replace("{", "{\"alg\":\"ES384\","), EC, "ES256"),
                Arguments.of(
                        "for RS256 alone",
                        RSA.toPublicJWK().toJSONString().replace("{", "{\"alg\":\"RS256\","),
                        RSA,
                        "PS256"),
                Arguments.of("of 1024 bits", weak.toPublicJWK().toJSONString(), weak, "RS256"),
                Arguments.of("whose private part is public", EC.toJSONString(), EC, "ES256"),
                Arguments.of("off its curve", good.replaceFirst("\"x\":\".{6}", "\"x\":\"AAAAAA"), EC, "ES256"),
                Arguments.of("of a curve for coins", good.replace("P-256", "secp256k1"), EC, "ES256"),
                Arguments.of("without an id", good.replace("\"kid\":\"ec-1\",", ""), EC, "ES256"),
                Arguments.of("published twice", good + "," + good, EC, "ES256"),
                Arguments.of(
                        "whose id another key has too",
                        good + "," + OTHER_KEY.toPublicJWK().toJSONString().replace("ec-9", "ec-1"),
                        EC,
                        "ES256"),
                Arguments.of(
                        "with a public exponent of 1",
                        rsa.replaceAll("\"e\":\"[^\"]*\"", "\"e\":\"AQ\""),
                        RSA,
                        "RS256"),
                Arguments.of(
                        "with an even exponent", rsa.replaceAll("\"e\":\"[^\"]*\"", "\"e\":\"AQAA\""), RSA, "RS256"),
                Arguments.of("that is symmetric", "{\"kty\":\"oct\",\"kid\":\"ec-1\",\"k\":\"c2VjcmV0\"}", EC, "ES256"),
                Arguments.of(
                        "of Edwards' curve",
                        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ec-1\","
                                + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
                        EC,
                        "ES256"),
                Arguments.of("with members of wrong types", good.replace("\"ec-1\"", "{}"), EC, "ES256"));
    }

    private LocalIssuer issuer(String path) {
        return opened(new LocalIssuer(path));
    }

    private Verifying verifying(LocalIssuer issuer) {
        return opened(new Verifying(trusting(issuer)));
    }

    private <T extends AutoCloseable> T opened(T one) {
        open.add(0, one);
        return one;
    }

    private static String token(LocalIssuer issuer) {
        return token(issuer, EC);
    }

    private static String token(LocalIssuer issuer, JWK key) {
        return Tokens.token(header("ES256", key), Tokens.claims(issuer.url()), key);
    }

    private static String keys(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(true);
    }
}
