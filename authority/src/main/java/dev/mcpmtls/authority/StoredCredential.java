// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.PrivateKeys;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.trust.Purpose;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A credential of the store, as it is before it is renewed. Its key is copied as bytes, encrypted or not. */
final class StoredCredential {

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

    private final List<X509Certificate> chain;
    private final List<X509Certificate> anchors;
    private final byte @Nullable [] key;
    private final String name;
    private final Path file;

    private StoredCredential(
            List<X509Certificate> chain, List<X509Certificate> anchors, byte @Nullable [] key, String name, Path file) {
        this.chain = chain;
        this.anchors = anchors;
        this.key = key;
        this.name = name;
        this.file = file;
    }

    static StoredCredential read(SwappedDirectory directory, String name) {
        if (!Files.isDirectory(directory.path())) {
            throw new AuthorityException.StoreFailed(
                    directory.path(), "is a broken link: its files are gone", rekey(name));
        }
        Map<String, byte[]> files = directory.read(List.of(Store.CERTIFICATE, Store.KEY, Store.ANCHORS));
        Path file = directory.path().resolve(Store.CERTIFICATE);
        try {
            List<X509Certificate> chain = Pem.parseCertificates(required(files, Store.CERTIFICATE, directory, name));
            List<X509Certificate> anchors = Pem.parseCertificates(required(files, Store.ANCHORS, directory, name));
            return new StoredCredential(chain, anchors, files.get(Store.KEY), name, file);
        } catch (CertificateException e) {
            throw notRenewable(file, name, e);
        }
    }

    BigInteger serialNumber() {
        return chain.get(0).getSerialNumber();
    }

    PublicKey publicKey() {
        return chain.get(0).getPublicKey();
    }

    Chain chain() {
        return new Chain(chain);
    }

    List<X509Certificate> anchors() {
        return anchors;
    }

    /**
     * PEM; the caller wipes it.
     *
     * @throws AuthorityException.Refused when it is lost
     */
    byte[] key() {
        if (key == null) {
            throw new AuthorityException.Refused(keyFile() + " is missing", rekey(name));
        }
        return key;
    }

    /**
     * Checks that there is a key for the certificate; an encrypted key is not checked.
     *
     * @throws AuthorityException.Refused when it is lost, damaged or another certificate's
     */
    void requireKey() {
        byte[] pem = key();
        if (PrivateKeys.isEncrypted(pem)) {
            return;
        }
        try {
            Credential.of(name, PrivateKeys.parse(keyFile(), pem, new char[0]), chain());
        } catch (UnusableCredentialException e) {
            String why = String.valueOf(e.getMessage());
            boolean namesAnAct =
                    e.remedy().stream().anyMatch(remedy -> !remedy.acts().isEmpty());
            throw new AuthorityException.Refused(namesAnAct ? why : why + ":" + rekey(name), e);
        }
    }

    private static String rekey(String name) {
        return " " + Remedy.of("restore it, or ").then(Act.on(Act.Verb.REKEY, name));
    }

    private Path keyFile() {
        return file.resolveSibling(Store.KEY);
    }

    /** The contents of the certificate, for its successor. */
    Grant grant() {
        X509Certificate leaf = chain.get(0);
        try {
            Duration lifetime = Issuer.lifetime(
                    leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
            return new Grant(name, GrantedNames.of(leaf), purposes(leaf), lifetime);
        } catch (CertificateException | IllegalArgumentException e) {
            throw notRenewable(file, name, e);
        }
    }

    private static AuthorityException notRenewable(Path file, String name, Exception cause) {
        return new AuthorityException.StoreFailed(file, "is not a certificate that can be renewed", rekey(name), cause);
    }

    private static byte[] required(Map<String, byte[]> files, String file, SwappedDirectory directory, String name) {
        byte[] content = files.get(file);
        if (content == null) {
            throw new AuthorityException.StoreFailed(directory.path().resolve(file), "is missing", rekey(name));
        }
        return content;
    }

    private static Set<Purpose> purposes(X509Certificate leaf) throws CertificateException {
        List<String> usages = leaf.getExtendedKeyUsage();
        Set<Purpose> purposes = EnumSet.noneOf(Purpose.class);
        if (usages != null && usages.contains(CLIENT_AUTH)) {
            purposes.add(Purpose.CLIENT);
        }
        if (usages != null && usages.contains(SERVER_AUTH)) {
            purposes.add(Purpose.SERVER);
        }
        return purposes;
    }
}
