// SPDX-License-Identifier: Apache-2.0
/**
 * How do the CRLs arrive that certificates name themselves? Start at {@link dev.mcpmtls.tls.revocation.CrlFetch}; a {@code FileWatch}
 * runs one for as long as it is open.
 */
@NullMarked
package dev.mcpmtls.tls.revocation;

import org.jspecify.annotations.NullMarked;
