// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.security.spec.InvalidParameterSpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The minimum strength of keys and signatures. It is fixed: no policy lowers it. */
public final class Strength {

    private static final int MIN_RSA_BITS = 2048;
    /** The largest key: above this, or with long exponents, a verification costs an attacker nothing and us seconds. */
    private static final int MAX_RSA_BITS = 8192;

    private static final int MAX_RSA_EXPONENT_BITS = 33;

    private static final String RSA_PSS = "1.2.840.113549.1.1.10";
    private static final String ED25519 = "1.3.101.112";
    private static final String ED448 = "1.3.101.113";
    private static final Set<String> SIGNATURES = Set.of(
            "1.2.840.113549.1.1.11", // RSA with SHA-256
            "1.2.840.113549.1.1.12", // RSA with SHA-384
            "1.2.840.113549.1.1.13", // RSA with SHA-512
            "1.2.840.10045.4.3.2", // ECDSA with SHA-256
            "1.2.840.10045.4.3.3", // ECDSA with SHA-384
            "1.2.840.10045.4.3.4", // ECDSA with SHA-512
            ED25519,
            ED448);
    private static final Set<String> DIGESTS = Set.of("SHA-256", "SHA-384", "SHA-512");
    private static final List<ECParameterSpec> CURVES =
            List.of(curve("secp256r1"), curve("secp384r1"), curve("secp521r1"));

    private static final BigInteger P25519 = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger P448 = BigInteger.ONE
            .shiftLeft(448)
            .subtract(BigInteger.ONE.shiftLeft(224))
            .subtract(BigInteger.ONE);
    /** The y of the points of order 8 on Ed25519, up to its sign. */
    private static final BigInteger ORDER_8 =
            new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16);

    private Strength() {}

    /** The kind of a key that is too weak; empty for others. */
    public static Optional<String> weakness(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            BigInteger exponent = rsa.getPublicExponent();
            boolean sound = rsa.getModulus().testBit(0)
                    && exponent.testBit(0)
                    && exponent.bitLength() > 1
                    && exponent.bitLength() <= MAX_RSA_EXPONENT_BITS;
            if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                return Optional.of("RSA " + bits);
            }
            return sound ? Optional.empty() : Optional.of("RSA with an unsound modulus or exponent");
        }
        if (key instanceof ECPublicKey ec) {
            return CURVES.stream().noneMatch(curve -> isSame(curve, ec.getParams()))
                    ? Optional.of("EC on a curve that is not accepted")
                    : isOnCurve(ec) ? Optional.empty() : Optional.of("EC with a point off its curve");
        }
        if (key instanceof EdECPublicKey edwards) {
            return hasLowOrder(edwards)
                    ? Optional.of("EdDSA with a point for which signatures can be guessed")
                    : Optional.empty();
        }
        return Optional.of(key.getAlgorithm());
    }

    /** Whether a signature may be verified with this key without wasting time on an attacker. */
    static boolean isAffordable(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return rsa.getModulus().bitLength() <= MAX_RSA_BITS
                    && rsa.getPublicExponent().bitLength() <= MAX_RSA_EXPONENT_BITS;
        }
        return key instanceof ECPublicKey || key instanceof EdECPublicKey;
    }

    /** The certificate's signature algorithm if it is too weak; empty for others. */
    static Optional<String> weakSignature(X509Certificate certificate) {
        return isStrong(certificate.getSigAlgOID(), certificate.getSigAlgParams())
                ? Optional.empty()
                : Optional.of(certificate.getSigAlgName());
    }

    static boolean isStrongSignature(X509CRL crl) {
        return isStrong(crl.getSigAlgOID(), crl.getSigAlgParams());
    }

    /**
     * Whether the certificate carries the signature of the key. The length of EdDSA signatures is checked here: JDK 17
     * accepts one with octets appended.
     */
    static boolean isSignedBy(X509Certificate certificate, PublicKey key) {
        int length = certificate.getSignature().length;
        if ((certificate.getSigAlgOID().equals(ED25519) && length != 64)
                || (certificate.getSigAlgOID().equals(ED448) && length != 114)) {
            return false;
        }
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false; // providers also throw unchecked exceptions for crafted signatures
        }
    }

    private static boolean isStrong(String algorithmOid, byte @Nullable [] parameters) {
        return algorithmOid.equals(RSA_PSS) ? isStrongPss(parameters) : SIGNATURES.contains(algorithmOid);
    }

    private static boolean isStrongPss(byte @Nullable [] encoded) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            if (encoded == null) {
                return false; // the default is SHA-1
            }
            parameters.init(encoded);
            PSSParameterSpec spec = parameters.getParameterSpec(PSSParameterSpec.class);
            return DIGESTS.contains(spec.getDigestAlgorithm())
                    && spec.getMGFParameters() instanceof MGF1ParameterSpec mask
                    && mask.getDigestAlgorithm().equals(spec.getDigestAlgorithm())
                    && spec.getSaltLength() >= 20;
        } catch (GeneralSecurityException | java.io.IOException e) {
            return false;
        }
    }

    private static ECParameterSpec curve(String name) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(name));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (java.security.NoSuchAlgorithmException | InvalidParameterSpecException e) {
            throw new IllegalStateException("every Java platform has " + name, e);
        }
    }

    private static boolean isSame(ECParameterSpec known, ECParameterSpec other) {
        return known.getCurve().equals(other.getCurve())
                && known.getGenerator().equals(other.getGenerator())
                && known.getOrder().equals(other.getOrder())
                && known.getCofactor() == other.getCofactor();
    }

    /** The few points whose multiples are few: a signature for such a key can be guessed (RFC 8032, section 8.9). */
    private static boolean hasLowOrder(EdECPublicKey key) {
        boolean is25519 = key.getParams().getName().equals("Ed25519");
        BigInteger p = is25519 ? P25519 : P448;
        BigInteger y = key.getPoint().getY().mod(p);
        return y.signum() == 0
                || y.equals(BigInteger.ONE)
                || y.equals(p.subtract(BigInteger.ONE))
                || (is25519 && (y.equals(ORDER_8) || y.equals(p.subtract(ORDER_8))));
    }

    private static boolean isOnCurve(ECPublicKey key) {
        EllipticCurve curve = key.getParams().getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        ECPoint point = key.getW();
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
        boolean inField = Arrays.asList(x, y).stream().allMatch(c -> c.signum() >= 0 && c.compareTo(p) < 0);
        return inField && y.multiply(y).subtract(right).mod(p).signum() == 0;
    }
}
