// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Sequence;

/**
 * A signed certificate assembled octet by octet, for contents that no library would write. The octets of each field can be
 * anything, so the result need not be DER, nor parse.
 */
public final class Crafted {

    /** The fields of a version 3 TBSCertificate, in their order. */
    public static final int VERSION = 0;

    /** INTEGER. */
    public static final int SERIAL_NUMBER = 1;

    /** AlgorithmIdentifier, inside the signed part. */
    public static final int ALGORITHM = 2;

    /** Name. */
    public static final int ISSUER = 3;

    /** Validity. */
    public static final int VALIDITY = 4;

    /** Name. */
    public static final int SUBJECT = 5;

    /** SubjectPublicKeyInfo. */
    public static final int KEY = 6;

    /** The extensions with their explicit tag. */
    public static final int EXTENSIONS = 7;

    private Crafted() {}

    /**
     * A certificate like another one.
     *
     * @param issuer signs, with ECDSA over P-256
     * @param like the source of the fields
     * @param change replaces, adds or removes fields
     * @return the octets, which may be a certificate
     */
    public static byte[] like(X509Certificate like, ThrowawayCa issuer, Consumer<List<byte[]>> change) {
        try {
            List<byte[]> fields = parts(like.getTBSCertificate());
            change.accept(fields);
            byte[] signed = tlv(0x30, fields.toArray(byte[][]::new));
            byte[] algorithm = parts(like.getEncoded()).get(1);
            return tlv(
                    0x30,
                    signed,
                    algorithm,
                    tlv(0x03, new byte[1], sign(issuer.self().privateKey(), signed)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@link #like}, with one more extension, or other octets in its place. */
    public static byte[] withExtension(X509Certificate like, ThrowawayCa issuer, byte[] extension) {
        return like(like, issuer, fields -> {
            List<byte[]> extensions = parts(parts(fields.get(EXTENSIONS)).get(0));
            extensions.add(extension);
            fields.set(EXTENSIONS, tlv(0xa3, tlv(0x30, extensions.toArray(byte[][]::new))));
        });
    }

    /** The elements inside a constructed one. */
    public static List<byte[]> parts(byte[] encoding) {
        try {
            // The tag is ignored: an explicit one is read as a sequence.
            byte[] sequence = encoding.clone();
            sequence[0] = 0x30;
            List<byte[]> parts = new ArrayList<>();
            for (ASN1Encodable part : ASN1Sequence.getInstance(sequence)) {
                parts.add(part.toASN1Primitive().getEncoded("DER"));
            }
            return parts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tag, minimal length, contents. */
    public static byte[] tlv(int tag, byte[]... contents) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            body.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (body.size() >= 0x80) {
            int octets = body.size() < 0x100 ? 1 : 2;
            out.write(0x80 | octets);
            if (octets == 2) {
                out.write(body.size() >> 8);
            }
        }
        out.write(body.size());
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    private static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA", Signing.PROVIDER);
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }
}
