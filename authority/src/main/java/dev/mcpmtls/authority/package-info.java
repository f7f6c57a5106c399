// SPDX-License-Identifier: Apache-2.0
/**
 * Who vouches for our names? A small certification authority and the store it writes to: initialise, issue, renew, revoke.
 *
 * <p>Start at {@link dev.mcpmtls.authority.Initialisation} (what {@code init} does) or {@link
 * dev.mcpmtls.authority.Authority} (an authority that exists). Servers and clients do not need this room: they load the
 * files it leaves behind, or any others of the same names.
 */
@NullMarked
package dev.mcpmtls.authority;

import org.jspecify.annotations.NullMarked;
