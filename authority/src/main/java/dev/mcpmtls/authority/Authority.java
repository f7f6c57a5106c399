// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.trust.TrustAnchors;
import java.math.BigInteger;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A small certification authority on this machine. Created by {@link Initialisation}. Every act is on the disk, in the journal
 * and in the audit log before it takes effect. Thread-safe, and safe beside other processes in the same store.
 *
 * <p>All methods throw an {@link AuthorityException} when the store cannot be used, and {@link
 * dev.mcpmtls.audit.AuditUnavailableException} when an act cannot be recorded; a certificate is not handed out then.
 */
public final class Authority implements AutoCloseable {

    /** The smallest number of old, expired certificates for which the journal is rewritten: some 300 KiB. */
    private static final int WORTH_TIDYING = 1_000;

    private final Store store;
    private final Surroundings surroundings;
    private final Optional<Passphrase> passphrase;
    private final Issuers issuers;
    private final Journal journal;
    private final RevocationLists lists;
    private final RevocationRecords records;
    private final Revocations revocations;
    private final Certifier certifier;

    private Authority(Store store, Optional<Passphrase> passphrase, Surroundings surroundings) {
        this.store = store;
        this.surroundings = surroundings;
        this.passphrase = passphrase;
        this.issuers = new Issuers(store.issuers(), passphrase);
        this.journal = store.journal();
        this.lists = new RevocationLists(store.revocationList(), journal, issuers, surroundings);
        this.records = new RevocationRecords(journal, surroundings);
        this.revocations = new Revocations(issuers, journal, lists, records, surroundings);
        this.certifier = new Certifier(issuers, journal, surroundings);
    }

    /**
     * Opens the authority of a store. Its key is decrypted when first needed.
     *
     * @param passphrase of the authority's key, taken over and wiped by {@link #close}; empty when the key is not encrypted
     * @throws AuthorityException.Unavailable when there is no authority
     */
    public static Authority open(Store store, Optional<Passphrase> passphrase, Surroundings surroundings) {
        store.requireOwn();
        store.requireAuthority();
        return new Authority(store, passphrase, surroundings);
    }

    /**
     * Refuses a lifetime that would be cut, because the authority expires before.
     *
     * @throws AuthorityException.Refused with the longest lifetime that there is
     */
    public void requireWithin(Duration lifetime) {
        alone(() -> {
            certifier.requireWithinIssuer(lifetime);
            return true;
        });
    }

    /**
     * Issues a certificate for a new key, and puts both into the store.
     *
     * @throws AuthorityException.Refused when the store already has a credential of that name, which is never overwritten, or the
     *     authority expires before the certificate would
     */
    public Issuance issue(Grant grant, KeyType type) {
        return alone(() -> {
                    certifier.requireWithinIssuer(grant.lifetime());
                    return makeIfMissing(grant, type);
                })
                .orElseThrow(() -> new AuthorityException.Refused(
                        store.credential(grant.name()) + " exists already",
                        Remedy.of("renew it")
                                .by(Act.on(Verb.REKEY, grant.name()))
                                .then(", or choose another name")));
    }

    /**
     * As {@link #issue}, but leaves an existing credential unchanged and then returns nothing. A credential with a missing file
     * is replaced. The certificate expires with the authority at the latest.
     */
    public Optional<Issuance> issueIfMissing(Grant grant, KeyType type) {
        return alone(() -> makeIfMissing(grant, type));
    }

    private Optional<Issuance> makeIfMissing(Grant grant, KeyType type) {
        if (store.holds(grant.name()) && !store.isIncomplete(grant.name())) {
            return Optional.empty();
        }
        return Optional.of(install(grant, type.generate(surroundings.random()), Certifier.Act.ISSUE));
    }

    /**
     * Certifies a key that stays with its owner; the store does not change.
     *
     * @param grant the contents of the certificate, whatever the request asks for
     * @throws AuthorityException.Refused when the request asks for more than the grant holds, or its key was compromised
     */
    public Issuance sign(Grant grant, SigningRequest request) {
        request.checkAgainst(grant);
        return alone(() -> {
            certifier.requireWithinIssuer(grant.lifetime());
            Issuance signed = certifier.certify(grant, request.key(), Certifier.Act.ISSUE);
            tidy();
            return signed;
        });
    }

    /**
     * Replaces a credential's certificate; key, names, purposes and lifetime stay.
     *
     * @throws AuthorityException.Refused when there is no such credential, another authority issued it, it was revoked, or its
     *     key cannot be used
     */
    public Issuance renew(String name) {
        return renew(name, UnaryOperator.identity());
    }

    /** As {@link #renew(String)}, for another lifetime. */
    public Issuance renew(String name, Duration lifetime) {
        return renew(name, grant -> grant.withLifetime(lifetime));
    }

