// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.authz.Call;
import java.util.Optional;

/**
 * Calls of one peer to one target of one server.
 *
 * @param peer as access rules write it, or {@link #OTHERS}
 * @param server as in the audit log
 * @param target the tool, prompt or resource; empty for a method without one
 */
public record Edge(String peer, String server, String method, String target) {

    /** Stands for the peers, tools or targets beyond a bound. */
    public static final String OTHERS = "(others)";

    private static final int LONGEST = 256;

    /** The tool that is called; empty when it is something else. */
    public Optional<String> tool() {
        return isToolCall(method) ? Optional.of(target) : Optional.empty();
    }

    static boolean isToolCall(String method) {
        return method.equals(Call.Subject.TOOL.use());
    }

    /** The text, or its beginning: a peer chooses it. */
    static String bounded(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
