// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.openid.connect.sdk.Nonce;
import java.net.URI;
import java.text.ParseException;
import java.util.Optional;

/** A key that tokens are bound to, and the proofs of its possession (RFC 9449): EC on P-256. Thread-safe. */
public final class ProofKey {

    private final ECKey key;
    private final DefaultDPoPProofFactory factory;

    private ProofKey(ECKey key) throws JOSEException {
        this.key = key;
        this.factory = new DefaultDPoPProofFactory(key, JWSAlgorithm.ES256);
    }

    /** A new key. */
    public static ProofKey generate() {
        try {
            return new ProofKey(new ECKeyGenerator(Curve.P_256).generate());
        } catch (JOSEException e) {
            throw new IllegalStateException("every Java platform has P-256", e);
        }
    }

    /**
     * A key from the store.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static ProofKey parse(String jwk) {
        try {
            ECKey key = ECKey.parse(jwk);
            if (!key.isPrivate()) {
                throw new IllegalArgumentException("not a private key");
            }
            return new ProofKey(key);
        } catch (ParseException | JOSEException e) {
            throw new IllegalArgumentException("not a key", e);
        }
    }

    /** The private key as a JWK, for the store alone. */
    public String stored() {
        return key.toJSONString();
    }

    /** A fresh proof for a request to a token endpoint. */
    SignedJWT proof(URI url, Optional<String> nonce) {
        try {
            return factory.createDPoPJWT(
                    "POST", bare(url), nonce.map(Nonce::new).orElse(null));
        } catch (JOSEException e) {
            throw new IllegalStateException("the key signs", e);
        }
    }

    /** A fresh proof for a request that carries a token. */
    public String proof(String method, URI url, String token, Optional<String> nonce) {
        try {
            return factory.createDPoPJWT(
                            method,
                            bare(url),
                            new DPoPAccessToken(token),
                            nonce.map(Nonce::new).orElse(null))
                    .serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("the key signs", e);
        }
    }

    /** Without query and fragment (RFC 9449 section 4.2). */
    private static URI bare(URI url) {
        return URI.create(url.toString().split("[?#]", 2)[0]);
    }

    @Override
    public String toString() {
        return "a proof key";
    }
}
