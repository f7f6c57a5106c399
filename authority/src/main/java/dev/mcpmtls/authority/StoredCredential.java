// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** A credential of the store, as it is before it is renewed. Its key is carried over as bytes, encrypted or not. */
final class StoredCredential {

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

    private final List<X509Certificate> chain;
    private final List<X509Certificate> anchors;
    private final byte[] key;
    private final Grant grant;

    private StoredCredential(List<X509Certificate> chain, List<X509Certificate> anchors, byte[] key, Grant grant) {
        this.chain = chain;
        this.anchors = anchors;
        this.key = key;
        this.grant = grant;
    }

    static StoredCredential read(SwappedDirectory directory, String name) {
        Map<String, byte[]> files = directory.read(List.of(Store.CERTIFICATE, Store.KEY, Store.ANCHORS));
        byte[] key = required(files, Store.KEY, directory);
        try {
            List<X509Certificate> chain = Pem.parseCertificates(required(files, Store.CERTIFICATE, directory));
            List<X509Certificate> anchors = Pem.parseCertificates(required(files, Store.ANCHORS, directory));
            return new StoredCredential(chain, anchors, key, grant(name, chain.get(0)));
        } catch (CertificateException | IOException | IllegalArgumentException e) {
            throw new AuthorityException.StoreFailed(
                    directory.path().resolve(Store.CERTIFICATE), "is not a certificate that can be renewed", e);
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

    /** PEM; the caller wipes it. */
    byte[] key() {
        return key;
    }

    /** What the certificate says, so that its successor says the same. */
    Grant grant() {
        return grant;
    }

    private static byte[] required(Map<String, byte[]> files, String file, SwappedDirectory directory) {
        byte[] content = files.get(file);
        if (content == null) {
            throw new AuthorityException.StoreFailed(
                    directory.path().resolve(file), "is missing; restore it, or remove the directory and issue anew");
        }
        return content;
    }

    private static Grant grant(String name, X509Certificate leaf) throws CertificateException, IOException {
        byte[] names = leaf.getExtensionValue(Extension.subjectAlternativeName.getId());
        if (names == null) {
            throw new CertificateException("no subject alternative names");
        }
        List<Identity> identities =
                GrantedNames.parse(GeneralNames.getInstance(JcaX509ExtensionUtils.parseExtensionValue(names)));
        return new Grant(name, identities, purposes(leaf), Issuer.lifetime(leaf));
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
