// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.List;
import java.util.Map;

/** A backend that answers the requests of callers, once they are authorised and recorded. Knows of no era and no transport. Thread-safe. */
public interface Backend {

    /** Its description of itself. */
    Description describe();

    /**
     * Opens a session.
     *
     * @param hello the client's description of itself: the parameters of {@code initialize}
     * @throws RefusedException when they are not of the specification's form
     */
    BackendSession open(Map<String, Object> hello);

    /** The arguments that a tool wants mirrored in headers; none when there is no such tool. May block. */
    List<Mirrored> mirrored(Caller caller, String tool);

    /** The refusal of a request on which it failed: says whether the parameters or the server is at fault. */
    RefusedException refusal(Request request, Throwable failure);
}
