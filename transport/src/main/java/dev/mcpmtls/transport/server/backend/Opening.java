// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Caller;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a client opens a session.
 *
 * @param hello the client's description of itself: the parameters of {@code initialize}, or what a modern request says in their place
 * @param initialize the request that opens a legacy session; null in the modern era
 */
public record Opening(
        Caller caller, Map<String, Object> hello, @Nullable Request initialize) {}
