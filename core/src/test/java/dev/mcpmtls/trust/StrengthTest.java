// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
            assertThat(Strength.weakness(rsa(2048, exponent))).contains("RSA with an unsound exponent");
        }
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
    void spendsNoTimeOnDsa() {
        PublicKey dsa = Keys.dsa().getPublic();
        assertThat(Strength.isAffordable(dsa)).isFalse();
        assertThat(Strength.weakness(dsa)).contains("DSA");
    }

    private static ThrowawayCa root(KeyPair keys, String algorithm) {
        return ThrowawayCa.root("Test CA", NOW, spec -> spec.keys(keys).signedWith(algorithm));
    }

    private static RSAPublicKey rsa(int bits, long exponent) {
        return new RSAPublicKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public BigInteger getPublicExponent() {
                return BigInteger.valueOf(exponent);
            }

            @Override
            public BigInteger getModulus() {
                return BigInteger.ONE.shiftLeft(bits - 1);
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
        return new ECPublicKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public ECPoint getW() {
                return point;
            }

            @Override
            public ECParameterSpec getParams() {
                return like.getParams();
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
