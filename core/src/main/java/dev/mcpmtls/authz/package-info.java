// SPDX-License-Identifier: Apache-2.0
/**
 * May this peer make this call? Start at {@link dev.mcpmtls.authz.AccessPolicy}.
 */
@NullMarked
package dev.mcpmtls.authz;

import org.jspecify.annotations.NullMarked;
