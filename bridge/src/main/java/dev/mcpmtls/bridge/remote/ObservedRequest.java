// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request to the server under observation.
 *
 * @param cause the request of a host that it is a part of; none for a request of our own
 * @param sent to the server
 * @param request as the server gets it: with its own trace in place of the one that it came with, otherwise as it came
 */
public record ObservedRequest(Observation cause, Observation sent, Message.Request request) {

    /** The header with which proxies, too, see a trace (W3C Trace Context). */
    private static final String TRACE = "traceparent";

    /** A request of a host, which is passed on. */
    public static ObservedRequest passed(Message.Request request, Observer observer, Wire wire) {
        if (observer.equals(Observer.NONE)) {
            return unobserved(request);
        }
        Operation heard = operation(request, dev.mcpmtls.protocol.observe.Wire.PIPE);
        return sent(request, observer, wire, observer.received(heard, name -> null));
    }

    /** A request of this program's own, as a part of the thread's current trace. */
    public static ObservedRequest own(Message.Request request, Observer observer, Wire wire) {
        if (observer.equals(Observer.NONE)) {
            return unobserved(request);
        }
        ObservedRequest own = sent(request, observer, wire, observer.current());
        return new ObservedRequest(Observation.NONE, own.sent(), own.request());
    }

    private static ObservedRequest unobserved(Message.Request request) {
        return new ObservedRequest(Observation.NONE, Observation.NONE, request);
    }

    private static ObservedRequest sent(Message.Request request, Observer observer, Wire wire, Observation cause) {
        Observation sent = observer.sent(operation(request, wire.facts()), cause);
        String text = request.text();
        for (Map.Entry<String, Optional<String>> member : sent.carried().entrySet()) {
            text = member.getValue().isPresent()
                    ? JsonText.set(text, JsonText.quote(member.getValue().get()), "params", "_meta", member.getKey())
                    : JsonText.remove(text, "params", "_meta", member.getKey());
        }
        return new ObservedRequest(cause, sent, (Message.Request) Message.parse(text));
    }

    private static Operation operation(Message.Request request, dev.mcpmtls.protocol.observe.Wire wire) {
        String id = request.id().startsWith("\"") ? RawObject.unquoted(request.id()) : request.id();
        return new Operation(request.method(), id, params(request.params()), wire);
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

    /** The header that repeats the trace of a request; empty when it has none. */
    static Map<String, String> header(Message.Request request) {
        return request.params()
                .object("_meta")
                .string(TRACE)
                .filter(trace -> trace.matches("[0-9a-f-]{1,128}"))
                .map(trace -> Map.of(TRACE, trace))
                .orElse(Map.of());
    }

    /** The server's answer. */
    public void answered(Message.Response response) {
        Optional<String> code = response.whole().object("error").raw("code").filter(text -> text.matches("-?\\d{1,9}"));
        if (response.isError()) {
            int number = code.map(Integer::parseInt).orElse(0);
            sent.error(number);
            cause.error(number);
        } else if (response.result().isTrue("isError")) {
            failed("tool_error");
        }
    }

    /** No answer came. */
    public void failed(String type) {
        sent.failed(type);
        cause.failed(type);
    }

    /**
     * Nothing more comes.
     *
     * @param legacy the revision of the session; empty when there is none
     */
    public void end(boolean isModern, String legacy) {
        String revision = isModern ? Revision.MODERN.text() : legacy;
        sent.speaks(revision);
        cause.speaks(revision);
        sent.end();
        cause.end();
    }
}
