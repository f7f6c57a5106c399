// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A backend's description of itself.
 *
 * @param name under which calls to it are decided and recorded
 * @param info its {@code serverInfo}, as anything that becomes a JSON object
 * @param capabilities the JSON object
 */
public record Description(
        String name,
        Object info,
        Map<String, Object> capabilities,
        @Nullable String instructions) {

    /** Whether it declares a capability. */
    public boolean offers(String capability) {
        return capabilities.get(capability) != null;
    }

    /** Whether it declares a capability with a part that is optional, such as {@code listChanged}. */
    public boolean offers(String capability, String part) {
        return Boolean.TRUE.equals(
                JsonRpcMessage.object(capabilities.get(capability)).get(part));
    }
}
