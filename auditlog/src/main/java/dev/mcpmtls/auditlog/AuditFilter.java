// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A selection of records. Empty texts match everything.
 *
 * @param peer part of the peer's identity, subject, alternative names, address or credential; case is ignored
 * @param reason a reason code, for example {@code EXPIRED}; also matches peers that strict validation would have refused
 * @param action an action, for example {@code tls-rejected}
 * @param connection a connection id
 * @param since records of this instant and later
 */
public record AuditFilter(String peer, String reason, String action, String connection, Instant since)
        implements Predicate<AuditRecord> {

    private static final String[] PEER_FIELDS = {
        "mcp_mtls.identity",
        "mcp_mtls.credential",
        "source.ip",
        "destination.ip",
        "tls.client.x509.subject.distinguished_name",
        "tls.client.x509.alternative_names",
        "tls.server.x509.subject.distinguished_name",
        "tls.server.x509.alternative_names"
    };

    static final List<String> REASON_FIELDS = List.of("event.reason", "mcp_mtls.findings", "mcp_mtls.would_reject");

    /** Everything. */
    public static AuditFilter everything() {
        return new AuditFilter("", "", "", "", Instant.MIN);
    }

    @Override
    public boolean test(AuditRecord record) {
        return !record.at().isBefore(since)
                && (action.isEmpty() || record.field("event.action").equalsIgnoreCase(action))
                && (connection.isEmpty()
                        || record.field("mcp_mtls.connection_id").equals(connection))
                && (reason.isEmpty() || hasReason(record))
                && (peer.isEmpty() || concernsPeer(record));
    }

    private boolean hasReason(AuditRecord record) {
        String code = reason.toUpperCase(Locale.ROOT).replace('-', '_');
        return REASON_FIELDS.stream()
                .flatMap(field -> Stream.of(record.field(field).split(",")))
                .anyMatch(code::equals);
    }

    private boolean concernsPeer(AuditRecord record) {
        String wanted = peer.toLowerCase(Locale.ROOT);
        for (String field : PEER_FIELDS) {
            if (record.field(field).toLowerCase(Locale.ROOT).contains(wanted)) {
                return true;
            }
        }
        return false;
    }
}
