// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A key that stays on this machine, and requests to certify it. Its text form shows no key. */
public final class RequestedKey {

    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private RequestedKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /** A new key. */
    public static RequestedKey generate(KeyType type, SecureRandom random) {
        KeyPair pair = type.generate(random);
        return new RequestedKey(pair.getPrivate(), pair.getPublic());
    }

    /** A new key of the type of another one. */
    public static RequestedKey generateLike(PublicKey other, SecureRandom random) {
        return generate(KeyType.like(other), random);
    }

    /** An existing key. */
    public static RequestedKey of(PrivateKey privateKey, PublicKey publicKey) {
        return new RequestedKey(privateKey, publicKey);
    }

    /** The private half. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** The public half. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** PKCS#8 in PEM; the caller wipes it. */
    public byte[] pem() {
        return Pem.key(privateKey, publicKey);
    }

    /** A request to certify the key (PKCS#10, RFC 2986), in DER, that leaves the names to the authority. */
    public byte[] request(X500Principal subject) {
        return signed(new JcaPKCS10CertificationRequestBuilder(subject, publicKey));
    }

    /** As {@link #request}, with the subject and the names of a certificate, whatever kinds they are of. */
    public byte[] requestLike(X509Certificate certificate) {
        PKCS10CertificationRequestBuilder request =
                new JcaPKCS10CertificationRequestBuilder(certificate.getSubjectX500Principal(), publicKey);
        try {
            Extension names = new JcaX509CertificateHolder(certificate).getExtension(Extension.subjectAlternativeName);
            if (names != null) {
                request.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new Extensions(names));
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
        return signed(request);
    }

    private byte[] signed(PKCS10CertificationRequestBuilder request) {
        String algorithm =
                privateKey.getAlgorithm().equals("EdDSA") ? "Ed25519" : KeyType.signatureAlgorithm(privateKey);
        try {
            return request.build(new JcaContentSignerBuilder(algorithm).build(privateKey))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a request for a key of ours can be made", e);
        }
    }

    @Override
    public String toString() {
        return "RequestedKey[" + publicKey.getAlgorithm() + ", key redacted]";
    }
}
