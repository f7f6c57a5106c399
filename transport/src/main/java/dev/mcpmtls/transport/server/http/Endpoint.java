// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.transport.server.call.IncomingRequest;

/** What is at the path of MCP. Every method may throw what the request is then refused with. */
public interface Endpoint {

    /** A POST. */
    void post(IncomingRequest incoming, JsonRpcMessage message);

    /** A GET. */
    void get(IncomingRequest incoming);

    /** A DELETE. */
    void delete(IncomingRequest incoming);
}
