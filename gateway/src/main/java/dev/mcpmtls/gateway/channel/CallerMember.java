// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.transport.server.caller.Caller;

/** The member of {@code _meta} that names the caller to a server. A member of this name from outside is dropped. */
public final class CallerMember {

    /** Its name. */
    public static final String NAME = "dev.mcpmtls/caller";

    private CallerMember() {}

    /** The message without it. */
    public static String dropped(String text) {
        return text.contains("mcpmtls") || text.contains("\\u") ? JsonText.remove(text, "params", "_meta", NAME) : text;
    }

    /** The message with the caller that the handshake proved. */
    public static String added(String text, Caller caller) {
        String value =
                "{\"identity\":" + JsonText.quote(caller.peer().identity().text()) + ",\"assurance\":"
                        + JsonText.quote(caller.peer().assurance().name()) + "}";
        return JsonText.set(text, value, "params", "_meta", NAME);
    }
}
