// SPDX-License-Identifier: Apache-2.0
/**
 * Who vouches for our names? A small certification authority and the store it writes to: initialise, issue, renew, revoke.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.authority.Initialisation} (the work of {@code init}) or {@link
 * dev.mcpmtls.authority.Authority} (an existing authority). Servers and clients do not need this module: they load its files,
 * or any others of the same names.
 */
@NullMarked
package dev.mcpmtls.authority;

import org.jspecify.annotations.NullMarked;
