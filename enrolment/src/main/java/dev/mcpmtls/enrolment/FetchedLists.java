// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.authority.Store;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.Pem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The store's file of CRLs, when an authority elsewhere publishes them. */
final class FetchedLists {

    private static final int MOST_BYTES = 64 * 1024 * 1024;

    private FetchedLists() {}

    /**
     * Puts fetched CRLs in the place of older ones of the same issuers. An issuer's newer CRL is never replaced by an older one; one that
     * is out of date and is no longer published goes.
     *
     * @return whether the file changed
     */
    static boolean put(Store store, URI from, byte[] fetched, Instant now) {
        List<X509CRL> lists = new ArrayList<>(parse(fetched, from.toString()));
        Path file = store.revocationList();
        List<X509CRL> present = new ArrayList<>();
        try {
            if (Files.exists(file)) {
                present.addAll(parse(SmallFiles.read(file, MOST_BYTES), file.toString()));
            }
            List<X509CRL> merged = merge(lists, present, now);
            if (merged.equals(present)) {
                return false;
            }
            OwnedFiles.replace(file, pem(merged), OwnedFiles.Readers.ALL);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static List<X509CRL> merge(List<X509CRL> fetched, List<X509CRL> present, Instant now) {
        List<X509CRL> merged = new ArrayList<>();
        for (X509CRL list : fetched) {
            merged.add(present.stream()
                    .filter(it -> isSameIssuer(it, list))
                    .filter(it -> it.getThisUpdate()
                            .toInstant()
                            .isAfter(list.getThisUpdate().toInstant()))
                    .findFirst()
                    .orElse(list));
        }
        present.stream()
                .filter(it -> fetched.stream().noneMatch(list -> isSameIssuer(it, list)))
                .filter(it -> it.getNextUpdate() == null
                        || it.getNextUpdate().toInstant().isAfter(now))
                .forEach(merged::add);
        return merged;
    }

    private static boolean isSameIssuer(X509CRL one, X509CRL other) {
        return one.getIssuerX500Principal().equals(other.getIssuerX500Principal());
    }

    private static List<X509CRL> parse(byte[] pem, String where) {
        try {
            List<X509CRL> lists =
                    CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(pem)).stream()
                            .map(X509CRL.class::cast)
                            .toList();
            if (lists.isEmpty()) {
                throw new CRLException("no CRL in it");
            }
            return lists;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(where + " holds no usable CRLs: " + e.getMessage(), e);
        }
    }

    private static byte[] pem(List<X509CRL> lists) {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        try {
            for (X509CRL list : lists) {
                pem.writeBytes(Pem.encode("X509 CRL", list.getEncoded()));
            }
        } catch (CRLException e) {
            throw new IllegalStateException("a parsed CRL encodes", e);
        }
        return pem.toByteArray();
    }
}
