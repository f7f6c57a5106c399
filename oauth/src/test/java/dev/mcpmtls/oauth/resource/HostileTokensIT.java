// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static dev.mcpmtls.oauth.resource.Tokens.EC;
import static dev.mcpmtls.oauth.resource.Tokens.NOW;
import static dev.mcpmtls.oauth.resource.Tokens.OTHER_PEER;
import static dev.mcpmtls.oauth.resource.Tokens.PEER;
import static dev.mcpmtls.oauth.resource.Tokens.RESOURCE;
import static dev.mcpmtls.oauth.resource.Tokens.RSA;
import static dev.mcpmtls.oauth.resource.Tokens.base64;
import static dev.mcpmtls.oauth.resource.Tokens.claims;
import static dev.mcpmtls.oauth.resource.Tokens.header;
import static dev.mcpmtls.oauth.resource.Tokens.thumbprint;
import static dev.mcpmtls.oauth.resource.Tokens.token;
import static dev.mcpmtls.oauth.resource.Tokens.with;
import static dev.mcpmtls.oauth.resource.Tokens.without;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.trust.Peer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attacks on the verification of tokens, each refused for exactly its reason; and the good tokens beside them. */
class HostileTokensIT {

    private static final JWK STRANGER = Tokens.ec("ec-1", Curve.P_256);
    private static final JWK P384 = Tokens.ec("ec-384", Curve.P_384);
    private static final JWK P521 = Tokens.ec("ec-521", Curve.P_521);
    private static final JWK SECOND = Tokens.ec("second-1", Curve.P_256);

    private static final LocalIssuer ISSUER = new LocalIssuer("/realms/agents");
    private static final LocalIssuer OTHER_ISSUER = new LocalIssuer("");
    private static TokenVerification verification;

    @BeforeAll
    static void start() throws Exception {
        ISSUER.publish(EC, RSA, P384, P521);
        OTHER_ISSUER.publish(SECOND);
        ProtectedResource resource = ProtectedResource.builder(RESOURCE)
                .issuer(TrustedIssuer.builder(ISSUER.url())
                        .allowPlainHttpOnLoopback()
                        .build())
                .issuer(TrustedIssuer.builder(OTHER_ISSUER.url())
                        .allowPlainHttpOnLoopback()
                        .build())
                .build();
        verification = TokenVerification.start(resource, new MovableClock(NOW));
        assertThat(verify(token(claims(ISSUER.url())), PEER).subject()).isEqualTo("alice");
    }

