// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.oauth.resource.ProtectedResource;
import dev.mcpmtls.oauth.resource.TokenVerification;
import dev.mcpmtls.oauth.resource.TrustedIssuer;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The cost of an access token: of one that is new, of one that was verified before, and of a new one in Nimbus' own processor. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TokenBenchmark {

    private static final String RESOURCE = "https://mcp.example/crm";
    private static final int TOKENS = 8_192; // twice as many as are remembered: each is new

    @Param({"ES256", "RS256"})
    public String algorithm;

    private final ThrowawayCa ca = ThrowawayCa.root("bench");
    private final ChainVerifier verifier =
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
    private final Peer peer = ((Verdict.Accepted)
                    verifier.verifyClient(new Chain(ca.client("client").chain())))
            .peer();
    private final String[] tokens = new String[TOKENS];
    private final DefaultJWTProcessor<SecurityContext> rival = new DefaultJWTProcessor<>();
    private HttpServer issuer;
    private TokenVerification ours;
    private int next;

    @Setup(Level.Trial)
    public void start() throws Exception {
        JWK key = algorithm.equals("ES256")
                ? new ECKeyGenerator(Curve.P_256).keyID("1").generate()
                : new RSAKeyGenerator(2048).keyID("1").generate();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] jwks = new JWKSet(key).toString(true).getBytes(StandardCharsets.UTF_8);
        issuer.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, jwks.length);
            exchange.getResponseBody().write(jwks);
            exchange.close();
        });
        issuer.start();
        String url = "http://127.0.0.1:" + issuer.getAddress().getPort();
        for (int i = 0; i < TOKENS; i++) {
            tokens[i] = token(key, url, i);
        }
        ours = TokenVerification.start(
                ProtectedResource.builder(RESOURCE)
                        .issuer(TrustedIssuer.builder(url)
                                .allowPlainHttpOnLoopback()
                                .jwks(URI.create(url))
                                .build())
                        .build(),
                InstantSource.system());
        again();
        rival.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
        rival.setJWSKeySelector(new JWSVerificationKeySelector<>(
                JWSAlgorithm.parse(algorithm), new ImmutableJWKSet<>(new JWKSet(key.toPublicJWK()))));
        rival.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                RESOURCE, new JWTClaimsSet.Builder().issuer(url).build(), Set.of("sub", "exp", "cnf")));
    }

    @TearDown(Level.Trial)
    public void stop() {
        ours.close();
        issuer.stop(0);
    }

    /** A token that is not remembered. */
    @Benchmark
    public AccessToken first() {
        return ours.verify(tokens[next++ % TOKENS], peer).toCompletableFuture().join();
    }

    /** A token that is remembered; its binding, time and audience are compared. */
    @Benchmark
    public AccessToken again() {
        return ours.verify(tokens[0], peer).toCompletableFuture().join();
    }

    /** A token in the processor of Nimbus, which compares no binding. */
    @Benchmark
    public JWTClaimsSet nimbus() throws Exception {
        return rival.process(tokens[next++ % TOKENS], null);
    }

    @SuppressWarnings("JavaUtilDate") // Nimbus has no other
    private String token(JWK key, String url, int number) throws Exception {
        byte[] thumbprint = Sha256.of(peer.chain().leaf().getEncoded());
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.parse(algorithm))
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID("1")
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(url)
                        .subject("alice")
                        .audience(RESOURCE)
                        .claim("client_id", "planner")
                        .claim("scope", "crm.read crm.write")
                        .jwtID(Integer.toString(number))
                        .issueTime(new Date())
                        .expirationTime(Date.from(Instant.now().plusSeconds(3600)))
                        .claim(
                                "cnf",
                                Map.of(
                                        "x5t#S256",
                                        Base64.getUrlEncoder().withoutPadding().encodeToString(thumbprint)))
                        .build());
        sign(token, key);
        return token.serialize();
    }

    private static void sign(SignedJWT token, JWK key) throws JOSEException {
        token.sign(new DefaultJWSSignerFactory()
                .createJWSSigner(key, token.getHeader().getAlgorithm()));
    }
}
