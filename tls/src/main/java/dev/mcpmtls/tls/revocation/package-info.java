// SPDX-License-Identifier: Apache-2.0
/**
 * How are the CRLs downloaded that certificates name in their distribution points? Start at {@link
 * dev.mcpmtls.tls.revocation.CrlFetch}; a {@code FileWatch} runs one for as long as it is open.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.tls.revocation;

import org.jspecify.annotations.NullMarked;
