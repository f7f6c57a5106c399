// SPDX-License-Identifier: Apache-2.0
/**
 * What was recorded, and is it complete? The audit events as JSON lines on disk: appended, made durable, chained by hash,
 * rotated, read back and verified.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.auditlog.AuditLog} to write, {@link dev.mcpmtls.auditlog.AuditReader} to read and {@link
 * dev.mcpmtls.auditlog.AuditVerifier} to prove. One line is one flat JSON object in ASCII whose names are those of the Elastic
 * Common Schema; {@link dev.mcpmtls.auditlog.AuditRecord} lists them.
 *
 * <p>Every record carries {@code event.sequence}, counted from 1, and {@code mcp_mtls.chain}, the SHA-256 of the line before
 * it. A record that is changed, removed, added or moved breaks the chain. The chain has no secret: a user who may write the
 * file can recompute all of it. A verifier with an earlier chain head from elsewhere therefore proves more than one without.
 */
@NullMarked
package dev.mcpmtls.auditlog;

import org.jspecify.annotations.NullMarked;
