// SPDX-License-Identifier: Apache-2.0
/**
 * Does this pattern match this name? One grammar for access rules and trust anchors: {@code *} within a segment, {@code **} across. Start
 * at {@link dev.mcpmtls.identity.pattern.NamePattern} (peers) or {@link dev.mcpmtls.identity.pattern.Glob} (any other name).
 */
@NullMarked
package dev.mcpmtls.identity.pattern;

import org.jspecify.annotations.NullMarked;
