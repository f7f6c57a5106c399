// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** An authority for one test, whose certificates become credentials. */
public final class Pki {

    private final Instant now = Instant.now();
    private final ThrowawayCa ca;

    /** An authority of that name. */
    public Pki(String commonName) {
        ca = ThrowawayCa.root(commonName, now.minus(Duration.ofDays(2)));
    }

    /** The authority as the only trust anchor. */
    public TrustAnchors anchors() {
        return new TrustAnchors(List.of(ca.certificate()));
    }

    /** A credential valid for both roles, for localhost and 127.0.0.1, for one hour. */
    public Credential issue(String name) {
        return issue(name, Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth);
    }

    /** A credential valid for servers only. */
    public Credential issueForServers(String name) {
        return issue(name, Duration.ofHours(1), KeyPurposeId.id_kp_serverAuth);
    }

    Credential issue(String name, Duration left, KeyPurposeId... purposes) {
        return credential(name, ca.server(name, spec -> lasting(spec, left).extendedKeyUsage(purposes)));
    }

    Credential issue(String name, KeyPair keys) {
        return credential(
                name,
                ca.server(
                        name,
                        spec -> lasting(spec, Duration.ofHours(1))
                                .extendedKeyUsage(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth)
                                .keys(keys)));
    }

    /** A credential with as many names as make its certificate, and what tickets say of it, larger than 2 KiB. */
    Credential issueWithManyNames(String name) {
        return credential(name, ca.server(name, spec -> {
            for (int i = 0; i < 64; i++) {
                spec.dns("name-" + i + ".of.a.peer.with.many.names.example");
            }
            return lasting(spec, Duration.ofHours(1)).extendedKeyUsage(KeyPurposeId.id_kp_clientAuth);
        }));
    }

    /** A credential for both roles whose certificate has at least that many bytes, and hardly more. */
    Credential issueOfSize(String name, int bytes) {
        return credential(name, ca.server(name, spec -> {
            for (int i = 0; i < bytes / 100; i++) {
                spec.dns(String.format("%08d.%s.%s.example", i, "a".repeat(40), "b".repeat(40)));
            }
            return lasting(spec, Duration.ofHours(1))
                    .extendedKeyUsage(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth);
        }));
    }

    /** A client's credential whose key may not sign, only decipher. */
    Credential issueForEnciphering(String name) {
        return credential(
                name,
                ca.server(
                        name,
                        spec -> lasting(spec, Duration.ofHours(1))
                                .extendedKeyUsage(KeyPurposeId.id_kp_clientAuth)
                                .keyUsage(KeyUsage.keyEncipherment)));
    }

    /** A credential whose certificate does not carry the authority's signature. */
    Credential corrupted(String name) {
        return credential(
                name,
                ca.server(name, spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
                        .corrupted());
    }

    /** A CRL that names the credential. */
    Path crl(Path file, Credential revoked) {
        return ca.crl().revoke(revoked.chain().leaf()).writeTo(file);
    }

    private CertificateSpec lasting(CertificateSpec spec, Duration left) {
        return spec.valid(now.minus(Duration.ofDays(1)), now.plus(left));
    }

    private static Credential credential(String name, Issued issued) {
        return Credential.of(name, issued.privateKey(), new Chain(issued.chain()));
    }

    /** Writes {@code NAME.crt} and {@code NAME.key} for openssl and curl. */
    public static void write(Path directory, Credential credential) throws Exception {
        Files.writeString(
                directory.resolve(credential.name() + ".crt"),
                Issued.pem("CERTIFICATE", credential.chain().leaf().getEncoded()));
        Files.writeString(
                directory.resolve(credential.name() + ".key"),
                Issued.pem("PRIVATE KEY", credential.privateKey().getEncoded()));
    }
}
