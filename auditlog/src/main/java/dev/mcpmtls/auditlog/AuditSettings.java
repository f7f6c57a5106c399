// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How an audit log is kept. Start from {@link #of} and change what differs.
 *
 * @param file the file being appended to; rotated files lie beside it
 * @param sync how durable a record is before its stage completes
 * @param onFailure what happens to service when a record cannot be written
 * @param rotateSize a file of this many bytes is rotated
 * @param rotateAfter a file whose first record is this old is rotated
 */
public record AuditSettings(Path file, Sync sync, OnFailure onFailure, long rotateSize, Duration rotateAfter) {

    /** When records reach the disk itself rather than the operating system. */
    public sealed interface Sync {
        /** A record survives the end of the process at once and a loss of power after at most this long. */
        record Every(Duration interval) implements Sync {}

        /** A record survives a loss of power before its stage completes; records that wait together share one sync. */
        record Always() implements Sync {}
    }

    /** No audit, no service; or service without audit. */
    public enum OnFailure {
        /** The stage of a record that could not be written completes exceptionally. */
        DENY,
        /** It completes normally; the loss is counted, logged and recorded once writing works again. */
        CONTINUE
    }

    /** Checks the bounds. */
    public AuditSettings {
        if (rotateSize < 1 || rotateAfter.isNegative() || rotateAfter.isZero()) {
            throw new IllegalArgumentException("rotation needs a positive size and period");
        }
    }

    /** The defaults: sync each second, no audit no service, a new file each day or 64 MiB. */
    public static AuditSettings of(Path file) {
        return new AuditSettings(
                file, new Sync.Every(Duration.ofSeconds(1)), OnFailure.DENY, 64L << 20, Duration.ofDays(1));
    }

    /** With another durability. */
    public AuditSettings withSync(Sync other) {
        return new AuditSettings(file, other, onFailure, rotateSize, rotateAfter);
    }

    /** With another answer to failure. */
    public AuditSettings withOnFailure(OnFailure other) {
        return new AuditSettings(file, sync, other, rotateSize, rotateAfter);
    }

    /** With other bounds on one file. */
    public AuditSettings withRotation(long size, Duration after) {
        return new AuditSettings(file, sync, onFailure, size, after);
    }
}
