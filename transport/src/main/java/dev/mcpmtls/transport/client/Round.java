// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import java.util.Map;

/**
 * One attempt at a request. Each has its own id on the wire, as the specification requires.
 *
 * @param corrected whether the tools were learnt again because the server missed a header
 */
record Round(JSONRPCRequest request, Map<String, Object> params, int number, boolean corrected) {

    String wireId() {
        return number == 0 ? String.valueOf(request.id()) : request.id() + "/" + number;
    }

    Round next(Map<String, Object> nextParams, boolean nowCorrected) {
        return new Round(request, nextParams, number + 1, nowCorrected);
    }
}
