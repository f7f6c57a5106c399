// SPDX-License-Identifier: Apache-2.0
/**
 * Are the tools of a server elsewhere still those that its operator approved? Lists and calls of each session are held against the pins
 * of its entry.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.pins.EntryPins}.
 */
@NullMarked
package dev.mcpmtls.gateway.pins;

import org.jspecify.annotations.NullMarked;
