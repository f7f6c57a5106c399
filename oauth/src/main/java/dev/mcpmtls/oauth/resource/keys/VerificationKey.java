// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.keys;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A public key that may verify tokens. Immutable and thread-safe. */
public final class VerificationKey {

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final int MAX_EXPONENT_BITS = 32; // a longer one serves to make verification slow
    private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

    private final Optional<String> id;
    private final JWSVerifier verifier;
    private final Set<String> algorithms;

    private VerificationKey(JWK key, JWSVerifier verifier) {
        this.id = Optional.ofNullable(key.getKeyID());
        this.verifier = verifier;
        this.algorithms = verifier.supportedJWSAlgorithms().stream()
                .filter(algorithm ->
                        key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
                .map(JWSAlgorithm::getName)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The key of a JWK (RFC 7517); empty when it is private, symmetric, weak, damaged, or for something else than signatures. */
    static Optional<VerificationKey> of(Map<String, Object> members) {
        try {
            JWK key = JWK.parse(members);
            boolean isForSignatures = (key.getKeyUse() == null
                            || key.getKeyUse().equals(KeyUse.SIGNATURE))
                    && (key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY));
            if (key.isPrivate() || !isForSignatures) {
                return Optional.empty();
            }
            if (key instanceof RSAKey rsa && isStrong(rsa)) {
                return Optional.of(new VerificationKey(key, new RSASSAVerifier(rsa)));
            }
            if (key instanceof ECKey ec && CURVES.contains(ec.getCurve())) {
                return Optional.of(new VerificationKey(key, new ECDSAVerifier(ec)));
            }
            return Optional.empty();
        } catch (ParseException | JOSEException | RuntimeException e) {
            return Optional.empty(); // the library throws many kinds for crafted members
        }
    }

    private static boolean isStrong(RSAKey key) {
        BigInteger exponent = key.getPublicExponent().decodeToBigInteger();
        boolean isUsual = exponent.testBit(0) && exponent.bitLength() > 1 && exponent.bitLength() <= MAX_EXPONENT_BITS;
        return isUsual && key.size() >= MIN_RSA_BITS && key.size() <= MAX_RSA_BITS;
    }

    /** Whether it may verify a token of this algorithm that names this key, or none. */
    boolean fits(String algorithm, Optional<String> keyId) {
        return algorithms.contains(algorithm) && (keyId.isEmpty() || keyId.equals(id));
    }

    /**
     * Whether it made this signature.
     *
     * @param algorithm one that the caller allows; another than the key's own is false
     */
    public boolean verifies(String algorithm, byte[] signed, byte[] signature) {
        try {
            return algorithms.contains(algorithm)
                    && verifier.verify(
                            new JWSHeader(JWSAlgorithm.parse(algorithm)), signed, Base64URL.encode(signature));
        } catch (JOSEException e) {
            return false;
        }
    }
}
