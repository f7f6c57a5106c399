// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * A certification authority for one test. Everything it issues is valid at first; the test chooses the faults:
 *
 * <pre>{@code
 * ThrowawayCa ca = ThrowawayCa.root("Test CA", now);
 * Issued good = ca.client("coordinator");
 * Issued expired = ca.client("coordinator", spec -> spec.valid(now.minus(ofDays(2)), now.minus(ofDays(1))));
 * Issued viaIntermediate = ca.intermediate("Team CA").server("weather");
 * }</pre>
 */
public final class ThrowawayCa {

    private final Instant now;
    private final Issued self;

    private ThrowawayCa(Instant now, Issued self) {
        this.now = now;
        this.self = self;
    }

    /** A self-signed authority, valid for ten years from now. */
    public static ThrowawayCa root(String commonName) {
        return root(commonName, Instant.now());
    }

    /** A self-signed authority, valid for ten years from the given time; its certificates are valid from then as well. */
    public static ThrowawayCa root(String commonName, Instant now) {
        return root(commonName, now, spec -> spec);
    }

    /** A self-signed authority with a change. */
    public static ThrowawayCa root(String commonName, Instant now, UnaryOperator<CertificateSpec> change) {
        CertificateSpec spec = change.apply(authoritySpec(commonName, now).selfSigned());
        X509Certificate certificate = Signing.sign(spec, spec.keys, null);
        return new ThrowawayCa(now, new Issued(List.of(certificate), spec.keys.getPrivate()));
    }

    /** An authority below this one; its certificate is in the chain of everything it issues. */
    public ThrowawayCa intermediate(String commonName) {
        return intermediate(commonName, spec -> spec);
    }

    /** An authority below this one with a change. */
    public ThrowawayCa intermediate(String commonName, UnaryOperator<CertificateSpec> change) {
        return new ThrowawayCa(now, issue(change.apply(authoritySpec(commonName, now))));
    }

    /** A certificate of this authority for the name and key of another one. */
    public X509Certificate crossSign(ThrowawayCa other) {
        return intermediate(
                        "x",
                        spec -> spec.subject(other.certificate()
                                        .getSubjectX500Principal()
                                        .getName())
                                .keys(other.self.keys()))
                .certificate();
    }

    /** A valid client credential: SPIFFE ID {@code spiffe://demo.local/agent/<name>}, extended key usage clientAuth. */
    public Issued client(String name) {
        return client(name, spec -> spec);
    }

    /** A client credential with a change. */
    public Issued client(String name, UnaryOperator<CertificateSpec> change) {
        return issue(change.apply(leafSpec(name)
                .uri("spiffe://demo.local/agent/" + name)
                .extendedKeyUsage(KeyPurposeId.id_kp_clientAuth)));
    }

    /** A valid server credential: {@code spiffe://demo.local/server/<name>}, localhost, 127.0.0.1, ::1, serverAuth. */
    public Issued server(String name) {
        return server(name, spec -> spec);
    }

    /** A server credential with a change. */
    public Issued server(String name, UnaryOperator<CertificateSpec> change) {
        return issue(change.apply(leafSpec(name)
                .uri("spiffe://demo.local/server/" + name)
                .dns("localhost")
                .ip("127.0.0.1")
                .ip("::1")
                .extendedKeyUsage(KeyPurposeId.id_kp_serverAuth)));
    }

    /** This authority's own certificate: the trust anchor, or the nearest intermediate. */
    public X509Certificate certificate() {
        return self.leaf();
    }

    /** This authority's own credential, to be presented in a leaf's place. */
    public Issued self() {
        return self;
    }

    /** A CRL signed by this authority. */
    public ThrowawayCrl crl() {
        return new ThrowawayCrl(self, now);
    }

    /** An OCSP response signed by this authority, about certificates of its own. */
    public ThrowawayOcsp ocsp(X509Certificate... about) {
        return new ThrowawayOcsp(self, now, about);
    }

    private CertificateSpec leafSpec(String name) {
        return new CertificateSpec("CN=" + name, now)
                .basicConstraints(true, new BasicConstraints(false))
                .keyUsage(KeyUsage.digitalSignature);
    }

    private static CertificateSpec authoritySpec(String commonName, Instant now) {
        return new CertificateSpec("CN=" + commonName, now)
                .valid(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(3650)))
                .ca(-1);
    }

    private Issued issue(CertificateSpec spec) {
        X509Certificate certificate =
                spec.selfSigned ? Signing.sign(spec, spec.keys, null) : Signing.sign(spec, self.keys(), certificate());
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        if (!self.isSelfSigned()) {
            chain.addAll(self.chain());
        }
        PrivateKey key = spec.keys.getPrivate();
        return new Issued(chain, key);
    }
}
