// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.HeaderName;
import io.vertx.core.MultiMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request that the shell has let in.
 *
 * @param connection where it came from; gives the caller
 * @param headers as sent; never a source of identity
 * @param reply what answers it
 */
record IncomingRequest(Connection connection, MultiMap headers, ResponseWriter reply) {

    Caller caller() {
        return connection.caller();
    }

    Owner owner() {
        return connection.owner();
    }

    /**
     * The header's value; null when absent.
     *
     * @throws RefusedException when the header is there twice
     */
    @Nullable
    String header(String name) {
        List<String> values = headers.getAll(name);
        if (values.size() > 1) {
            boolean mirrors = name.regionMatches(true, 0, "Mcp-", 0, 4) && !name.equals(HeaderName.SESSION_ID);
            throw new RefusedException(
                    400,
                    mirrors ? ErrorCode.HEADER_MISMATCH : ErrorCode.INVALID_REQUEST,
                    "the header " + name + " is there more than once");
        }
        return values.isEmpty() ? null : values.get(0);
    }
}
