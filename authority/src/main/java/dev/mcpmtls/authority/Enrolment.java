// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authority.EnrolmentAnswer.Cause;
import dev.mcpmtls.authority.EnrolmentAnswer.Granted;
import dev.mcpmtls.authority.EnrolmentAnswer.Refused;
import dev.mcpmtls.authority.Issuers.Slot;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gives certificates to machines that hold an invitation, or a certificate of ours. The operator grants the names; a request only
 * brings the key. The store's credentials do not change. Thread-safe, and safe beside other processes in the same store.
 *
 * <p>A use of an invitation is on the disk, with the pin of the key, before the certificate is signed. Until the invitation expires, the
 * same key enrols again without another use, so that a machine that was interrupted can finish.
 */
public final class Enrolment {

    /** The longest time after its expiry for which a certificate can still be renewed: the journal remembers no longer. */
    public static final Duration LONGEST_GRACE = Journal.MEMORY;

    private static final int MOST_OPEN = 1_000;
    private static final int ID_BYTES = 5;
    private static final int SECRET_BYTES = 32;
    private static final String NO_HASH = "0".repeat(2 * SECRET_BYTES);
    private static final Remedy ASK = Remedy.of("ask the authority's operator for a new invitation, and ")
            .then(Act.of(Act.Verb.JOIN))
            .then(" with it");

    private final Store store;
    private final Certifier certifier;
    private final Issuers issuers;
    private final Journal journal;
    private final Surroundings surroundings;
    private final Runnable tidy;

    Enrolment(
            Store store,
            Certifier certifier,
            Issuers issuers,
            Journal journal,
            Surroundings surroundings,
            Runnable tidy) {
        this.store = store;
        this.certifier = certifier;
        this.issuers = issuers;
        this.journal = journal;
        this.surroundings = surroundings;
        this.tidy = tidy;
    }

    /** A new invitation with its secret, which is not kept. Its text form does not show it. */
    public static final class NewInvitation {

        private final Invitation invitation;
        private final byte[] secret;

        private NewInvitation(Invitation invitation, byte[] secret) {
            this.invitation = invitation;
            this.secret = secret;
        }

        /** The invitation. */
        public Invitation invitation() {
            return invitation;
        }

        /** Its secret: 32 random bytes. */
        public byte[] secret() {
            return secret.clone();
        }

        @Override
        public String toString() {
            return "NewInvitation[" + invitation.id() + ", secret redacted]";
        }
    }

    /** Every trust anchor, and every certificate between one and the leaves. Needs no passphrase. */
    public List<X509Certificate> authorities() {
        return alone(issuers::published);
    }

    /**
     * Invites machines to enrol.
     *
     * @param validity the time until the invitation expires
     * @param uses the number of machines, at least one
     * @throws AuthorityException.Refused when the lifetime exceeds the authority's, or there are 1,000 open invitations
     */
    public NewInvitation invite(Grant grant, Duration validity, int uses) {
        if (uses < 1 || validity.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("an invitation is for at least one use and one second");
        }
        return alone(() -> {
            certifier.requireWithinIssuer(grant.lifetime());
            Instant now = surroundings.now();
            List<Invitation> all = all();
            if (all.stream()
                            .filter(it -> it.status(now) == Invitation.Status.OPEN)
                            .count()
                    >= MOST_OPEN) {
                throw new AuthorityException.Refused(
                        "there are " + MOST_OPEN + " open invitations",
                        Remedy.of("withdraw some").by(Act.Verb.WITHDRAW_INVITATION));
            }
            byte[] secret = new byte[SECRET_BYTES];
            surroundings.random().nextBytes(secret);
            Instant expiresAt = now.plus(validity).truncatedTo(ChronoUnit.MILLIS);
            Invitation made = new Invitation(unusedId(all), grant, now, expiresAt, uses, List.of());
            file().add(new Invitations.Entry(made, sha256(secret)), now);
            surroundings.record(new AuditEvent.InvitationMade(now, made.id(), grant.name(), expiresAt));
            return new NewInvitation(made, secret);
        });
    }

    /** The invitations that are remembered, oldest first; used and expired ones for a week. Needs no passphrase. */
    public List<Invitation> invitations() {
        return alone(this::all);
    }

    /**
     * Withdraws an invitation. Certificates that it brought stay valid. Needs no passphrase.
     *
     * @throws AuthorityException.Refused when there is none of that id
     */
    public Invitation withdraw(String id) {
        return alone(() -> {
            Invitation found = all().stream()
                    .filter(it -> it.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new AuthorityException.Refused(
                            "there is no invitation '" + id + "'", Remedy.of(Act.Verb.LIST_INVITATIONS)));
            Instant now = surroundings.now();
            file().remove(id, now);
            surroundings.record(
                    new AuditEvent.InvitationWithdrawn(now, id, found.grant().name()));
            return found;
        });
    }

    /**
     * Gives a certificate to a machine that holds an invitation.
     *
     * @param secret compared in constant time
     * @throws AuthorityException.Unavailable when the authority cannot sign now; nothing was used up
     */
    public EnrolmentAnswer redeem(String id, byte[] secret, SigningRequest request) {
        return alone(() -> {
            Optional<Invitations.Entry> entry = file().all().stream()
                    .filter(it -> it.invitation().id().equals(id))
                    .findFirst();
            boolean isSecret = MessageDigest.isEqual(
                    bytes(entry.map(Invitations.Entry::hash).orElse(NO_HASH)), bytes(sha256(secret)));
            if (entry.isEmpty() || !isSecret) {
                return refused(
                        Cause.INVITATION_UNKNOWN,
                        Optional.empty(),
                        "the authority has no such invitation: it was withdrawn, or expired long ago");
            }
            return redeem(entry.get().invitation(), request);
        });
    }

