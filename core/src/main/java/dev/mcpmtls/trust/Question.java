// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The input of a verification: a chain, a role and a name. Equal questions have equal answers at one time. */
final class Question {

    private final Chain presented;
    private final Purpose purpose;
    private final Optional<Identity> expected;
    private final byte[] chainSha256;
    private final int bytes;

    private Question(Chain presented, Purpose purpose, Optional<Identity> expected, byte[] chainSha256, int bytes) {
        this.presented = presented;
        this.purpose = purpose;
        this.expected = expected;
        this.chainSha256 = chainSha256;
        this.bytes = bytes;
    }

    static Question of(Chain presented, Purpose purpose, Optional<Identity> expected) {
        List<byte[]> encodings = encodings(presented);
        int bytes = encodings.stream().mapToInt(encoding -> encoding.length).sum();
        return new Question(presented, purpose, expected, sha256(encodings), bytes);
    }

    /** The same question with the same encodings, held by other objects. */
    Question about(Chain parsedAnew) {
        return new Question(parsedAnew, purpose, expected, chainSha256, bytes);
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

    /** The length of the presented encodings. */
    int bytes() {
        return bytes;
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
        return ByteBuffer.wrap(chainSha256).getInt() ^ expected.hashCode(); // one chain may stand under many names
    }

    private static List<byte[]> encodings(Chain chain) {
        List<byte[]> encodings = new ArrayList<>();
        try {
            for (X509Certificate certificate : chain.certificates()) {
                encodings.add(certificate.getEncoded());
            }
            return encodings;
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }

    private static byte[] sha256(List<byte[]> encodings) {
        MessageDigest digest = Sha256.fresh();
        for (byte[] encoding : encodings) {
            digest.update(ByteBuffer.allocate(4).putInt(encoding.length).array());
            digest.update(encoding);
        }
        return digest.digest();
    }
}
