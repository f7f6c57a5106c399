// SPDX-License-Identifier: Apache-2.0
/**
 * What was this process told to do, and by whom? Every setting is one row of {@link dev.mcpmtls.runtime.settings.Keys}; the file, the
 * environment, the flags, the help and the list of settings are all read off that table.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.runtime.settings.Settings}. A flag wins over a variable, a variable over the file, the file over the
 * default.
 */
@NullMarked
package dev.mcpmtls.runtime.settings;

import org.jspecify.annotations.NullMarked;
