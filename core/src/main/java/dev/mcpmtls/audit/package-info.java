// SPDX-License-Identifier: Apache-2.0
/**
 * What happened, and in which order? The events of the audit log and the sink that receives them.
 *
 * <p>Start at {@link dev.mcpmtls.audit.AuditEvent} and {@link dev.mcpmtls.audit.AuditSink}. Events never hold keys, tokens or
 * tool arguments.
 */
@NullMarked
package dev.mcpmtls.audit;

import org.jspecify.annotations.NullMarked;
