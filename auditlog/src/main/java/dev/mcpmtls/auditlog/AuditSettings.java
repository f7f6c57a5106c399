// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of an audit log. Start from {@link #of} and change single settings.
 *
 * @param file the file being appended to; rotated files lie beside it
 * @param sync how durable a record is before its stage completes
 * @param onFailure the effect on service when a record cannot be written
 * @param rotateSize a file of this many bytes is rotated
 * @param rotateAfter a file whose first record is this old is rotated
 */
public record AuditSettings(Path file, Sync sync, OnFailure onFailure, long rotateSize, Duration rotateAfter) {

    /** The time at which records reach the disk itself rather than the operating system. */
    public sealed interface Sync {
        /** A record survives the end of the process at once, and and a power cut after at most this interval. */
        record Every(Duration interval) implements Sync {}

        /** A record survives a power cut before its stage completes; records that wait together share one sync. */
        record Always() implements Sync {}
    }

    /** The choice between no service without audit, and service without audit. */
    public enum OnFailure {
        /** The stage of a record that could not be written completes exceptionally. */
        DENY,
        /** The stage completes normally; the loss is counted, logged and recorded once writing works again. */
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

    /** With another effect of failure. */
    public AuditSettings withOnFailure(OnFailure other) {
        return new AuditSettings(file, sync, other, rotateSize, rotateAfter);
    }

    /** With other bounds on one file. */
    public AuditSettings withRotation(long size, Duration after) {
        return new AuditSettings(file, sync, onFailure, size, after);
    }
}
