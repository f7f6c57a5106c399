// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Pem;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.trust.RevocationRejection.Revoked;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The revocation data: CRLs and a local deny list from files, and, optionally, CRLs from distribution points. Thread-safe.
 * Files are read at creation and by {@link #reload}, which the watcher of the files calls. Verification itself never reads a
 * file.
 */
public final class Revocation {

    /** The treatment of a certificate without a status when CRLs are configured. */
    public enum Mode {
        /** The certificate is accepted and the finding recorded. */
        SOFT_FAIL,
        /** The certificate is refused. */
        HARD_FAIL
    }

    /** The largest CRL that is read, in bytes. */
    public static final int MAX_CRL_BYTES = 16 * 1024 * 1024;

    private static final int MAX_FILES = 1024;

    private final List<Path> crlLocations;
    private final Optional<Path> denyListFile;
    private final Mode mode;
    private final Optional<DistributionPoints> distributionPoints;
    private volatile Snapshot current;

    /** The contents of the files when they were last read; {@code epoch} grows with every change. */
    private record Snapshot(
            List<ByteBuffer> contents, List<Crl> crls, CrlHistory history, DenyList denyList, long epoch) {}

    private Revocation(
            List<Path> crlLocations,
            Optional<Path> denyListFile,
            Mode mode,
            Optional<DistributionPoints> distributionPoints) {
        this.crlLocations = List.copyOf(crlLocations);
        this.denyListFile = denyListFile;
        this.mode = mode;
        this.distributionPoints = distributionPoints;
        this.current = new Snapshot(List.of(), List.of(), CrlHistory.NONE, DenyList.EMPTY, 0);
    }

    /** No revocation data: nothing is revoked. */
    public static Revocation none() {
        return new Revocation(List.of(), Optional.empty(), Mode.SOFT_FAIL, Optional.empty());
    }

    /**
     * Reads CRLs and the deny list.
     *
     * @param crlLocations files (PEM, several CRLs allowed, or DER) and directories of such files ending in {@code .crl} or
     *     {@code .pem}; when not empty, every certificate below the anchor needs a CRL of its issuer, or {@code mode} applies
     * @param denyList one {@code sha256/…} pin or hexadecimal serial number a line, {@code #} starts a comment
     * @throws UnusableCredentialException when a file is missing, damaged or too large
     */
    public static Revocation load(List<Path> crlLocations, Optional<Path> denyList, Mode mode) {
        return load(crlLocations, denyList, mode, Optional.empty());
    }

    /**
     * As {@link #load(List, Optional, Mode)}, with the CRLs at the certificates' own distribution points. When these are
     * present, every certificate below the anchor needs a CRL of its issuer, from any source. Until it arrives, {@code mode}
     * applies.
     *
     * @param distributionPoints filled by the caller
     */
    public static Revocation load(
            List<Path> crlLocations,
            Optional<Path> denyList,
            Mode mode,
            Optional<DistributionPoints> distributionPoints) {
        Revocation revocation = new Revocation(crlLocations, denyList, mode, distributionPoints);
        revocation.reload();
        return revocation;
    }

    /**
     * Reads the files again. A CRL must not be older than its issuer's that was in force before (RFC 5280, section 5.2.3).
     *
     * @return whether something changed, in which case every accepted peer is verified again at its next request
     * @throws UnusableCredentialException when a file cannot be used, or holds an older CRL; the last good data stay in force
     */
    public synchronized boolean reload() {
        List<Path> files = crlFiles();
        List<ByteBuffer> contents = new ArrayList<>();
        for (Path file : files) {
            contents.add(ByteBuffer.wrap(Pem.readTrusted(file, MAX_CRL_BYTES)));
        }
        byte[] denied =
                denyListFile.map(file -> Pem.readTrusted(file, MAX_CRL_BYTES)).orElse(new byte[0]);
        contents.add(ByteBuffer.wrap(denied));
        if (contents.equals(current.contents())) {
            return false;
        }
        List<Crl> crls = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            crls.addAll(Crl.parse(files.get(i), contents.get(i).array()));
        }
        CrlHistory history = current.history().followedBy(crls);
        DenyList denyList =
                denyListFile.map(file -> DenyList.parse(file, denied)).orElse(DenyList.EMPTY);
        current = new Snapshot(contents, List.copyOf(crls), history, denyList, current.epoch() + 1);
        return true;
    }

    /** The CRLs at the certificates' own distribution points; empty when they are not used. */
    public Optional<DistributionPoints> distributionPoints() {
        return distributionPoints;
    }

    /** The treatment of a certificate without a status. */
    public Mode mode() {
        return mode;
    }

    /**
     * The status of one issuer's CRLs.
     *
     * @param issuer its name, safe to print
     * @param nextUpdate the last instant at which any of them is current; empty when none has a nextUpdate
     * @param unusable the reason why they clear no certificate of this issuer at the moment; empty when they do
     */
    public record Standing(String issuer, Optional<Instant> nextUpdate, Optional<String> unusable) {}

    /** The status of the CRLs in force at an instant: one entry for each issuer, by name. */
    List<Standing> standings(List<ParsedCertificate> anchors, Instant now) {
        List<Crl> all = crls();
        Map<String, List<Crl>> byIssuer =
                all.stream().collect(Collectors.groupingBy(Crl::issuer, TreeMap::new, Collectors.toList()));
        // A CRL of an unknown authority may be an intermediate's, unless an anchor is left without one.
        boolean isComplete = anchors.stream().allMatch(anchor -> all.stream().anyMatch(crl -> crl.isFrom(anchor)));
        List<Standing> standings = new ArrayList<>();
        byIssuer.forEach((issuer, crls) -> {
            Optional<String> foreign = crls.stream()
                    .filter(crl -> !crl.isGenuine(anchors))
                    .filter(crl -> !isComplete || anchors.stream().anyMatch(crl::isInTheNameOf))
                    .map(Crl::whyNotGenuine)
                    .findFirst();
            standings.add(standing(issuer, crls, foreign, now));
        });
        return standings;
    }

    private static Standing standing(String issuer, List<Crl> crls, Optional<String> foreign, Instant now) {
        Crl last = crls.stream()
                .max(Comparator.comparing(crl -> crl.nextUpdate().orElse(Instant.MIN)))
                .orElseThrow();
        boolean isCleared = crls.stream().anyMatch(crl -> crl.unusableAt(now).isEmpty());
        return new Standing(
                issuer, last.nextUpdate(), foreign.or(() -> isCleared ? Optional.empty() : last.unusableAt(now)));
    }

    boolean isSoftFail() {
        return mode == Mode.SOFT_FAIL;
    }

    long epoch() {
        return current.epoch()
                + distributionPoints.map(DistributionPoints::epoch).orElse(0L);
    }

    /** Findings from the deny list about one presented certificate. */
    Optional<Rejection> denied(ParsedCertificate certificate) {
        return current.denyList()
                .find(
                        certificate.x509().getSerialNumber(),
                        PublicKeyPin.of(certificate.x509().getPublicKey()))
                .map(source ->
                        new Revoked(certificate.who(), certificate.x509().getSerialNumber(), source, Optional.empty()));
    }

    /**
     * The finding of the CRLs about a certificate whose issuer is known; empty when a current CRL clears it.
     *
     * @param anchors trust anchors; their CRLs in the issuer's name are about other certificates
     */
    Optional<Rejection> judge(
            ParsedCertificate certificate, ParsedCertificate issuer, List<ParsedCertificate> anchors, Instant now) {
        if (crlLocations.isEmpty() && distributionPoints.isEmpty()) {
            return Optional.empty();
        }
        String why =
                distributionPoints.map(points -> points.absence(certificate)).orElse("there is no CRL of it");
        boolean cleared = false;
        Optional<Crl> listing = Optional.empty();
        for (Crl crl : crls()) {
            if (crl.isFrom(issuer)) {
                Optional<Rejection> revoked = crl.revokes(certificate);
                if (revoked.isPresent()) {
                    return revoked; // a stale CRL still proves revocations
                }
                Optional<String> unusable = crl.unusableAt(now);
                cleared |= unusable.isEmpty();
                why = unusable.orElse(why);
            } else if (crl.isInTheNameOf(issuer) && !crl.isGenuine(anchors)) {
                why = crl.whyNotGenuine();
                listing = listing.or(() -> Optional.of(crl).filter(it -> it.lists(certificate)));
            }
        }
        if (cleared) {
            return Optional.empty();
        }
        return Optional.of(
                listing.isPresent()
                        ? new RevocationRejection.ListedWithoutProof(
                                certificate.who(),
                                certificate.x509().getSerialNumber(),
                                certificate.issuerText(),
                                listing.get().whyNotGenuine())
                        : new RevocationRejection.RevocationUnknown(
                                certificate.who(), certificate.issuerText(), why, fetchedFrom(certificate)));
    }

    private Optional<URI> fetchedFrom(ParsedCertificate certificate) {
        return distributionPoints.flatMap(
                points -> certificate.distributionPoints().stream().findFirst());
    }

    /** The instants at which the status of some CRL changes. */
    List<Instant> turningPoints() {
        return crls().stream().flatMap(crl -> crl.turningPoints().stream()).toList();
    }

    private List<Crl> crls() {
        List<Crl> all = new ArrayList<>(current.crls());
        distributionPoints.ifPresent(points -> all.addAll(points.crls()));
        return all;
    }

    private List<Path> crlFiles() {
        List<Path> files = new ArrayList<>();
        for (Path location : crlLocations) {
            if (!Files.isDirectory(location)) {
                files.add(location);
                continue;
            }
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(location, "*.{crl,pem}")) {
                List<Path> found = new ArrayList<>();
                entries.forEach(found::add);
                found.sort(null);
                files.addAll(found);
            } catch (IOException e) {
                throw new UnusableCredentialException(location + " cannot be listed; make it readable", e);
            }
        }
        if (files.size() > MAX_FILES) {
            throw new UnusableCredentialException("more than " + MAX_FILES + " CRL files; merge or remove some");
        }
        return files;
    }
}
