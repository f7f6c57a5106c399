// SPDX-License-Identifier: Apache-2.0
/**
 * Which machines may bring themselves in? The command {@code authority}.
 *
 * <p>Start at {@link dev.mcpmtls.cli.authority.AuthorityCommand}.
 */
@NullMarked
package dev.mcpmtls.cli.authority;

import org.jspecify.annotations.NullMarked;
