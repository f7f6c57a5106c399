// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSSignerOption;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes peers, keys and tokens, well-formed and otherwise. */
final class Tokens {

    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    static final String RESOURCE = "https://mcp.example/crm";

    private static final Set<JWSSignerOption> WEAK_TOO = Set.of(AllowWeakRSAKey.getInstance());
    private static final ThrowawayCa CA = ThrowawayCa.root("Token test CA", NOW);
    private static final ChainVerifier VERIFIER =
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate()))), () -> NOW);

    static final Peer PEER = peer("planner");
    static final Peer OTHER_PEER = peer("other");
    static final JWK EC = ec("ec-1", Curve.P_256);
    static final JWK RSA = rsa("rsa-1", 2048);

    private Tokens() {}

    /** A peer with a certificate of its own at each call, whatever the name. */
    static Peer peer(String name) {
        Issued issued = CA.client(name);
        return ((Verdict.Accepted) VERIFIER.verifyClient(new Chain(issued.chain()))).peer();
    }

    static JWK ec(String id, Curve curve) {
        KeyPair keys = Keys.ec(curve.getStdName());
        return new ECKey.Builder(curve, (ECPublicKey) keys.getPublic())
                .privateKey(keys.getPrivate())
                .keyID(id)
                .build();
    }

    static JWK rsa(String id, int bits) {
        KeyPair keys = Keys.rsa(bits);
        return new RSAKey.Builder((RSAPublicKey) keys.getPublic())
                .privateKey(keys.getPrivate())
                .keyID(id)
                .build();
    }

    static String thumbprint(Peer peer) {
        try {
            return base64(Sha256.of(peer.chain().leaf().getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The claims of a good token for {@link #PEER}, to be changed. */
    static Map<String, Object> claims(String issuer) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("sub", "alice");
        claims.put("client_id", "planner");
        claims.put("aud", RESOURCE);
        claims.put("scope", "crm.read crm.write");
        claims.put("iat", NOW.getEpochSecond());
        claims.put("exp", NOW.plusSeconds(300).getEpochSecond());
        claims.put("cnf", Map.of("x5t#S256", thumbprint(PEER)));
        return claims;
    }

    static Map<String, Object> with(Map<String, Object> members, String name, Object value) {
        Map<String, Object> changed = new HashMap<>(members);
        changed.put(name, value);
        return changed;
    }

    static Map<String, Object> without(Map<String, Object> members, String name) {
        Map<String, Object> changed = new HashMap<>(members);
        changed.remove(name);
        return changed;
    }

    static Map<String, Object> header(String algorithm, JWK key) {
        return Map.of("alg", algorithm, "typ", "at+jwt", "kid", key.getKeyID());
    }

    /** A token of these claims, signed with ES256 and {@link #EC}. */
    static String token(Map<String, Object> claims) {
        return token(header("ES256", EC), claims, EC);
    }

    static String token(Map<String, Object> header, Map<String, Object> claims, JWK key) {
        return token(JSONObjectUtils.toJSONString(header), JSONObjectUtils.toJSONString(claims), key);
    }

    /** A token of these texts; signed with the header's algorithm where the key can, else with its first. */
    static String token(String header, String payload, JWK key) {
        String input = base64(header) + "." + base64(payload);
        return input + "." + base64(sign(header, input.getBytes(StandardCharsets.US_ASCII), key));
    }

    static byte[] sign(String header, byte[] input, JWK key) {
        try {
            JWSSigner signer = key instanceof RSAKey rsa
                    ? new RSASSASigner(rsa.toPrivateKey(), WEAK_TOO)
                    : new ECDSASigner(key.toECKey());
            JWSAlgorithm algorithm = signer.supportedJWSAlgorithms().stream()
                    .filter(one -> header.contains('"' + one.getName() + '"'))
                    .findFirst()
                    .orElseGet(() -> key instanceof RSAKey
                            ? JWSAlgorithm.RS256
                            : signer.supportedJWSAlgorithms().iterator().next());
            return signer.sign(new JWSHeader(algorithm), input).decode();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    static String base64(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}
