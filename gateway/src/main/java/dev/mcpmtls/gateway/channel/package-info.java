// SPDX-License-Identifier: Apache-2.0
/**
 * How do messages reach a server elsewhere? What is common to its kinds: standard streams and HTTP.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.channel.Channel}.
 */
@NullMarked
package dev.mcpmtls.gateway.channel;

import org.jspecify.annotations.NullMarked;
