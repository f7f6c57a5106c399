// SPDX-License-Identifier: Apache-2.0
/**
 * Which tokens does this client have? One file for each server, which only its owner can read.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.oauth.client.store.TokenStore}.
 */
@NullMarked
package dev.mcpmtls.oauth.client.store;

import org.jspecify.annotations.NullMarked;
