// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Crafted;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrengthTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "SHA256withRSAandMGF1", "SHA512withRSAandMGF1"
            })
    void acceptsRsaWithSha2(String algorithm) {
        ThrowawayCa ca = root(Keys.rsa(2048), algorithm);
        acceptedBy(strict(ca), ca.client("a", spec -> spec.signedWith(algorithm)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MD5withRSA", "SHA1withRSA", "SHA224withRSA", "SHA1withRSAandMGF1"})
    void refusesRsaWithLess(String algorithm) {
        ThrowawayCa ca = root(Keys.rsa(2048), "SHA256withRSA");
        assertThat(refusedBy(strict(ca), ca.client("a", spec -> spec.signedWith(algorithm)))
                        .rejection()
                        .reason())
                .isEqualTo(Reason.WEAK_SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void acceptsTheNistCurves(String curve) {
        ThrowawayCa ca = root(Keys.ec(curve), "SHA384withECDSA");
        acceptedBy(strict(ca), ca.client("a", spec -> spec.keys(Keys.ec(curve)).signedWith("SHA512withECDSA")));
    }

    @ParameterizedTest
    @CsvSource({
        "2.16.840.1.101.3.4.2.1, 2.16.840.1.101.3.4.2.1, 20, false",
        "2.16.840.1.101.3.4.2.1, 2.16.840.1.101.3.4.2.1, 19, true",
        "2.16.840.1.101.3.4.2.3, 2.16.840.1.101.3.4.2.3, 64, false",
        "2.16.840.1.101.3.4.2.1, 1.3.14.3.2.26, 32, true",
        "1.3.14.3.2.26, 1.3.14.3.2.26, 20, true"
    })
    void pssTakesSha2InBothPlacesAndASalt(String digest, String mask, int salt, boolean weak) throws Exception {
        RSASSAPSSparams parameters = new RSASSAPSSparams(
                new AlgorithmIdentifier(new ASN1ObjectIdentifier(digest), DERNull.INSTANCE),
                new AlgorithmIdentifier(
                        PKCSObjectIdentifiers.id_mgf1,
                        new AlgorithmIdentifier(new ASN1ObjectIdentifier(mask), DERNull.INSTANCE)),
                new ASN1Integer(salt),
                RSASSAPSSparams.DEFAULT_TRAILER_FIELD);
        assertThat(hasWeakSignature(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, parameters)))
                .isEqualTo(weak);
    }

    @Test
    void refusesPssWithoutParametersAndOtherAlgorithms() throws Exception {
        assertThat(hasWeakSignature(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS)))
                .isTrue();
        assertThat(hasWeakSignature(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.3.4"))))
                .isTrue();
    }

    /** Whether strict validation objects to the algorithm of a certificate that claims to be signed with it. */
    private static boolean hasWeakSignature(AlgorithmIdentifier algorithm) throws Exception {
        ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
        byte[] encoding = algorithm.getEncoded("DER");
        List<byte[]> parts = Crafted.parts(
                Crafted.like(ca.client("a").leaf(), ca, fields -> fields.set(Crafted.ALGORITHM, encoding)));
        Chain chain = Chain.parse(List.of(Crafted.tlv(0x30, parts.get(0), encoding, parts.get(2))));
        return refused(strict(ca).verifyClient(chain)).findings().stream()
                .anyMatch(KeyRejection.WeakSignature.class::isInstance);
    }

    @Test
    void boundsRsaFromBothSides() {
        assertThat(Strength.weakness(rsa(2047, 65537))).contains("RSA 2047");
        assertThat(Strength.weakness(rsa(2048, 65537))).isEmpty();
        assertThat(Strength.weakness(rsa(8192, 3))).isEmpty();
        assertThat(Strength.weakness(rsa(8193, 65537))).contains("RSA 8193");
        assertThat(Strength.isAffordable(rsa(8192, 65537))).isTrue();
        assertThat(Strength.isAffordable(rsa(8193, 65537))).isFalse();
    }

    @Test
    void refusesUnsoundRsaExponents() {
        for (long exponent : new long[] {0, 1, 2, 65536, (1L << 33) + 1}) {
            assertThat(Strength.weakness(rsa(2048, exponent))).contains("RSA with an unsound modulus or exponent");
        }
        assertThat(Strength.weakness(rsa(65537, BigInteger.ONE.shiftLeft(2047))))
                .contains("RSA with an unsound modulus or exponent");
        assertThat(Strength.weakness(rsa(2048, (1L << 33) - 1))).isEmpty();
        assertThat(Strength.isAffordable(rsa(2048, (1L << 33) - 1))).isTrue();
        assertThat(Strength.isAffordable(rsa(2048, (1L << 33) + 1))).isFalse();
    }

    @Test
    void refusesPointsOffTheCurve() {
        ECPublicKey good = (ECPublicKey) Keys.ec().getPublic();
        BigInteger p =
                ((java.security.spec.ECFieldFp) good.getParams().getCurve().getField()).getP();
        ECPoint w = good.getW();
        assertThat(Strength.weakness(ec(good, w))).isEmpty();
        assertThat(Strength.weakness(
                        ec(good, new ECPoint(w.getAffineX(), w.getAffineY().add(BigInteger.ONE)))))
                .contains("EC with a point off its curve");
        assertThat(Strength.weakness(ec(good, new ECPoint(w.getAffineX().add(p), w.getAffineY()))))
                .contains("EC with a point off its curve");
        assertThat(Strength.weakness(ec(good, ECPoint.POINT_INFINITY))).contains("EC with a point off its curve");
    }

    @Test
    void refusesParametersThatDifferFromANamedCurveInAnything() {
        ECPublicKey good = (ECPublicKey) Keys.ec().getPublic();
        ECParameterSpec p256 = good.getParams();
        ECParameterSpec p384 = ((ECPublicKey) Keys.ec("secp384r1").getPublic()).getParams();
        for (ECParameterSpec other : List.of(
                new ECParameterSpec(p384.getCurve(), p256.getGenerator(), p256.getOrder(), p256.getCofactor()),
                new ECParameterSpec(p256.getCurve(), good.getW(), p256.getOrder(), p256.getCofactor()),
                new ECParameterSpec(p256.getCurve(), p256.getGenerator(), p384.getOrder(), p256.getCofactor()),
                new ECParameterSpec(p256.getCurve(), p256.getGenerator(), p256.getOrder(), 2))) {
            assertThat(Strength.weakness(ec(other, good.getW()))).contains("EC on a curve that is not accepted");
        }
    }

    @Test
    void takesPointsWithAnyCoordinateInTheField() {
        ECPublicKey good = (ECPublicKey) Keys.ec().getPublic();
        java.security.spec.EllipticCurve curve = good.getParams().getCurve();
        BigInteger p = ((java.security.spec.ECFieldFp) curve.getField()).getP();
        // p = 3 (mod 4), and b is a square: there is a point above zero.
        BigInteger y = curve.getB().modPow(p.add(BigInteger.ONE).shiftRight(2), p);
        assertThat(Strength.weakness(ec(good, new ECPoint(BigInteger.ZERO, y)))).isEmpty();
        assertThat(Strength.weakness(ec(good, new ECPoint(p, y)))).contains("EC with a point off its curve");
        assertThat(Strength.weakness(ec(good, new ECPoint(BigInteger.ZERO, y.add(p)))))
                .contains("EC with a point off its curve");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ed25519", "Ed448"})
    void acceptsTheEdwardsCurves(String curve) throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance(curve).generateKeyPair();
        assertThat(Strength.weakness(keys.getPublic())).isEmpty();
        assertThat(Strength.isAffordable(keys.getPublic())).isTrue();
        ThrowawayCa ca = root(keys, curve);
        acceptedBy(strict(ca), ca.client("a", spec -> spec.signedWith(curve)));
    }

    @ParameterizedTest
    @CsvSource({
        "Ed25519, 0, 0, true",
        "Ed25519, 1, 0, true",
        "Ed25519, 1, -1, true",
        "Ed25519, 1, 1, true",
        "Ed25519, 7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7, 0, true",
        "Ed25519, 7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7, -1, true",
        "Ed25519, 2, 0, false",
        "Ed25519, 2, -1, false",
        "Ed448, 0, 0, true",
        "Ed448, 1, 0, true",
        "Ed448, 1, -1, true",
        "Ed448, 2, 0, false",
        "Ed448, 7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7, 0, false"
    })
    void refusesEdwardsPointsThatAnybodyCanSignFor(String curve, String hex, int sign, boolean weak) throws Exception {
        BigInteger p = curve.equals("Ed25519")
                ? BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19))
                : BigInteger.TWO.pow(448).subtract(BigInteger.TWO.pow(224)).subtract(BigInteger.ONE);
        BigInteger y = new BigInteger(hex, 16);
        BigInteger written = sign < 0 ? p.subtract(y) : sign > 0 ? p.add(y) : y;
        PublicKey key = KeyFactory.getInstance(curve)
                .generatePublic(new EdECPublicKeySpec(new NamedParameterSpec(curve), new EdECPoint(false, written)));
        assertThat(Strength.weakness(key).isPresent()).isEqualTo(weak);
    }

    @Test
    void pssWithParametersThatAreNoneIsWeak() throws Exception {
        assertThat(hasWeakSignature(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, DERNull.INSTANCE)))
                .isTrue();
    }

    @Test
    void spendsNoTimeOnDsa() {
        PublicKey dsa = Keys.dsa().getPublic();
        assertThat(Strength.isAffordable(dsa)).isFalse();
        assertThat(Strength.weakness(dsa)).contains("DSA");
    }

    private static ThrowawayCa root(KeyPair keys, String algorithm) {
        return ThrowawayCa.root("Test CA", NOW, spec -> spec.keys(keys).signedWith(algorithm));
    }

    private static RSAPublicKey rsa(int bits, long exponent) {
        return rsa(exponent, BigInteger.ONE.shiftLeft(bits - 1).setBit(0));
    }

    private static RSAPublicKey rsa(long exponent, BigInteger modulus) {
        return new RSAPublicKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public BigInteger getPublicExponent() {
                return BigInteger.valueOf(exponent);
            }

            @Override
            public BigInteger getModulus() {
                return modulus;
            }

            @Override
            public String getAlgorithm() {
                return "RSA";
            }

            @Override
            public String getFormat() {
                return "X.509";
            }

            @Override
            public byte[] getEncoded() {
                return new byte[0];
            }
        };
    }

    private static ECPublicKey ec(ECPublicKey like, ECPoint point) {
        return ec(like.getParams(), point);
    }

    private static ECPublicKey ec(ECParameterSpec parameters, ECPoint point) {
        return new ECPublicKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public ECPoint getW() {
                return point;
            }

            @Override
            public ECParameterSpec getParams() {
                return parameters;
            }

            @Override
            public String getAlgorithm() {
                return "EC";
            }

            @Override
            public String getFormat() {
                return "X.509";
            }

            @Override
            public byte[] getEncoded() {
                return new byte[0];
            }
        };
    }
}
