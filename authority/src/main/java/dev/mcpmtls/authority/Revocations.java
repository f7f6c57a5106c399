// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.authority.Issued.Revocation;
import dev.mcpmtls.authority.Issued.Status;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/** Finds the certificates that are to be revoked, and revokes them: in the journal, in the CRL, and in the audit log. Used under the store's lock. */
final class Revocations {

    private final Issuers issuers;
    private final Journal journal;
    private final RevocationLists lists;
    private final RevocationRecords records;
    private final Surroundings surroundings;

    Revocations(
            Issuers issuers,
            Journal journal,
            RevocationLists lists,
            RevocationRecords records,
            Surroundings surroundings) {
        this.issuers = issuers;
        this.journal = journal;
        this.lists = lists;
        this.records = records;
        this.surroundings = surroundings;
    }

    /**
     * Revokes those of the chosen certificates that are valid, else the latest that could still be renewed over the network.
     *
     * @param which the choice, for the message
     * @param meant the beginning of its remedy; may be empty
     * @return at least one
     * @throws AuthorityException.Refused when there is none
     */
    List<Issued> revoke(Predicate<Issued> chosen, String which, String meant, RevocationReason reason) {
        List<Issued> good = valid(chosen);
        if (good.isEmpty()) {
            good = latestRenewable(chosen);
        }
        if (good.isEmpty()) {
            var unused = repair();
            throw new AuthorityException.Refused(
                    "no certificate " + which + " is still valid",
                    Remedy.of(meant).then(Act.of(Verb.LIST_CERTIFICATES)));
        }
        return revoke(good, reason);
    }

    /** Revokes those of the chosen certificates that are valid, of which there may be none. */
    List<Issued> revokeValid(Predicate<Issued> chosen, RevocationReason reason) {
        List<Issued> good = valid(chosen);
        return good.isEmpty() ? good : revoke(good, reason);
    }

    /** Writes the CRL when it is missing, old or behind the journal, and completes the records. */
    boolean refresh() {
        boolean isWritten = lists.refresh();
        records.complete();
        return isWritten;
    }

    /** As {@link #refresh}; but the CRL's age alone is no reason. */
    boolean repair() {
        boolean isWritten = lists.repair();
        records.complete();
        return isWritten;
    }

    private List<Issued> valid(Predicate<Issued> chosen) {
        return journal.issued().stream()
                .filter(chosen)
                .filter(issued -> issued.status(surroundings.now()) == Status.VALID)
                .toList();
    }

    /** The latest certificate that expired a short time ago: a machine that was switched off could renew it over the network. */
    private List<Issued> latestRenewable(Predicate<Issued> chosen) {
        return journal.issued().stream()
                .filter(chosen)
                .reduce((before, after) -> after)
                .filter(issued -> issued.status(surroundings.now()) == Status.EXPIRED)
                .filter(issued -> surroundings.now().isBefore(issued.notAfter().plus(Enrolment.LONGEST_GRACE)))
                .stream()
                .toList();
    }

    private List<Issued> revoke(List<Issued> good, RevocationReason reason) {
        issuers.check(); // without its key no list can be published, and nothing is to be revoked in secret
        Instant now = surroundings.now();
        journal.revoked(good.stream().map(Issued::serialNumber).toList(), new Revocation(now, reason));
        lists.write();
        // A revocation stands even when it cannot be recorded; the caller still receives the failure.
        records.complete();
        return good.stream()
                .map(issued -> journal.find(issued.serialNumber()).orElseThrow())
                .toList();
    }
}
