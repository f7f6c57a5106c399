// SPDX-License-Identifier: Apache-2.0
/**
 * Who asks, and how is the answer sent? HTTP for the page and its API, read-only.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.console.web.ConsoleRequests}.
 */
@NullMarked
package dev.mcpmtls.console.web;

import org.jspecify.annotations.NullMarked;
