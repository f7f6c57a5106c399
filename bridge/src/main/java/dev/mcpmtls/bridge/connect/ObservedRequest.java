// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.trust.Peer;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request of the host under observation, and as the request to the server that it becomes.
 *
 * @param heard from the host
 * @param sent to the server
 * @param request as the server gets it: with its own trace in place of the host's, otherwise as it came
 */
record ObservedRequest(Observation heard, Observation sent, Message.Request request) {

    static ObservedRequest of(Message.Request request, Observer observer, URI server, Optional<Peer> last) {
        if (observer.equals(Observer.NONE)) {
            return new ObservedRequest(Observation.NONE, Observation.NONE, request);
        }
        Map<String, Object> params = params(request.params());
        String id = request.id().startsWith("\"") ? RawObject.unquoted(request.id()) : request.id();
        dev.mcpmtls.protocol.observe.Wire wire = dev.mcpmtls.protocol.observe.Wire.http(
                "",
                server.getHost(),
                server.getPort() < 0 ? 443 : server.getPort(),
                last.map(peer -> peer.identity().text()).orElse(""));
        Observation heard = observer.received(
                new Operation(request.method(), id, params, dev.mcpmtls.protocol.observe.Wire.PIPE), name -> null);
        Observation sent = observer.sent(new Operation(request.method(), id, params, wire), heard);
        String text = request.text();
        for (Map.Entry<String, Optional<String>> member : sent.carried().entrySet()) {
            text = member.getValue().isPresent()
                    ? JsonText.set(text, JsonText.quote(member.getValue().get()), "params", "_meta", member.getKey())
                    : JsonText.remove(text, "params", "_meta", member.getKey());
        }
        return new ObservedRequest(heard, sent, (Message.Request) Message.parse(text));
    }

    /** Only what an observer may see: neither arguments nor anything else. */
    private static Map<String, Object> params(RawObject params) {
        Map<String, Object> seen = strings(params, List.of("name", "uri"));
        seen.put("ref", strings(params.object("ref"), List.of("type", "name")));
        RawObject meta = params.object("_meta");
        seen.put("_meta", strings(meta, meta.members().keySet()));
        return seen;
    }

    private static Map<String, Object> strings(RawObject object, Iterable<String> names) {
        Map<String, Object> strings = new HashMap<>();
        names.forEach(name -> object.string(name).ifPresent(text -> strings.put(name, text)));
        return strings;
    }

    /** The server's answer, which the host gets. */
    void answered(Message.Response response) {
        Optional<String> code = response.whole().object("error").raw("code").filter(text -> text.matches("-?\\d{1,9}"));
        if (response.isError()) {
            int number = code.map(Integer::parseInt).orElse(0);
            sent.error(number);
            heard.error(number);
        } else if (response.result().isTrue("isError")) {
            failed("tool_error");
        }
    }

    /** No answer came. */
    void failed(String type) {
        sent.failed(type);
        heard.failed(type);
    }

    /**
     * Nothing more comes.
     *
     * @param legacy the revision of the session; empty when there is none
     */
    void end(boolean isModern, String legacy) {
        String revision = isModern ? Revision.MODERN.text() : legacy;
        sent.speaks(revision);
        heard.speaks(revision);
        sent.end();
        heard.end();
    }
}
