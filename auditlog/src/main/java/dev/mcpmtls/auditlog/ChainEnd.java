// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.identity.Sha256;
import java.nio.charset.StandardCharsets;

/**
 * The end of a chain of records, to which the next record refers.
 *
 * @param sequence the last record's number, 0 before the first
 * @param hash the SHA-256 of the last record's line without its newline, 64 hexadecimal digits; zeros before the first
 */
public record ChainEnd(long sequence, String hash) {

    /** The end before the first record. */
    static final ChainEnd GENESIS = new ChainEnd(0, "0".repeat(64));

    static ChainEnd after(AuditRecord record) {
        return new ChainEnd(record.sequence(), Sha256.hex(record.line().getBytes(StandardCharsets.UTF_8)));
    }
}
