// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.source;

import dev.mcpmtls.metrics.AuditWatch;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The audit log of this process.
 *
 * @param file empty when none is kept
 * @param lost the number of records that could not be written since the start
 */
public record AuditSource(Optional<Path> file, AuditWatch watch, LongSupplier lost) {}
