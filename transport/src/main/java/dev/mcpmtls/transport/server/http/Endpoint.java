// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.transport.server.call.IncomingRequest;

/** The handler of the MCP path. Every method may throw an exception; the request is then refused. */
public interface Endpoint {

    /** A POST. */
    void post(IncomingRequest incoming, JsonRpcMessage message);

    /** A GET. */
    void get(IncomingRequest incoming);

    /** A DELETE. */
    void delete(IncomingRequest incoming);
}
