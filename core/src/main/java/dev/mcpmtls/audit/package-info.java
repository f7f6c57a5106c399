// SPDX-License-Identifier: Apache-2.0
/**
 * What happened, in order: the events of the security log and the sink they go to.
 *
 * <p>Start at {@link dev.mcpmtls.audit.AuditEvent} and {@link dev.mcpmtls.audit.AuditSink}. Events never hold keys, tokens or
 * tool arguments.
 */
@NullMarked
package dev.mcpmtls.audit;

import org.jspecify.annotations.NullMarked;
