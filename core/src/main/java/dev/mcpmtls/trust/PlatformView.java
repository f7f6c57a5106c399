// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Principal;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A certificate without its name constraints, for the platform's validator. That validator reads a common name as a host name
 * or an address when the alternative names hold none. It also takes one name in two kinds of strings for two. RFC 5280 says neither. Only
 * {@link NameConstraints} checks names against constraints. The signature is still the genuine certificate's.
 */
final class PlatformView extends X509Certificate {

    private static final long serialVersionUID = 1L;
    private static final int EXTENSIONS = 0xa3;
    private static final byte[] NAME_CONSTRAINTS = {0x55, 0x1d, 0x1e};

    private final transient X509Certificate genuine;
    private final transient X509Certificate shown;

    private PlatformView(X509Certificate genuine, X509Certificate shown) {
        this.genuine = genuine;
        this.shown = shown;
    }

    /** The platform's view of a certificate: itself, unless it has name constraints. */
    static X509Certificate of(ParsedCertificate certificate) throws GeneralSecurityException {
        X509Certificate genuine = certificate.x509();
        if (certificate.nameConstraints().isEmpty()) {
            return genuine;
        }
        try {
            ByteArrayInputStream shown = new ByteArrayInputStream(withoutNameConstraints(genuine.getEncoded()));
            return new PlatformView(genuine, (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(shown));
        } catch (MalformedDerException e) {
            throw new CertificateException(e);
        }
    }

    private static byte[] withoutNameConstraints(byte[] encoding) throws MalformedDerException {
        List<Der> parts = Der.parse(encoding).children(Der.SEQUENCE);
        byte[][] fields = encodings(parts.get(0).children(Der.SEQUENCE));
        Der extensions = Der.parse(
                Der.parse(fields[fields.length - 1]).expect(EXTENSIONS).content());
        List<Der> kept = new ArrayList<>();
        for (Der extension : extensions.children(Der.SEQUENCE)) {
            if (!Arrays.equals(extension.children().get(0).content(), NAME_CONSTRAINTS)) {
                kept.add(extension);
            }
        }
        fields[fields.length - 1] = Der.encode(EXTENSIONS, Der.encode(Der.SEQUENCE, encodings(kept)));
        return Der.encode(
                Der.SEQUENCE,
                Der.encode(Der.SEQUENCE, fields),
                parts.get(1).encoding(),
                parts.get(2).encoding());
    }

    private static byte[][] encodings(List<Der> elements) {
        return elements.stream().map(Der::encoding).toArray(byte[][]::new);
    }

    @Override
    public void verify(PublicKey key)
            throws CertificateException, NoSuchAlgorithmException, InvalidKeyException, NoSuchProviderException,
                    SignatureException {
        genuine.verify(key);
    }

    @Override
    public void verify(PublicKey key, @Nullable String provider)
            throws CertificateException, NoSuchAlgorithmException, InvalidKeyException, NoSuchProviderException,
                    SignatureException {
        genuine.verify(key, provider);
    }

    @Override
    public byte[] getEncoded() throws CertificateEncodingException {
        return shown.getEncoded();
    }

    @Override
    public void checkValidity() throws CertificateExpiredException, CertificateNotYetValidException {
        shown.checkValidity();
    }

    @Override
    public void checkValidity(Date date) throws CertificateExpiredException, CertificateNotYetValidException {
        shown.checkValidity(date);
    }

    @Override
    public byte[] getTBSCertificate() throws CertificateEncodingException {
        return shown.getTBSCertificate();
    }

    @Override
    public int getVersion() {
        return shown.getVersion();
    }

    @Override
    public BigInteger getSerialNumber() {
        return shown.getSerialNumber();
    }

    @Override
    @Deprecated
    public Principal getIssuerDN() {
        return shown.getIssuerDN();
    }

    @Override
    @Deprecated
    public Principal getSubjectDN() {
        return shown.getSubjectDN();
    }

    @Override
    public Date getNotBefore() {
        return shown.getNotBefore();
    }

    @Override
    public Date getNotAfter() {
        return shown.getNotAfter();
    }

    @Override
    public byte[] getSignature() {
        return shown.getSignature();
    }

    @Override
    public String getSigAlgName() {
        return shown.getSigAlgName();
    }

    @Override
    public String getSigAlgOID() {
        return shown.getSigAlgOID();
    }

    @Override
    public byte @Nullable [] getSigAlgParams() {
        return shown.getSigAlgParams();
    }

    @Override
    public boolean @Nullable [] getIssuerUniqueID() {
        return shown.getIssuerUniqueID();
    }

    @Override
    public boolean @Nullable [] getSubjectUniqueID() {
        return shown.getSubjectUniqueID();
    }

    @Override
    public boolean @Nullable [] getKeyUsage() {
        return shown.getKeyUsage();
    }

    @Override
    public int getBasicConstraints() {
        return shown.getBasicConstraints();
    }

    @Override
    public PublicKey getPublicKey() {
        return shown.getPublicKey();
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
        return shown.hasUnsupportedCriticalExtension();
    }

    @Override
    public @Nullable Set<String> getCriticalExtensionOIDs() {
        return shown.getCriticalExtensionOIDs();
    }

    @Override
    public @Nullable Set<String> getNonCriticalExtensionOIDs() {
        return shown.getNonCriticalExtensionOIDs();
    }

    @Override
    public String toString() {
        return shown.toString();
    }

    @Override
    public byte @Nullable [] getExtensionValue(String oid) {
        return shown.getExtensionValue(oid);
    }
}
