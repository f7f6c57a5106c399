// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.events;

import dev.mcpmtls.auditlog.AuditFilter;
import dev.mcpmtls.auditlog.AuditRecord;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A selection of events.
 *
 * @param general peer, reason, action, connection and earliest time
 * @param servers either name of a server; empty for all
 * @param tool exactly; empty for all
 * @param outcome {@code success}, {@code failure}, or empty for both
 * @param until the latest time
 */
public record EventFilter(AuditFilter general, Set<String> servers, String tool, String outcome, Instant until)
        implements Predicate<AuditRecord> {

    /** Copies the set. */
    public EventFilter {
        servers = Set.copyOf(servers);
    }

    @Override
    public boolean test(AuditRecord record) {
        return (outcome.isEmpty() || record.field("event.outcome").equals(outcome))
                && (tool.isEmpty() || record.field("mcp_mtls.target").equals(tool))
                && (servers.isEmpty()
                        || servers.contains(record.field("service.name"))
                        || servers.contains(record.field("mcp_mtls.server")))
                && !record.at().isAfter(until)
                && general.test(record);
    }
}
