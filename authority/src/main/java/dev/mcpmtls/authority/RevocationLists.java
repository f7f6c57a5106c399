// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The file of CRLs: one for each issuer, and one for each root behind an intermediate. */
final class RevocationLists {

    /**
     * The time from thisUpdate to nextUpdate. CRLs are rewritten long before: at each revocation, and with the first act of a
     * day.
     */
    private static final Duration VALIDITY = Duration.ofDays(30);

    /** RFC 5280, section 5.2.3. */
    private static final String CRL_NUMBER = "2.5.29.20";

    private static final Duration REFRESH = Duration.ofDays(1);

    private final Path file;
    private final Journal journal;
    private final Issuers issuers;
    private final Surroundings surroundings;

    RevocationLists(Path file, Journal journal, Issuers issuers, Surroundings surroundings) {
        this.file = file;
        this.journal = journal;
        this.issuers = issuers;
        this.surroundings = surroundings;
    }

    /** Writes the file if it is missing, or behind the journal because a process died. */
    boolean repair() {
        return writeUnless(isLast(read()));
    }

    /** As {@link #repair}, and also when the CRL is a day old. */
    boolean refresh() {
        Optional<X509CRL> list = read();
        return writeUnless(isLast(list) && isYoung(list.orElseThrow()));
    }

    /** Writes the file with all revocations so far. */
    void write() {
        Instant now = surroundings.now();
        long number = journal.nextListNumber(now);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (Issuers.Slot slot : Issuers.Slot.values()) {
            issuers.issuer(slot).ifPresent(issuer -> content.writeBytes(list(issuer, number, now)));
        }
        issuers.rootLists().forEach(content::writeBytes);
        try {
            OwnedFiles.replace(file, content.toByteArray(), OwnedFiles.Readers.ALL);
        } catch (IOException e) {
            throw AuthorityException.StoreFailed.notWritten(file, e);
        }
    }

    private byte[] list(Issuer issuer, long number, Instant now) {
        // An entry stays until a CRL has been published after the certificate's expiry (RFC 5280, section 3.3).
        List<Issuer.Entry> entries = journal.issued().stream()
                .filter(issued -> issued.issuer().equals(issuer.id()))
                .filter(issued -> now.isBefore(issued.notAfter().plus(VALIDITY)))
                .flatMap(issued -> issued.revocation().stream()
                        .map(it -> new Issuer.Entry(issued.serialNumber(), it.at(), it.reason())))
                .toList();
        return Pem.crl(issuer.revocationList(number, entries, now, now.plus(VALIDITY), surroundings.random()));
    }

    private boolean writeUnless(boolean isGood) {
        if (!isGood) {
            write();
        }
        return !isGood;
    }

    private Optional<X509CRL> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            SmallFiles.requireRegular(file);
            try (InputStream in = Files.newInputStream(file)) {
                return Optional.of(
                        (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in));
            }
        } catch (IOException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private boolean isLast(Optional<X509CRL> list) {
        return !journal.isAheadOfList()
                && list.map(RevocationLists::number)
                        .filter(BigInteger.valueOf(journal.listNumber())::equals)
                        .isPresent();
    }

    private boolean isYoung(X509CRL list) {
        Instant now = surroundings.now();
        Instant thisUpdate = list.getThisUpdate().toInstant();
        return !now.isBefore(thisUpdate) && now.isBefore(thisUpdate.plus(REFRESH));
    }

    private static BigInteger number(X509CRL list) {
        byte[] extension = list.getExtensionValue(CRL_NUMBER);
        if (extension == null) {
            return BigInteger.ZERO;
        }
        try {
            byte[] value = Der.parse(extension).expect(Der.OCTET_STRING).content();
            return new BigInteger(Der.parse(value).expect(Der.INTEGER).content());
        } catch (MalformedDerException e) {
            return BigInteger.ZERO;
        }
    }
}
