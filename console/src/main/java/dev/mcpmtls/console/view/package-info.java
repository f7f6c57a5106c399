// SPDX-License-Identifier: Apache-2.0
/**
 * What does each answer of the API say? Maps, lists, text and numbers, which become JSON elsewhere; {@code docs/reference/console-api.md} describes
 * each.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.console.view.MapView}.
 */
@NullMarked
package dev.mcpmtls.console.view;

import org.jspecify.annotations.NullMarked;