    @AfterAll
    static void stop() {
        verification.close();
        ISSUER.close();
        OTHER_ISSUER.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void acceptsAGoodToken(String name, String token) throws Exception {
        AccessToken accepted = verify(token, PEER);
        assertThat(accepted.subject()).isEqualTo("alice");
        assertThat(accepted.bound()).isTrue();
        assertThat(verify(token, PEER)).as("again").isEqualTo(accepted);
    }

    static Stream<Arguments> acceptsAGoodToken() {
        Map<String, Object> good = claims(ISSUER.url());
        return table(
                "ES256", token(good),
                "ES384", token(header("ES384", P384), good, P384),
                "ES512", token(header("ES512", P521), good, P521),
                "RS256", token(header("RS256", RSA), good, RSA),
                "RS512", token(header("RS512", RSA), good, RSA),
                "PS256", token(header("PS256", RSA), good, RSA),
                "the type in full", token(with(header("ES256", EC), "typ", "application/AT+JWT"), good, EC),
                "no key id, one key that fits", token(without(header("ES256", EC), "kid"), good, EC),
                "a thumbprint of the signing certificate, which is not looked at",
                        token(with(header("ES256", EC), "x5t", "YQ"), good, EC),
                "the second issuer", token(header("ES256", SECOND), claims(OTHER_ISSUER.url()), SECOND),
                "an audience among others", token(with(good, "aud", List.of("https://other.example", RESOURCE))),
                "an audience in another case and with the port",
                        token(with(good, "aud", "HTTPS://MCP.example:443/crm")),
                "scopes as a list", token(with(good, "scope", List.of("a", "b"))),
                "a time with a fraction", token(with(good, "exp", NOW.getEpochSecond() + 60.5)),
                "expired within the tolerance", token(with(good, "exp", NOW.getEpochSecond() - 20)),
                "issued within the tolerance", token(with(good, "iat", NOW.getEpochSecond() + 20)),
                "the end of 9999", token(with(good, "exp", 253_402_300_799L)),
                "several hundred other claims", token(with(good, "other", numbers(500))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"forgeries", "misused", "malformed"})
    void refusesAnAttack(String name, Why why, String token) {
        assertThat(refusal(token, PEER).why()).isEqualTo(why);
        assertThat(refusal(token, PEER).why()).as("again").isEqualTo(why);
    }

    static Stream<Arguments> forgeries() throws Exception {
        Map<String, Object> good = claims(ISSUER.url());
        Map<String, Object> es256 = header("ES256", EC);
        String payload = base64(JSONObjectUtils.toJSONString(good));
        String signed = token(good);
        return refused(
                Why.INVALID,
                "no signature, alg none",
                base64("{\"alg\":\"none\",\"typ\":\"at+jwt\"}") + "." + payload + ".",
                "alg None with a signature",
                token(with(es256, "alg", "None"), good, EC),
                "alg in capitals",
                token(with(es256, "alg", "NONE"), good, EC),
                "alg in small letters",
                token(with(es256, "alg", "es256"), good, EC),
                "alg missing",
                token(without(es256, "alg"), good, EC),
                "alg a list",
                token(with(es256, "alg", List.of("ES256")), good, EC),
                "HS256 with the RSA key as DER",
                hmac(RSA, RSA.toRSAKey().toPublicKey().getEncoded(), good),
                "HS256 with the RSA key as PEM",
                hmac(RSA, pem(RSA.toRSAKey().toPublicKey().getEncoded()), good),
                "HS256 with the JWK as text",
                hmac(EC, EC.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8), good),
                "HS256 with the modulus",
                hmac(RSA, RSA.toRSAKey().getModulus().decode(), good),
                "RS256 named, signed by EC",
                token(header("RS256", EC), good, EC),
                "ES256 named, signed by RSA",
                token(header("ES256", RSA), good, RSA),
                "ES256 named with a key of P-384",
                token(header("ES256", P384), good, P384),
                "an algorithm that is not listed",
                token(with(es256, "alg", "ES256K"), good, EC),
                "another key with a known id",
                token(es256, good, STRANGER),
                "the key of the other issuer",
                token(header("ES256", SECOND), good, SECOND),
                "the issuer of another key",
                token(es256, claims(OTHER_ISSUER.url()), EC),
                "an unknown key id",
                token(with(es256, "kid", "../../../../dev/null"), good, EC),
                "a key id that is a number",
                token(with(es256, "kid", 1), good, EC),
                "a key id that asks a database",
                token(with(es256, "kid", "x' UNION SELECT 'y"), good, EC),
                "jku",
                token(with(es256, "jku", "https://evil.example/jwks"), good, STRANGER),
                "jku of the issuer",
                token(with(es256, "jku", ISSUER.origin() + "/jwks"), good, EC),
                "x5u",
                token(with(es256, "x5u", "https://evil.example/x.pem"), good, STRANGER),
                "jwk",
                token(with(es256, "jwk", STRANGER.toPublicJWK().toJSONObject()), good, STRANGER),
                "x5c",
                token(with(es256, "x5c", List.of("MIIB")), good, STRANGER),
                "a packed payload",
                token(with(es256, "zip", "DEF"), good, EC),
                "crit",
                token(with(with(es256, "crit", List.of("exp")), "exp", 0), good, EC),
                "b64",
                token(with(with(es256, "crit", List.of("b64")), "b64", false), good, EC),
                "a payload changed after signing",
                signed.replace(payload, base64(JSONObjectUtils.toJSONString(with(good, "sub", "root")))),
                "a signature of nothing",
                signed.substring(0, signed.lastIndexOf('.') + 1),
                "a signature of zeros",
                signed.substring(0, signed.lastIndexOf('.') + 1) + base64(new byte[64]),
                "a signature cut short",
                signed.substring(0, signed.length() - 4),
                "a signature in DER",
                derSigned(signed));
    }

    static Stream<Arguments> misused() {
        Map<String, Object> good = claims(ISSUER.url());
        Map<String, Object> bound = Map.of("x5t#S256", thumbprint(PEER));
        String hex = PEER.chain().leafSha256();
        return Stream.of(
                        refused(
                                Why.WRONG_ISSUER,
                                "an issuer that is not trusted",
                                token(claims("https://evil.example")),
                                "an issuer with a slash more",
                                token(claims(ISSUER.url() + "/")),
                                "an issuer in capitals",
                                token(claims(ISSUER.url().replace("http", "HTTP"))),
                                "an issuer below a trusted one",
                                token(claims(ISSUER.url() + "/../agents")),
                                "an issuer that only begins alike",
                                token(claims(OTHER_ISSUER.url() + "@evil.example"))),
                        refused(
                                Why.WRONG_AUDIENCE,
                                "another resource",
                                token(with(good, "aud", "https://mcp.example/hr")),
                                "no audience",
                                token(without(good, "aud")),
                                "an empty list",
                                token(with(good, "aud", List.of())),
                                "the server alone",
                                token(with(good, "aud", "https://mcp.example")),
                                "a path below",
                                token(with(good, "aud", RESOURCE + "/x")),
                                "a slash more",
                                token(with(good, "aud", RESOURCE + "/")),
                                "a path in capitals",
                                token(with(good, "aud", "https://mcp.example/CRM")),
                                "a path that leads back",
                                token(with(good, "aud", "https://mcp.example/x/../crm")),
                                "a percent-encoded path",
                                token(with(good, "aud", "https://mcp.example/%63rm")),
                                "plain http",
                                token(with(good, "aud", "http://mcp.example/crm")),
                                "another port",
                                token(with(good, "aud", "https://mcp.example:8443/crm")),
                                "a user",
                                token(with(good, "aud", "https://x@mcp.example/crm")),
                                "a fragment",
                                token(with(good, "aud", RESOURCE + "#x")),
                                "a host with a look-alike letter",
                                token(with(good, "aud", "https://m\u0441p.example/crm")),
                                "no URL",
                                token(with(good, "aud", "::not a url::"))),
                        refused(
                                Why.EXPIRED,
                                "expired",
                                token(with(good, "exp", NOW.getEpochSecond() - 31)),
                                "expired long ago",
                                token(with(good, "exp", 0)),
                                "not yet valid",
                                token(with(good, "nbf", NOW.getEpochSecond() + 31)),
                                "issued in the future",
                                token(with(good, "iat", NOW.getEpochSecond() + 31))),
                        refused(
                                Why.WRONG_BINDING,
                                "bound to another certificate",
                                token(with(good, "cnf", Map.of("x5t#S256", thumbprint(OTHER_PEER)))),
                                "bound to none",
                                token(without(good, "cnf")),
                                "an empty confirmation",
                                token(with(good, "cnf", Map.of())),
                                "bound to a DPoP key",
                                token(with(good, "cnf", Map.of("jkt", thumbprint(PEER)))),
                                "bound to both",
                                token(with(good, "cnf", with(bound, "jkt", "x"))),
                                "a SHA-1 thumbprint",
                                token(with(good, "cnf", Map.of("x5t", thumbprint(PEER)))),
                                "a thumbprint in hexadecimal",
                                token(with(good, "cnf", Map.of("x5t#S256", hex))),
                                "a padded thumbprint",
                                token(with(good, "cnf", Map.of("x5t#S256", thumbprint(PEER) + "="))),
                                "an empty thumbprint",
                                token(with(good, "cnf", Map.of("x5t#S256", ""))),
                                "half a thumbprint",
                                token(with(
                                        good,
                                        "cnf",
                                        Map.of("x5t#S256", thumbprint(PEER).substring(21)))),
                                "a list of thumbprints",
                                token(with(good, "cnf", Map.of("x5t#S256", List.of(thumbprint(PEER)))))))
                .flatMap(rows -> rows);
    }

    static Stream<Arguments> malformed() {
        Map<String, Object> good = claims(ISSUER.url());
        Map<String, Object> es256 = header("ES256", EC);
        String header = JSONObjectUtils.toJSONString(es256);
        String payload = JSONObjectUtils.toJSONString(good);
        String signed = token(good);
        String[] parts = signed.split("\\.");
        byte[] notUtf8 = {'{', '"', (byte) 0xc3, '"', ':', '1', '}'};
        return refused(
                Why.INVALID,
                "nothing",
                "",
                "a word",
                "token",
                "a dot",
                ".",
                "the first two letters",
                "ey",
                "two parts",
                parts[0] + "." + parts[1],
                "four parts",
                signed + ".x",
                "an encrypted token",
                parts[0] + ".a.b.c.d",
                "a nested token",
                token(with(es256, "cty", "JWT"), good, EC),
                "a token in JSON",
                "{\"payload\":\"" + parts[1] + "\",\"signatures\":[]}",
                "too long",
                token(with(good, "x", "a".repeat(13_000))),
                "megabytes",
                "ey".repeat(2_000_000) + ".e.s",
                "a hundred thousand dots",
                "ey" + ".".repeat(16_000),
                "thousands of claims",
                token(with(good, "other", numbers(5_000))),
                "deep JSON",
                token(header, payload.replace("\"alice\"", "[".repeat(900) + "]".repeat(900)), EC),
                "a header twice",
                token("{\"alg\":\"none\"," + header.substring(1), payload, EC),
                "an audience twice",
                token(header, "{\"aud\":\"" + RESOURCE + "\"," + payload.substring(1), EC),
                "an audience twice, once in escapes",
                token(header, "{\"\\u0061ud\":\"" + RESOURCE + "\"," + payload.substring(1), EC),
                "a token for encryption",
                base64("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"typ\":\"at+jwt\"}") + ".a.b.c.d",
                "a binding twice",
                token(header, "{\"cnf\":{}," + payload.substring(1), EC),
                "the thumbprint twice",
                token(header, payload.replace("{\"x5t#S256\"", "{\"x5t#S256\":\"x\",\"x5t#S256\""), EC),
                "padding",
                parts[0] + "=." + parts[1] + "." + parts[2],
                "padding of the signature",
                signed + "==",
                "a line end",
                parts[0] + "." + parts[1] + ".\n" + parts[2],
                "a line end at the end",
                signed + "\n",
                "a blank",
                parts[0] + " ." + parts[1] + "." + parts[2],
                "a last letter with bits to spare",
                withSpareBits(signed),
                "letters of the other alphabet",
                parts[0] + "." + parts[1] + "." + "+/" + parts[2].substring(2),
                "letters of no alphabet",
                parts[0] + "." + parts[1] + "\u0130." + parts[2],
                "no UTF-8",
                parts[0] + "." + base64(notUtf8) + "." + parts[2],
                "a byte order mark",
                token("\ufeff" + header, payload, EC),
                "a payload that is a list",
                token(header, "[" + payload + "]", EC),
                "a payload that is a word",
                token(header, "\"x\"", EC),
                "a payload with more after it",
                token(header, payload + payload, EC),
                "comments",
                token(header, payload.substring(0, payload.length() - 1) + "/**/}", EC),
                "no issuer",
                token(without(good, "iss")),
                "a list of issuers",
                token(with(good, "iss", List.of(ISSUER.url()))),
                "no subject",
                token(without(good, "sub")),
                "a subject that is a number",
                token(with(good, "sub", 7)),
                "a subject of blanks",
                token(with(good, "sub", "  ")),
                "a subject with a line end",
                token(with(good, "sub", "alice\nadmin")),
                "a subject that is turned around",
                token(with(good, "sub", "alice\u202enimda")),
                "a client with an escape",
                token(with(good, "client_id", "\u001b[2J")),
                "no end",
                token(without(good, "exp")),
                "an end as text",
                token(with(good, "exp", "1900000000")),
                "an end in the year ten thousand",
                token(with(good, "exp", 253_402_300_800L)),
                "an end beyond 64 bits",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":18446744073709551617"), EC),
                "an end of 1e300",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":1e300"), EC),
                "an end without end",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":1e99999"), EC),
                "an end as Infinity",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":Infinity"), EC),
                "a beginning as text",
                token(with(good, "nbf", "now")),
                "an issue of 1e300",
                token(header, payload.replaceAll("\"iat\":\\d+", "\"iat\":1e300"), EC),
                "an end below zero",
                token(with(good, "exp", -1)),
                "a number of a thousand digits",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":" + "9".repeat(1000)), EC),
                "a number that is none",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":NaN"), EC),
                "no end but null",
                token(header, payload.replaceAll("\"exp\":\\d+", "\"exp\":null"), EC),
                "audiences that are numbers",
                token(with(good, "aud", List.of(RESOURCE, 1))),
                "an audience that is an object",
                token(with(good, "aud", Map.of("x", RESOURCE))),
                "three hundred audiences",
                token(with(good, "aud", numbers(300).stream().map(n -> "a" + n).toList())),
                "a scope that would end a header",
                token(with(good, "scope", "a\r\nSet-Cookie: x")),
                "a scope with a quote",
                token(with(good, "scope", "a\"b")),
                "scopes that are objects",
                token(with(good, "scope", List.of(Map.of()))),
                "a confirmation that is text",
                token(with(good, "cnf", thumbprint(PEER))),
                "a confirmation that is null",
                token(header, payload.replaceAll("\"cnf\":\\{[^}]*}", "\"cnf\":null"), EC),
                "an ID token's type",
                token(with(es256, "typ", "JWT"), good, EC),
                "no type",
                token(without(es256, "typ"), good, EC),
                "another type",
                token(with(es256, "typ", "logout+jwt"), good, EC),
                "a type that is a list",
                token(with(es256, "typ", List.of("at+jwt")), good, EC));
    }

    private static AccessToken verify(String token, Peer peer) throws Exception {
        return verification.verify(token, peer).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** The refusal itself, not a wrapper; and it says nothing of the token. */
    private static TokenRefusedException refusal(String token, Peer peer) {
        try {
            throw new AssertionError("accepted: " + verify(token, peer));
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(TokenRefusedException.class);
            assertThat(e.getCause().getMessage())
                    .doesNotContain("alice", "evil")
                    .isNotBlank();
            return (TokenRefusedException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<Arguments> table(String... namesAndTokens) {
        return IntStream.range(0, namesAndTokens.length / 2)
                .mapToObj(row -> Arguments.of(namesAndTokens[2 * row], namesAndTokens[2 * row + 1]));
    }

    private static Stream<Arguments> refused(Why why, String... namesAndTokens) {
        return table(namesAndTokens).map(row -> Arguments.of(row.get()[0], why, row.get()[1]));
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static String hmac(JWK key, byte[] secret, Map<String, Object> claims) throws JOSEException {
        Map<String, Object> header = new LinkedHashMap<>(header("HS256", key));
        String input =
                base64(JSONObjectUtils.toJSONString(header)) + "." + base64(JSONObjectUtils.toJSONString(claims));
        byte[] padded = secret.length < 32 ? Arrays.copyOf(secret, 32) : secret;
        byte[] signature = new MACSigner(padded)
                .sign(new JWSHeader(JWSAlgorithm.HS256), input.getBytes(StandardCharsets.US_ASCII))
                .decode();
        return input + "." + base64(signature);
    }

    private static byte[] pem(byte[] der) {
        return ("-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String derSigned(String token) throws JOSEException {
        int dot = token.lastIndexOf('.');
        byte[] der = ECDSA.transcodeSignatureToDER(Base64.getUrlDecoder().decode(token.substring(dot + 1)));
        return token.substring(0, dot + 1) + base64(der);
    }

    /** The same octets in other letters: the last of 86 letters has four bits that decoders leave unread. */
    private static String withSpareBits(String token) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(token.charAt(token.length() - 1));
        return token.substring(0, token.length() - 1) + alphabet.charAt(last + 1);
    }
}
