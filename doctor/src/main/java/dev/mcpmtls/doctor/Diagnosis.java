// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Status;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The result of all checks.
 *
 * @param checks in the order of the way; the last one that failed is usually the cause of what is missing after it
 * @param connectionId under which the server's audit log has the connection; empty when it did not get that far
 */
public record Diagnosis(List<Check> checks, Optional<String> connectionId) {

    /** Copies the list. */
    public Diagnosis {
        checks = List.copyOf(checks);
    }

    /** How bad it is. */
    public Status status() {
        return checks.stream().map(Check::status).max(Comparator.naturalOrder()).orElse(Status.OK);
    }

    /** The first thing that does not work. */
    public Optional<Check> firstFailure() {
        return checks.stream().filter(check -> check.status() == Status.FAILED).findFirst();
    }
}