    /**
     * As {@link #renew(String)}, for another grant. The certificate before it keeps its names until it expires.
     *
     * @param change from what the certificate says now to what its successor says; the credential's name stays
     */
    public Issuance renew(String name, UnaryOperator<Grant> change) {
        return alone(() -> {
            StoredCredential stored = ours(name);
            if (journal.find(stored.serialNumber()).flatMap(Issued::revocation).isPresent()) {
                throw new AuthorityException.Refused(
                        "'" + name + "' was revoked and is not renewed",
                        Remedy.of("give it a new key").by(Act.on(Verb.REKEY, name)));
            }
            stored.requireKey();
            store.requireWritable(name);
            Issuance renewed =
                    certifier.certify(changed(stored.grant(), change), stored.publicKey(), Certifier.Act.RENEW);
            store.install(name, renewed, stored.key());
            tidy();
            return renewed;
        });
    }

    /**
     * Replaces a credential's key and certificate; names, purposes, lifetime and the type of key stay. This also restores a
     * credential that was revoked or whose files were lost, because the journal has the contents of its certificate.
     *
     * @throws AuthorityException.Refused when there is no such credential, or another authority issued it
     */
    public Issuance rekey(String name) {
        return rekey(name, UnaryOperator.identity());
    }

    /**
     * As {@link #rekey(String)}, for another grant. The certificate before it keeps its names until it expires.
     *
     * @param change from what the certificate says now to what its successor says; the credential's name stays
     */
    public Issuance rekey(String name, UnaryOperator<Grant> change) {
        return alone(() -> {
            if (store.holds(name) && store.serialNumber(name).isEmpty()) {
                Grant last =
                        journal.latest(name).orElseThrow(() -> unknown(name)).grant();
                KeyPair pair = KeyType.EC_P256.generate(surroundings.random());
                return install(changed(last, change), pair, Certifier.Act.RENEW);
            }
            StoredCredential stored = ours(name);
            KeyPair pair = KeyType.like(stored.publicKey()).generate(surroundings.random());
            return install(changed(stored.grant(), change), pair, Certifier.Act.RENEW);
        });
    }

    /**
     * The credentials of the store that {@link #renew} accepts, in order: issued here, and not revoked. They include
     * credentials with lost or damaged files, so that their renewal reports the failure. Needs no passphrase.
     */
    public List<String> renewable() {
        return alone(() -> store.credentialNames().stream()
                .filter(name -> whyKept(name).isEmpty())
                .toList());
    }

    /** Why {@link #renew} would refuse a credential of the store, with the remedy; empty when it would not. Needs no passphrase. */
    public Optional<String> whyNotRenewable(String name) {
        return alone(() -> whyKept(name));
    }

