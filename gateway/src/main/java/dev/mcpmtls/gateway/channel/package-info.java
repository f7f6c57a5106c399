// SPDX-License-Identifier: Apache-2.0
/**
 * How do messages reach a server elsewhere? Its kinds, standard streams and HTTP, have this in common.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.channel.Channel}.
 */
@NullMarked
package dev.mcpmtls.gateway.channel;

import org.jspecify.annotations.NullMarked;
