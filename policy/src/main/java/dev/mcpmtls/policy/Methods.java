// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import java.util.List;
import java.util.Set;

/** The MCP methods that rules treat specially, and those that a rule may name. */
final class Methods {

    /** Opens a session; never decided. */
    static final String INITIALIZE = "initialize";

    private static final Set<String> OF_TASKS = Set.of("tasks/get", "tasks/update", "tasks/cancel");

    /** Decided as the resource, the prompt or the tool that they are about, so a permit that names them permits nothing. */
    static final Set<String> DECIDED_BY_TARGET = Set.of(
            "resources/subscribe",
            "resources/unsubscribe",
            "completion/complete",
            "tasks/get",
            "tasks/update",
            "tasks/cancel");

    /** The methods of both eras that a rule may name, for guesses. */
    static final List<String> KNOWN = List.of(
            "ping",
            "server/discover",
            "tools/list",
            "tools/call",
            "prompts/list",
            "prompts/get",
            "resources/list",
            "resources/templates/list",
            "resources/read",
            "resources/subscribe",
            "resources/unsubscribe",
            "subscriptions/listen",
            "completion/complete",
            "logging/setLevel",
            "tasks/get",
            "tasks/list",
            "tasks/result",
            "tasks/cancel",
            "tasks/update",
            INITIALIZE);

    private static final Set<String> FREE =
            Set.of("ping", "server/discover", "logging/setLevel", "subscriptions/listen");

    private Methods() {}

    /**
     * Whether every accepted peer may call it unless a deny names it. A stream of subscriptions is one of them, because each resource that it
     * names is decided by itself.
     */
    static boolean isFree(Call call) {
        return call.subject() == Call.Subject.NONE && isFree(call.method());
    }

    /** Whether it asks for a task that a call of the tool has become: the call itself has counted against its rate. */
    static boolean isOfTask(Call call) {
        return OF_TASKS.contains(call.method());
    }

    /** As above, of a method without target. */
    static boolean isFree(String method) {
        return FREE.contains(method) || method.endsWith("/list");
    }
}
