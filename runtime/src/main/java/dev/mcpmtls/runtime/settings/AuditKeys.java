// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.auditlog.AuditSettings.OnFailure;
import dev.mcpmtls.auditlog.AuditSettings.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings of {@code audit}. */
public final class AuditKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** The audit log. */
    public static final Key<Path> AUDIT_FILE =
            TABLE.key("audit.file", Type.path(), "audit.jsonl", "the audit log; off: none");

    /** Whether servers answer requests that cannot be recorded. */
    public static final Key<OnFailure> AUDIT_ON_FAILURE = TABLE.key(
            "audit.on-failure",
            Type.words(OnFailure.values()),
            "deny",
            "whether servers go on when the audit log cannot be written");

    /** How durable the audit log is. */
    public static final Key<Sync> AUDIT_SYNC =
            TABLE.key("audit.sync", Type.of("DURATION|always", AuditKeys::sync), "1s", "when records reach the disk");

    /** The size at which the audit log is rotated. */
    public static final Key<Long> AUDIT_ROTATE_SIZE = TABLE.key(
            "audit.rotate-size", Type.size(), "64MiB", "the size at which the file is rotated and compressed");

    /** The age at which the audit log is rotated. */
    public static final Key<Duration> AUDIT_ROTATE_AFTER = TABLE.key(
            "audit.rotate-after", Type.duration(), "1d", "the age at which the file is rotated and compressed");

    /** How long a record may take. */
    public static final Key<Duration> AUDIT_TIMEOUT = TABLE.key(
            "audit.timeout", Type.duration(), "10s", "how long a record may take; then its request is refused");

    /** Rejected peers in the audit log. */
    public static final Key<Integer> AUDIT_REJECTIONS = TABLE.key(
            "audit.rejections-per-minute",
            Type.number(1, 1_000_000),
            "600",
            "how many rejected handshakes a server records one by one; the others are summed up");

    /** Rejected peers from one address in the audit log. */
    public static final Key<Integer> AUDIT_REJECTIONS_PER_ADDRESS = TABLE.key(
            "audit.rejections-per-minute-per-address",
            Type.number(1, 1_000_000),
            "120",
            "how many rejected handshakes from one address a server records one by one");

    private AuditKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }

    private static Sync sync(String text) {
        try {
            return text.equals("always") ? new Sync.Always() : new Sync.Every(Type.parseDuration(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ", nor 'always'", e);
        }
    }
}
