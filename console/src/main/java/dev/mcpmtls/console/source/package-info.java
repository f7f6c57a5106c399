// SPDX-License-Identifier: Apache-2.0
/**
 * Where do the answers come from? The servers, rules, credentials and logs of one process, as the console reads them.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.console.source.Sources}.
 */
@NullMarked
package dev.mcpmtls.console.source;

import org.jspecify.annotations.NullMarked;
