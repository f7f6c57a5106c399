// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.UnusableCredentialException;
import java.net.URI;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The CRLs at the distribution points that certificates name: the wanted and the fetched ones. Verification adds wanted
 * locations and reads fetched CRLs; it never waits. A downloader reads {@link #wanted} and hands in the CRLs. Thread-safe.
 *
 * <p>A location is wanted only after a certificate that names it passed every check but revocation, up to a trust anchor. An
 * attacker's own certificate therefore makes this process fetch nothing.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.13">RFC 5280, section 4.2.1.13</a>
 */
public final class DistributionPoints {

    /** The largest number of locations; further ones are ignored and never displace the first. */
    public static final int MAX_LOCATIONS = 64;

    /** The largest accepted CRL, in bytes. */
    public static final int MAX_CRL_BYTES = 4 * 1024 * 1024;

    private static final int MAX_ISSUERS = 8;

    private final Map<URI, Point> points = new LinkedHashMap<>();
    private volatile Arrived arrived = new Arrived(List.of(), 0);

    /** The CRLs in force; {@code epoch} grows with every change. */
    private record Arrived(List<Crl> crls, long epoch) {}

    /** One location, with the possible issuers of its CRL and the CRL in force. */
    private static final class Point {
        private final Set<ParsedCertificate> issuers = new HashSet<>();
        private Optional<Crl> held = Optional.empty();
        private Optional<String> failure = Optional.empty();
    }

    /** The locations whose CRLs are wanted, all plain HTTP. */
    public synchronized Set<URI> wanted() {
        return Set.copyOf(points.keySet());
    }

    /**
     * Puts a CRL into force if it is signed by the issuer of a certificate that names the location, current, and not older than
     * the present one. A genuine one that is not current is refused too, but kept for its revocations when there is none
     * better.
     *
     * @param encoding in DER, as RFC 5280 asks
     * @return whether something changed, in which case every accepted peer is verified again at its next request
     * @throws UnusableCredentialException when it fails one of these checks; the present one stays in force
     */
    public boolean take(URI location, byte[] encoding, Instant now) {
        try {
            // Outside the lock, because verification would wait for it while a large CRL is parsed.
            Crl crl = Crl.parse(location.toString(), encoding);
            if (issuers(location).stream().noneMatch(crl::isFrom)) {
                throw new UnusableCredentialException(
                        location + " holds a CRL without the signature of the certificate's issuer");
            }
            return replace(location, crl, now);
        } catch (UnusableCredentialException e) {
            failed(location, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Notes why a download failed; messages mention it as long as a peer's status is unknown. */
    public synchronized void failed(URI location, String why) {
        Optional.ofNullable(points.get(location)).ifPresent(point -> point.failure = Optional.of(why));
    }

    /** The last instant at which the CRL of a location is current; empty while there is none. */
    public synchronized Optional<Instant> currentUntil(URI location) {
        return Optional.ofNullable(points.get(location)).flatMap(point -> point.held.flatMap(Crl::nextUpdate));
    }

    /**
     * Adds the locations of every certificate on a path that leads to a trust anchor and has no finding but unknown revocation.
     */
    synchronized void want(List<ParsedCertificate> path) {
        for (int i = 0; i + 1 < path.size(); i++) {
            for (URI location : path.get(i).distributionPoints()) {
                if (points.containsKey(location) || points.size() < MAX_LOCATIONS) {
                    Point point = points.computeIfAbsent(location, unknown -> new Point());
                    if (point.issuers.size() < MAX_ISSUERS) {
                        point.issuers.add(path.get(i + 1));
                    }
                }
            }
        }
    }

    List<Crl> crls() {
        return arrived.crls();
    }

    long epoch() {
        return arrived.epoch();
    }

    /** The reason why no CRL from a certificate's own distribution points is available. */
    synchronized String absence(ParsedCertificate certificate) {
        if (certificate.distributionPoints().isEmpty()) {
            return "there is no CRL of it, and the certificate names no distribution point over HTTP";
        }
        URI first = certificate.distributionPoints().get(0);
        Point point = points.get(first);
        return point == null
                ? "its CRL was not fetched yet from " + first
                : point.failure.orElse("its CRL is being fetched from " + first);
    }

    private synchronized List<ParsedCertificate> issuers(URI location) {
        return Optional.ofNullable(points.get(location))
                .map(point -> List.copyOf(point.issuers))
                .orElse(List.of());
    }

    private synchronized boolean replace(URI location, Crl crl, Instant now) {
        Point point = points.getOrDefault(location, new Point()); // it is there: its issuers were
        Optional<CrlEdition> newer = point.held.map(Crl::edition).filter(crl.edition()::isOlderThan);
        if (newer.isPresent()) {
            throw new UnusableCredentialException(
                    location + " holds " + crl.edition().olderThan(newer.get()) + "; publish the newest one there");
        }
        Optional<String> unusable = crl.unusableAt(now);
        boolean isNew = point.held.filter(crl::isSameAs).isEmpty() && (point.held.isEmpty() || unusable.isEmpty());
        if (isNew) {
            point.held = Optional.of(crl);
            arrived = new Arrived(held(), arrived.epoch() + 1);
        }
        if (unusable.isPresent()) {
            throw new UnusableCredentialException(location + ": " + unusable.get());
        }
        point.failure = Optional.empty();
        return isNew;
    }

    private List<Crl> held() {
        return points.values().stream().flatMap(point -> point.held.stream()).toList();
    }
}
