// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;

/** What a verifier is asked: this chain, in this role, under this name. Equal questions have equal answers at one time. */
final class Question {

    private final Chain presented;
    private final Purpose purpose;
    private final Optional<Identity> expected;
    private final byte[] chainSha256;

    private Question(Chain presented, Purpose purpose, Optional<Identity> expected, byte[] chainSha256) {
        this.presented = presented;
        this.purpose = purpose;
        this.expected = expected;
        this.chainSha256 = chainSha256;
    }

    static Question of(Chain presented, Purpose purpose, Optional<Identity> expected) {
        return new Question(presented, purpose, expected, sha256(presented));
    }

    /** The same question with the same encodings, held by other objects. */
    Question about(Chain parsedAnew) {
        return new Question(parsedAnew, purpose, expected, chainSha256);
    }

    Chain presented() {
        return presented;
    }

    Purpose purpose() {
        return purpose;
    }

    Optional<Identity> expected() {
        return expected;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Question that
                && purpose == that.purpose
                && expected.equals(that.expected)
                && Arrays.equals(chainSha256, that.chainSha256);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(chainSha256).getInt();
    }

    private static byte[] sha256(Chain chain) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (X509Certificate certificate : chain.certificates()) {
                byte[] encoding = certificate.getEncoded();
                digest.update(ByteBuffer.allocate(4).putInt(encoding.length).array());
                digest.update(encoding);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }
}
