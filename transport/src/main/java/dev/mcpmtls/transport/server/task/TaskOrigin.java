// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;

/**
 * The call that became a task.
 *
 * @param owner the one whose task it is
 * @param caller its peer and connection, for the record
 * @param call for the record, without arguments
 * @param request by which each later request is decided
 */
public record TaskOrigin(Owner owner, Caller caller, Call call, Request request) {

    /** The request without its text: the parameters are kept for the decisions to come, and counted. */
    public TaskOrigin {
        request = new Request(request.id(), request.method(), request.params());
    }
}
