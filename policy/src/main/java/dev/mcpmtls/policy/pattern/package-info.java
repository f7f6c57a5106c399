// SPDX-License-Identifier: Apache-2.0
/**
 * Does this pattern match this name? One grammar for all selectors: {@code *} within a segment, {@code **} across. Start at {@link
 * dev.mcpmtls.policy.pattern.Glob} (tools, resources) or {@link dev.mcpmtls.policy.pattern.NamePattern} (peers).
 */
@NullMarked
package dev.mcpmtls.policy.pattern;

import org.jspecify.annotations.NullMarked;
