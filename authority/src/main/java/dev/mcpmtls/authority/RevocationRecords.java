// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditEvent.CertificateRevoked;
import dev.mcpmtls.audit.AuditSink;

/**
 * Puts revocations from the journal into the audit log, also those of a process that was killed before it did so. Their records
 * carry the time of the revocation. A process that is killed between record and journal leaves a second, equal record.
 */
final class RevocationRecords {

    private final Journal journal;
    private final Surroundings surroundings;

    RevocationRecords(Journal journal, Surroundings surroundings) {
        this.journal = journal;
        this.surroundings = surroundings;
    }

    /** Records what is unrecorded; without an audit log, a later process with one does. */
    void complete() {
        if (surroundings.audit().equals(AuditSink.none())) {
            return;
        }
        for (Issued revoked : journal.unrecorded()) {
            surroundings.record(new CertificateRevoked(
                    revoked.revocation().orElseThrow().at(), revoked.credential(), revoked.serialNumber()));
            journal.recorded(revoked.serialNumber(), surroundings.now());
        }
    }
}
