// SPDX-License-Identifier: Apache-2.0
/**
 * What does one process run? Servers, their health and metrics, and the renewal of their credentials, all from {@link
 * dev.mcpmtls.runtime.settings.Settings}. Nothing here prints or ends the process, so that any program can hold it.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.runtime.RunningServers}.
 */
@NullMarked
package dev.mcpmtls.runtime;

import org.jspecify.annotations.NullMarked;
