// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.trust.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The operator's permission for a certificate's contents. A certificate never carries a name or a purpose that its grant does
 * not hold.
 *
 * @param name the operators' name for the credential: letters, digits, dots, dashes and underscores, at most 63; also the
 *     subject's common name, which is for display
 * @param names the subject alternative names, in the order in which they appear; at least one, at most one
 *     SPIFFE ID, no pins
 * @param purposes server, client or both; at least one
 * @param lifetime from the moment of issue, at least one second; shortened to the issuer's expiry
 */
public record Grant(String name, List<Identity> names, Set<Purpose> purposes, Duration lifetime) {

    /** The default lifetime of a certificate. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofHours(24);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /** Copies the collections and checks every part. */
    public Grant {
        checkName(name);
        names = names.stream().distinct().toList();
        purposes = Set.copyOf(purposes);
        if (names.isEmpty() || names.stream().anyMatch(PublicKeyPin.class::isInstance)) {
            throw new IllegalArgumentException("a certificate needs at least one SPIFFE ID, DNS name or IP address");
        }
        if (names.stream().filter(SpiffeId.class::isInstance).count() > 1) {
            throw new IllegalArgumentException(
                    "a certificate carries one SPIFFE ID, not several (X509-SVID, section 2)");
        }
        names.forEach(Grant::checkAcceptable);
        if (purposes.isEmpty()) {
            throw new IllegalArgumentException("a certificate needs a purpose: server, client or both");
        }
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a certificate's lifetime is at least one second, not " + lifetime);
        }
    }

    /** A server on this machine: {@code spiffe://<trust-domain>/server/<name>}, {@code localhost} and the loopback addresses. */
    public static Grant server(String trustDomain, String name) {
        List<Identity> names = List.of(
                new SpiffeId(trustDomain, "/server/" + checkName(name)),
                new DnsName("localhost"),
                loopback(new byte[] {127, 0, 0, 1}),
                loopback(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
        return new Grant(name, names, Set.of(Purpose.SERVER), DEFAULT_LIFETIME);
    }

    /** An agent, which only ever opens connections: {@code spiffe://<trust-domain>/agent/<name>}. */
    public static Grant agent(String trustDomain, String name) {
        SpiffeId id = new SpiffeId(trustDomain, "/agent/" + checkName(name));
        return new Grant(name, List.of(id), Set.of(Purpose.CLIENT), DEFAULT_LIFETIME);
    }

    /** The same for another lifetime. */
    public Grant withLifetime(Duration replacement) {
        return new Grant(name, names, purposes, replacement);
    }

    /** The same for other names. */
    public Grant withNames(List<Identity> replacement) {
        return new Grant(name, replacement, purposes, lifetime);
    }

    /** Refuses names with which strict validation would refuse the certificate. */
    private static void checkAcceptable(Identity name) {
        if (name instanceof DnsName dns && !dns.isHostName()) {
            throw new IllegalArgumentException("no certificate may hold the DNS name " + Printable.quote(dns.text())
                    + "; give it letters, digits and dashes, and a last part that is no number");
        }
        if (name instanceof SpiffeId id && id.path().isEmpty()) {
            throw new IllegalArgumentException("the SPIFFE ID " + Printable.quote(id.text())
                    + " names a whole trust domain; add a path, as in spiffe://" + id.trustDomain() + "/agent/planner");
        }
    }

    /** Whether something can be a credential's name; hidden files and the like cannot. */
    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Refuses everything but plain file names, so that no credential's name leads out of the store. */
    static String checkName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("not a credential's name: " + Printable.quote(name)
                    + "; use letters, digits, '.', '-' and '_', at most 63, beginning with a letter or digit");
        }
        return name;
    }

    private static IpAddress loopback(byte[] octets) {
        return AlternativeNames.ip(octets).orElseThrow();
    }
}
