// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import java.util.Map;
import java.util.Optional;

/** Has requests to a server carry their traces. Without an observer, texts stay as they are. */
final class Carrying {

    private Carrying() {}

    /** The observation of a request under an id of ours. */
    static Observation sent(Upstream upstream, Object id, Request request, Observation cause) {
        Observer observer = upstream.observer();
        return observer.equals(Observer.NONE)
                ? Observation.NONE
                : observer.sent(new Operation(request.method(), id, request.params(), upstream.wire()), cause);
    }

    /** The request's text with its own trace in place of the client's; nothing else of it changes. */
    static String trace(Observation observation, String text) {
        String carrying = text;
        for (Map.Entry<String, Optional<String>> member : observation.carried().entrySet()) {
            carrying = member.getValue().isPresent()
                    ? JsonText.set(
                            carrying, JsonText.quote(member.getValue().get()), "params", "_meta", member.getKey())
                    : JsonText.remove(carrying, "params", "_meta", member.getKey());
        }
        return carrying;
    }
}