    private EnrolmentAnswer redeem(Invitation invitation, SigningRequest request) {
        Instant now = surroundings.now();
        String name = invitation.grant().name();
        PublicKeyPin key = PublicKeyPin.of(request.key());
        if (journal.issued().stream().anyMatch(issued -> isRevokedSince(invitation.createdAt(), issued, name))) {
            return refused(Cause.NAME_REVOKED, name, "'" + name + "' was revoked after it was invited");
        }
        switch (invitation.status(now)) {
            case EXPIRED -> {
                return refused(
                        Cause.INVITATION_EXPIRED, name, "the invitation expired at " + second(invitation.expiresAt()));
            }
            case USED -> {
                if (!invitation.keys().contains(key)) {
                    return new Refused(
                            Cause.INVITATION_USED,
                            Optional.of(name),
                            "another key has used the invitation up",
                            Optional.of(
                                    "ask the authority's operator for a new invitation; if no machine of yours used it,"
                                            + " have '" + name + "' revoked first"));
                }
            }
            case OPEN -> {}
        }
        return granted(invitation.grant(), request, Certifier.Act.ISSUE, () -> {
            if (!invitation.keys().contains(key)) {
                List<PublicKeyPin> keys = new ArrayList<>(invitation.keys());
                keys.add(key);
                file().replace(
                                new Invitation(
                                        invitation.id(),
                                        invitation.grant(),
                                        invitation.createdAt(),
                                        invitation.expiresAt(),
                                        invitation.uses(),
                                        keys),
                                now);
            }
        });
    }

    /**
     * Gives a certificate with the same contents to the holder of one.
     *
     * @param presented the sender proved possession of its key
     * @param grace the time after its expiry for which it is still accepted; at most {@link #LONGEST_GRACE}
     * @throws AuthorityException.Unavailable when the authority cannot sign now
     */
    public EnrolmentAnswer renew(X509Certificate presented, SigningRequest request, Duration grace) {
        return alone(() -> {
            Optional<Issued> found = journal.find(presented.getSerialNumber()).filter(it -> isOurs(presented, it));
            if (found.isEmpty()) {
                return refused(
                        Cause.CERTIFICATE_UNKNOWN,
                        Optional.empty(),
                        "the presented certificate is not one of this authority");
            }
            Issued issued = found.get();
            String name = issued.credential();
            if (issued.revocation().isPresent()) {
                return refused(Cause.CERTIFICATE_REVOKED, name, revoked(issued));
            }
            Optional<Issued> successor = journal.issued().stream()
                    .filter(it -> it.credential().equals(name) && !it.at().isBefore(issued.at()))
                    .filter(it -> it.revocation().isPresent())
                    .findFirst();
            if (successor.isPresent()) {
                return refused(Cause.NAME_REVOKED, name, revoked(successor.get()));
            }
            Instant end = issued.notAfter().plus(grace);
            if (surroundings.now().isAfter(end)) {
                return refused(
                        Cause.CERTIFICATE_EXPIRED,
                        name,
                        "the certificate of '" + name + "' expired at " + second(issued.notAfter())
                                + " and could be renewed until " + second(end));
            }
            return granted(issued.grant(), request, Certifier.Act.RENEW, () -> {});
        });
    }

    private static String revoked(Issued issued) {
        return "'" + issued.credential() + "' was revoked at "
                + second(issued.revocation().orElseThrow().at());
    }

    private static boolean isRevokedSince(Instant invited, Issued issued, String name) {
        return issued.credential().equals(name)
                && issued.revocation()
                        .filter(revocation -> !revocation.at().isBefore(invited))
                        .isPresent();
    }

    /** Checks everything, then runs {@code use}, then signs. */
    private EnrolmentAnswer granted(Grant grant, SigningRequest request, Certifier.Act act, Runnable use) {
        issuers.check();
        try {
            request.checkAgainst(grant);
            certifier.refuseCompromised(PublicKeyPin.of(request.key()));
        } catch (AuthorityException.Refused e) {
            return new Refused(Cause.REQUEST_REFUSED, Optional.of(grant.name()), e.problem(), e.remedy());
        }
        use.run();
        Issuance issuance = certifier.certify(grant, request.key(), act);
        tidy.run();
        return new Granted(grant.name(), issuance);
    }

    /** Whether one of the issuers here signed it, and the journal has it. */
    private boolean isOurs(X509Certificate presented, Issued issued) {
        return issued.key().equals(PublicKeyPin.of(presented.getPublicKey()))
                && Stream.of(Slot.values())
                        .flatMap(slot -> issuers.certificate(slot).stream())
                        .filter(issuer -> Issuer.id(issuer).equals(issued.issuer()))
                        .anyMatch(issuer -> isSigned(presented, issuer));
    }

    private static boolean isSigned(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Refused refused(Cause cause, String name, String why) {
        return refused(cause, Optional.of(name), why);
    }

    private static Refused refused(Cause cause, Optional<String> name, String why) {
        return new Refused(cause, name, why, Optional.of(ASK.text()));
    }

    private List<Invitation> all() {
        return file().all().stream().map(Invitations.Entry::invitation).toList();
    }

    private Invitations file() {
        return store.invitations();
    }

    private String unusedId(List<Invitation> others) {
        byte[] random = new byte[ID_BYTES];
        surroundings.random().nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        return others.stream().anyMatch(it -> it.id().equals(id)) ? unusedId(others) : id;
    }

    private <T> T alone(Supplier<T> act) {
        return store.lock().alone(act);
    }

    private static Instant second(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static byte[] bytes(String hash) {
        return hash.getBytes(StandardCharsets.US_ASCII);
    }

    private static String sha256(byte[] secret) {
        return Sha256.hex(secret);
    }
}
