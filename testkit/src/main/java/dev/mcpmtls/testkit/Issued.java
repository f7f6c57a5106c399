// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key and its chain, ready to be presented.
 *
 * @param chain leaf first, without the trust anchor
 * @param privateKey the leaf's
 */
public record Issued(List<X509Certificate> chain, PrivateKey privateKey) {

    /** Copies the list. */
    public Issued {
        chain = List.copyOf(chain);
    }

    /** The first certificate of the chain. */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    /** The same key with another chain. */
    public Issued withChain(X509Certificate... replacement) {
        return new Issued(List.of(replacement), privateKey);
    }

    /** The same key with certificates added to the end of the chain. */
    public Issued withMore(X509Certificate... more) {
        List<X509Certificate> longer = new ArrayList<>(chain);
        longer.addAll(List.of(more));
        return new Issued(longer, privateKey);
    }

    /** The same with the last bit of the leaf's signature flipped. */
    public Issued corrupted() {
        return withFlippedBit(encoded(leaf()).length * 8 - 1);
    }

    /**
     * The same with one bit of the leaf's encoding flipped.
     *
     * @throws IllegalArgumentException when the result no longer parses
     */
    public Issued withFlippedBit(int bit) {
        byte[] encoding = encoded(leaf());
        encoding[bit / 8] ^= (byte) (0x80 >>> (bit % 8));
        try {
            List<X509Certificate> spoilt = new ArrayList<>(chain);
            spoilt.set(0, (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoding)));
            return new Issued(spoilt, privateKey);
        } catch (CertificateException e) {
            throw new IllegalArgumentException("no longer parses", e);
        }
    }

    /** Writes {@code tls.crt}, {@code tls.key} (PKCS#8, owner-only) and, given an anchor, {@code ca.crt}. */
    public Path writeTo(Path directory, @Nullable X509Certificate anchor) {
        try {
            Files.createDirectories(directory);
            StringBuilder certificates = new StringBuilder();
            chain.forEach(certificate -> certificates.append(pem("CERTIFICATE", encoded(certificate))));
            Files.writeString(directory.resolve("tls.crt"), certificates);
            Files.writeString(directory.resolve("tls.key"), pem("PRIVATE KEY", privateKey.getEncoded()));
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(
                        directory.resolve("tls.key"), PosixFilePermissions.fromString("rw-------"));
            }
            if (anchor != null) {
                Files.writeString(directory.resolve("ca.crt"), pem("CERTIFICATE", encoded(anchor)));
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a PKCS#12 file. */
    public Path writePkcs12(Path file, String password) {
        try (OutputStream out = Files.newOutputStream(file)) {
            keyStore(password).store(out, password.toCharArray());
            return file;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot write " + file, e);
        }
    }

    /** A key store with this as its only entry, for a JDK TLS peer. */
    public KeyStore keyStore(String password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("peer", privateKey, password.toCharArray(), chain.toArray(new X509Certificate[0]));
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a key store", e);
        }
    }

    /** The textual encoding of RFC 7468. */
    public static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    KeyPair keys() {
        return new KeyPair(leaf().getPublicKey(), privateKey);
    }

    boolean isSelfSigned() {
        return leaf().getSubjectX500Principal().equals(leaf().getIssuerX500Principal());
    }

    @Override
    public String toString() {
        return "Issued[" + leaf().getSubjectX500Principal() + ", key redacted]";
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
