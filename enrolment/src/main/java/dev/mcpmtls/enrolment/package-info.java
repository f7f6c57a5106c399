// SPDX-License-Identifier: Apache-2.0
/**
 * How does another machine get its certificates? Joining with an invitation, and renewing afterwards, by EST (RFC 7030 with RFC 8951's
 * clarifications). The other side is in {@code server}.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.enrolment.Join}.
 */
@NullMarked
package dev.mcpmtls.enrolment;

import org.jspecify.annotations.NullMarked;
