// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.EnrolmentGranted;
import dev.mcpmtls.audit.AuditEvent.EnrolmentRefused;
import dev.mcpmtls.audit.AuditEvent.InvitationMade;
import dev.mcpmtls.audit.AuditEvent.InvitationWithdrawn;
import java.util.function.BiConsumer;

/** The fields of events about machines that get their certificates over the network. */
final class EnrolmentFields {

    private EnrolmentFields() {}

    /** Adds the fields of such an event; none for any other. */
    static void of(AuditEvent event, BiConsumer<String, Object> fields) {
        if (event instanceof InvitationMade e) {
            fields.accept("message", "invitation for " + e.credential() + ", valid until " + e.expiresAt());
            fields.accept("mcp_mtls.invitation", e.invitation());
            fields.accept("mcp_mtls.credential", e.credential());
        } else if (event instanceof InvitationWithdrawn e) {
            fields.accept("message", "invitation for " + e.credential() + " withdrawn");
            fields.accept("mcp_mtls.invitation", e.invitation());
            fields.accept("mcp_mtls.credential", e.credential());
        } else if (event instanceof EnrolmentGranted e) {
            fields.accept("message", e.credential() + " enrolled by " + e.by());
            fields.accept("source.ip", e.address());
            fields.accept("mcp_mtls.credential", e.credential());
            fields.accept("file.x509.serial_number", CertificateFields.serialNumber(e.serialNumber()));
        } else if (event instanceof EnrolmentRefused e) {
            fields.accept("event.reason", e.reason());
            fields.accept("message", e.why());
            fields.accept("source.ip", e.address());
            e.credential().ifPresent(name -> fields.accept("mcp_mtls.credential", name));
        }
    }
}
