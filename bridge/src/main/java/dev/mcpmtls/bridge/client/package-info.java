// SPDX-License-Identifier: Apache-2.0
/**
 * What does a server answer to a command? Start at {@link dev.mcpmtls.bridge.client.ServerClient}, which asks one server in either era and
 * waits for each answer.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.bridge.client;

import org.jspecify.annotations.NullMarked;
