// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditEvent.CertificateIssued;
import dev.mcpmtls.audit.AuditEvent.CertificateRenewed;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.trust.TrustAnchors;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Certifies keys: signs, writes to the journal, records in the audit log, and only then returns. Callers hold the store's lock.
 */
final class Certifier {

    /** The act in the audit log. */
    enum Act {
        ISSUE,
        RENEW
    }

    private final Issuers issuers;
    private final Journal journal;
    private final Surroundings surroundings;

    Certifier(Issuers issuers, Journal journal, Surroundings surroundings) {
        this.issuers = issuers;
        this.journal = journal;
        this.surroundings = surroundings;
    }

    Issuance certify(Grant grant, PublicKey owner, Act act) {
        Instant now = surroundings.now();
        PublicKeyPin pin = PublicKeyPin.of(owner);
        refuseCompromised(pin);
        Issuer issuer = currentIssuer(now);
        X509Certificate leaf = issuer.issue(grant, owner, unusedSerial(), now, surroundings.random());
        journal.issued(new Issued(
                now,
                leaf.getSerialNumber(),
                grant.name(),
                leaf.getNotBefore().toInstant(),
                leaf.getNotAfter().toInstant(),
                grant.purposes(),
                grant.names().stream().map(GrantedNames::text).toList(),
                pin,
                issuer.id(),
                Optional.empty()));
        Chain chain = new Chain(
                Stream.concat(Stream.of(leaf), issuer.intermediates().stream()).toList());
        surroundings.record(
                act == Act.ISSUE
                        ? new CertificateIssued(now, grant.name(), chain)
                        : new CertificateRenewed(now, grant.name(), chain));
        return new Issuance(chain, new TrustAnchors(issuers.anchors()));
    }

    /**
     * Refuses a lifetime that would be shortened silently, because a certificate never outlives its issuer.
     *
     * @throws AuthorityException.Refused when the lifetime exceeds the issuer's
     */
    void requireWithinIssuer(Duration lifetime) {
        Instant now = surroundings.now();
        Instant end = currentIssuer(now).certificate().getNotAfter().toInstant();
        Duration left = Duration.between(now, end);
        if (lifetime.compareTo(left) > 0) {
            throw new AuthorityException.Refused(
                    "a lifetime of " + text(lifetime) + " exceeds the authority's, which expires on " + end,
                    "choose at most " + text(left) + ", or "
                            + Remedy.of("change to a new authority").by(Verb.ROLL_OVER));
        }
    }

    /** A duration in its largest unit above zero, in the syntax of settings. */
    private static String text(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + "d";
        }
        if (time.toHours() > 0) {
            return time.toHours() + "h";
        }
        return time.toMinutes() > 0 ? time.toMinutes() + "m" : time.toSeconds() + "s";
    }

    void refuseCompromised(PublicKeyPin pin) {
        boolean isCompromised = journal.issued().stream()
                .filter(issued -> issued.key().equals(pin))
                .flatMap(issued -> issued.revocation().stream())
                .anyMatch(revocation -> revocation.reason() == RevocationReason.KEY_COMPROMISE);
        if (isCompromised) {
            throw new AuthorityException.Refused(
                    "the key " + pin + " was revoked as compromised and is not certified again", "make a new one");
        }
    }

    private Issuer currentIssuer(Instant now) {
        Issuer issuer = issuers.current();
        Instant beginning = issuer.certificate().getNotBefore().toInstant();
        if (now.isBefore(beginning)) {
            throw new AuthorityException.Unavailable(
                    "the clock says " + now + ", but the authority is not valid before " + beginning, "set the clock");
        }
        Instant end = issuer.certificate().getNotAfter().toInstant();
        if (!now.isBefore(end)) {
            throw new AuthorityException.Unavailable(
                    issuer.certificate().getSubjectX500Principal() + " expired on " + end,
                    "change to a new authority, and hand out its trust anchor");
        }
        return issuer;
    }

    private BigInteger unusedSerial() {
        BigInteger serial = Issuer.randomSerial(surroundings.random());
        return journal.find(serial).isPresent() ? unusedSerial() : serial;
    }
}
