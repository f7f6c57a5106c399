// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Issued;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.settings.Keys;
import dev.mcpmtls.cli.settings.Settings;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.TrustAnchors;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The certificates of a store, and files anywhere else, without their keys. */
final class Certificates {

    private final Store store;
    private final Set<BigInteger> revoked;

    Certificates(Settings settings) {
        store = Store.at(settings.get(Keys.DIR));
        revoked = store.hasAuthority() ? revoked(store) : Set.of();
    }

    /** Every credential in the store. */
    List<CertificateView> all() {
        List<String> names = store.credentialNames();
        if (names.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "there are no credentials in " + store.directory() + "; run 'mcp-mtls init', or check --dir");
        }
        return names.stream().map(this::find).toList();
    }

    /** A credential of the store, or a PEM file. */
    CertificateView find(String nameOrFile) {
        Path file = file(nameOrFile);
        // The reader of anchors reads any certificates in PEM or DER, in the order in which they stand.
        List<X509Certificate> certificates = TrustAnchors.load(file).certificates();
        return new CertificateView(
                nameOrFile,
                new Chain(certificates),
                revoked.contains(certificates.get(0).getSerialNumber()),
                Instant.now());
    }

    /** The trust anchor that lies beside a certificate and issued the last one of its chain. */
    Optional<X509Certificate> anchor(CertificateView view) {
        Path anchors = file(view.name()).resolveSibling("ca.crt");
        if (!Files.exists(anchors)) {
            return Optional.empty();
        }
        List<X509Certificate> chain = view.chain().certificates();
        X509Certificate last = chain.get(chain.size() - 1);
        return TrustAnchors.load(anchors).certificates().stream()
                .filter(anchor -> anchor.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                .findFirst();
    }

    private Path file(String nameOrFile) {
        Path path = nameOrFile.contains("/") || Files.isRegularFile(Path.of(nameOrFile))
                ? Path.of(nameOrFile)
                : store.credential(nameOrFile);
        if (Files.isRegularFile(path)) {
            return path;
        }
        if (!Files.isDirectory(path)) {
            throw new Failure(
                    ExitCode.USAGE,
                    "there is no credential or file '" + nameOrFile + "'; 'mcp-mtls cert list' shows what there is");
        }
        return path.resolve("tls.crt");
    }

    private static Set<BigInteger> revoked(Store store) {
        try (Authority authority = Authority.open(store, Optional.empty(), Surroundings.system(AuditSink.none()))) {
            return authority.issued().stream()
                    .filter(issued -> issued.revocation().isPresent())
                    .map(Issued::serialNumber)
                    .collect(Collectors.toUnmodifiableSet());
        }
    }
}
