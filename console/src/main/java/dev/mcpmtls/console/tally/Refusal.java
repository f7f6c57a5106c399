// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.audit.ConnectionFacts;
import java.time.Instant;
import java.util.Optional;

/**
 * Refusals of one peer at one server for one reason, in a window.
 *
 * @param server as in the audit log; empty when they are not those of one server
 * @param side which end we are; empty in a summary
 * @param peer the name that it claims, which may be false; empty without a certificate
 * @param reason a code of the audit log
 * @param lastConnection empty in a summary
 */
public record Refusal(
        String server,
        Optional<ConnectionFacts.Side> side,
        String peer,
        String reason,
        long count,
        Instant lastAt,
        String lastConnection) {}
