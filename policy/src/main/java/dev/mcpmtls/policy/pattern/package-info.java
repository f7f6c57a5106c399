// SPDX-License-Identifier: Apache-2.0
/**
 * Does this rule's pattern match this resource? The grammar itself is {@link dev.mcpmtls.identity.pattern}. Start at {@link
 * dev.mcpmtls.policy.pattern.ResourceUri}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.policy.pattern;

import org.jspecify.annotations.NullMarked;