    private Optional<String> whyKept(String name) {
        Optional<BigInteger> serialNumber =
                store.credentialFiles(name).isOurs() ? store.serialNumber(name) : Optional.of(BigInteger.ZERO);
        if (serialNumber.isEmpty()) {
            return Optional.empty();
        }
        Optional<Issued> issued = journal.find(serialNumber.get());
        if (issued.isEmpty()) {
            return Optional.of("issued elsewhere; renew it there");
        }
        return issued.get().revocation().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "revoked; " + Remedy.of("bring it back with a new key").by(Act.on(Verb.REKEY, name)));
    }

    /**
     * Removes a credential with its key from the store. Every certificate of its name that is still valid is revoked first. A
     * process that is killed in between therefore leaves a revoked credential, which can be deleted again.
     *
     * @param revocation the reason for revoking its certificates; empty to leave them valid until they expire
     * @return the revoked certificates
     * @throws AuthorityException.Refused when there is no such credential
     * @throws AuthorityException.StoreFailed when it comes from elsewhere
     */
    public List<Issued> delete(String name, Optional<RevocationReason> revocation) {
        return alone(() -> {
            SwappedDirectory files = store.credentialFiles(name);
            if (!files.exists() && !files.hasVersions()) {
                throw unknown(name);
            }
            files.requireOurs();
            List<Issued> revoked = revocation
                    .map(reason -> revocations.revokeValid(
                            issued -> issued.credential().equals(name), reason))
                    .orElse(List.of());
            records.complete();
            journal.deleted(name, surroundings.now());
            files.delete();
            return revoked;
        });
    }

    /**
     * Revokes every certificate that was issued to a name and is still valid, and publishes the CRL. When none is valid, revokes the
     * latest one that could still be renewed over the network.
     *
     * @return the revoked certificates, at least one
     * @throws AuthorityException.Refused when no certificate of that name is still valid, or could be renewed
     */
    public List<Issued> revoke(String name, RevocationReason reason) {
        List<String> names =
                issued().stream().map(Issued::credential).distinct().toList();
        String meant = names.contains(name)
                ? ""
                : Nearest.to(name, names)
                        .map(near -> "did you mean " + near + "? Otherwise ")
                        .orElse("");
        return alone(() -> revocations.revoke(
                issued -> issued.credential().equals(name), "issued to '" + name + "'", meant, reason));
    }

    /**
     * Revokes one certificate, and publishes the CRL.
     *
     * @return the revoked certificate
     * @throws AuthorityException.Refused when no such certificate is still valid
     */
    public Issued revoke(BigInteger serialNumber, RevocationReason reason) {
        String which = "with the serial number " + serialNumber.toString(16);
        return alone(() -> revocations.revoke(issued -> issued.serialNumber().equals(serialNumber), which, "", reason))
                .get(0);
    }

    /** All issued certificates, oldest first. Needs no passphrase. */
    public List<Issued> issued() {
        return journal.issued();
    }

    /** The trust anchors for holders of our certificates, the current one first. Needs no passphrase. */
    public TrustAnchors anchors() {
        return alone(() -> new TrustAnchors(issuers.anchors()));
    }

    /** The steps from this authority to the next one. */
    public Rollover rollover() {
        return new Rollover(store, issuers, journal, lists, surroundings);
    }

    /** The certificates that machines elsewhere get over the network. */
    public Enrolment enrolment() {
        return new Enrolment(store, certifier, issuers, journal, surroundings, this::tidy);
    }

    /**
     * Publishes the CRL again when it is missing, a day old, or behind the journal because a process died. Records in the audit
     * log the revocations that such a process did not record.
     *
     * @return whether it was written
     */
    public boolean refreshRevocationList() {
        return alone(revocations::refresh);
    }

    /** Wipes the passphrase. */
    @Override
    public void close() {
        passphrase.ifPresent(Passphrase::close);
    }

    @Override
    public String toString() {
        return "Authority[" + store.directory() + ", keys redacted]";
    }

    /** Checks that there is a signing key, and a passphrase that decrypts it. */
    void openKey() {
        alone(() -> {
            issuers.check();
            return true;
        });
    }

    /** Whether the store has such a credential, but another authority issued it and has to renew it. */
    boolean isFromElsewhere(String name) {
        return alone(() -> store.holds(name)
                && journal.find(StoredCredential.read(store.credentialFiles(name), name)
                                .serialNumber())
                        .isEmpty());
    }

    /** As {@link #refreshRevocationList}; but the CRL's age alone is no reason. */
    boolean repairRevocationList() {
        return alone(revocations::repair);
    }

    private <T> T alone(Supplier<T> act) {
        return store.lock().alone(act);
    }

    /** Refuses a requested lifetime that is too long, but shortens an inherited one, so that renewals continue. */
    private Grant changed(Grant grant, UnaryOperator<Grant> change) {
        Grant changed = change.apply(grant);
        if (!changed.name().equals(grant.name())) {
            throw new IllegalArgumentException("a credential keeps its name: " + grant.name());
        }
        if (!changed.lifetime().equals(grant.lifetime())) {
            certifier.requireWithinIssuer(changed.lifetime());
        }
        return changed;
    }

    private AuthorityException unknown(String name) {
        return new AuthorityException.Refused(
                "there is no credential '" + name + "' in " + store.directory() + ", which has "
                        + String.join(", ", store.credentialNames()),
                Nearest.to(name, store.credentialNames())
                        .map(near -> Remedy.of("did you mean " + near + "? Otherwise "))
                        .orElseGet(() -> Remedy.of("correct the name, or "))
                        .then(Act.on(Verb.ISSUE, name)));
    }

    private StoredCredential ours(String name) {
        if (!store.holds(name)) {
            throw unknown(name);
        }
        StoredCredential stored = StoredCredential.read(store.credentialFiles(name), name);
        if (journal.find(stored.serialNumber()).isEmpty()) {
            throw new AuthorityException.Refused(
                    store.credential(name) + " was not issued by this authority", "renew it with its own issuer");
        }
        return stored;
    }

    private Issuance install(Grant grant, KeyPair pair, Certifier.Act act) {
        store.requireWritable(grant.name());
        Issuance issuance = certifier.certify(grant, pair.getPublic(), act);
        store.install(grant.name(), issuance, Pem.key(pair.getPrivate(), pair.getPublic()));
        tidy();
        return issuance;
    }

    /** Keeps a credential of the store in the journal, however long ago it expired, because it can be renewed. */
    private void tidy() {
        revocations.refresh();
        journal.forget(
                surroundings.now(),
                WORTH_TIDYING,
                () -> store.credentialNames().stream()
                        .map(store::serialNumber)
                        .flatMap(Optional::stream)
                        .collect(Collectors.toSet()));
    }
}
