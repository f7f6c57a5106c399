// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;

/**
 * Requests to one server as the access policy sees them.
 *
 * @param server the name under which calls are decided and recorded
 * @param entry the server's name in the settings
 */
public record Calls(String server, String entry) {

    /**
     * The call that a request makes.
     *
     * @param version the negotiated protocol version
     * @throws RefusedException when a parameter on which a decision depends is missing or not of the right form
     */
    Call of(Request request, String version) {
        Method method = Method.of(request.method()).orElse(Method.PING);
        // A task's name is a secret of its owner, and says nothing to a rule.
        Call call = to(request.method(), method.isTask() ? "" : request.target(), version);
        return switch (method) {
            case TOOLS_CALL, PROMPTS_GET -> {
                Map<String, Object> arguments = arguments(request);
                yield call.with(() -> arguments);
            }
            case COMPLETE -> call.about(completed(request));
            default -> call;
        };
    }

    /** A request about a task: decided like the call that became the task. */
    public Call about(String method, Request begun, String version) {
        return to(method, begun.target(), version).about(Subject.TOOL).with(() -> arguments(begun));
    }

    /** A call that a caller might make. */
    public Call to(String method, String target, String version) {
        return new Call(server, method, target).at(entry).speaking(version);
    }

    /** Rules and the handler must not differ in what they take for arguments. */
    private static Map<String, Object> arguments(Request request) {
        Object arguments = request.params().get("arguments");
        if (arguments != null && !(arguments instanceof Map)) {
            throw RefusedException.invalidParams("'arguments' must be an object");
        }
        return JsonRpcMessage.object(arguments);
    }

    private static Subject completed(Request request) {
        Object type = JsonRpcMessage.object(request.params().get("ref")).get("type");
        return "ref/prompt".equals(type) ? Subject.PROMPT : Subject.RESOURCE;
    }
}
