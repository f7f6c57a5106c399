// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.bridge.remote.InFlight;
import dev.mcpmtls.bridge.remote.JsonValues;
import dev.mcpmtls.bridge.remote.LegacySide;
import dev.mcpmtls.bridge.remote.Message;
import dev.mcpmtls.bridge.remote.ModernSide;
import dev.mcpmtls.bridge.remote.ObservedRequest;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.Relay;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.protocol.observe.Observer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Requests to one server as JSON objects, each with the message that answers it. Begins in the modern era. For one thread. */
final class Exchanges {

    static final String META = "_meta";
    static final String PREFIX = "io.modelcontextprotocol/";

    /** The bounds of an exchange end one after the other, so that the first says why. */
    static final Duration GRACE = Duration.ofMillis(200);

    private final Wire wire;
    private final Asker asker;
    private final Runnable listChanged;
    private final LegacySide legacy;
    private final ModernSide modern;
    private final long openedAt = System.nanoTime();
    private boolean isModern = true;
    private int ids;
    private Message.@Nullable Request asked;
    private Message.@Nullable Response answer;
    private InFlight current = InFlight.unlimited();

    /** @param listChanged runs when the server announces that its list of tools has changed */
    Exchanges(Wire wire, Asker asker, Runnable listChanged) {
        this.wire = wire;
        this.asker = asker;
        this.listChanged = listChanged;
        Relay relay = new Relay(this::received, ClientRefusal::of, asker.notices());
        this.legacy = new LegacySide(wire, relay, Optional.empty(), asker.notices());
        this.modern = new ModernSide(wire, relay, asker.notices());
    }

    boolean isModern() {
        return isModern;
    }

    /** The revision that was agreed on. */
    String revision() {
        return isModern ? Revision.MODERN.text() : legacy.agreed();
    }

    /** From now on the first request is {@code initialize}. */
    void speakLegacy() {
        isModern = false;
    }

    /** Tells a legacy server that its session is in use. */
    void initialized() {
        legacy.tell(Message.parse(Message.notification("notifications/initialized", Optional.empty())));
    }

    /** This program, in its own words. */
    Map<String, Object> self() {
        return Map.of("name", asker.name(), "version", asker.version());
    }

    /**
     * Makes one request.
     *
     * @return the whole message that answers it: a result or an error
     * @throws Outage when there is none
     */
    Map<String, Object> exchange(Method method, Map<String, Object> params) {
        Message.Request request =
                Message.request(Integer.toString(++ids), method.text(), Optional.of(JsonValues.text(complete(params))));
        ObservedRequest observed = ObservedRequest.own(request, asker.observer(), wire);
        InFlight exchange = InFlight.within(asker.patience());
        exchange.abortAfter(asker.patience().plus(GRACE.multipliedBy(2)));
        asked = request;
        answer = null;
        current = exchange;
        try {
            if (isModern) {
                modern.request(observed.request(), exchange);
            } else {
                legacy.request(observed.request(), exchange);
            }
            Message.Response answered = answer;
            if (answered == null) {
                throw unusable("there is none to " + method.text());
            }
            observed.answered(answered);
            return read(answered);
        } catch (Outage outage) {
            Outage told = exchange.isAborted() ? late("no complete answer to " + method.text()) : outage;
            observed.failed(told.type());
            throw told;
        } finally {
            observed.end(isModern, legacy.agreed());
        }
    }

    /** The characters of the last answer. */
    int answered() {
        Message.Response last = answer;
        return last == null ? 0 : last.text().length();
    }

    private Map<String, Object> complete(Map<String, Object> params) {
        if (!isModern) {
            return params;
        }
        Map<String, Object> meta = new LinkedHashMap<>(JsonRpcMessage.object(params.get(META)));
        meta.put(Revision.META_KEY, Revision.MODERN.text());
        meta.put(PREFIX + "clientInfo", self());
        meta.put(PREFIX + "clientCapabilities", Map.of("extensions", Map.of(TaskStatus.EXTENSION, Map.of())));
        Map<String, Object> complete = new LinkedHashMap<>(params);
        complete.put(META, meta);
        return complete;
    }

    private Map<String, Object> read(Message.Response response) {
        try {
            return JsonValues.object(response.text());
        } catch (JacksonException e) {
            throw unusable("it is beyond the bounds of our JSON");
        }
    }

    /** A message of the server, in the thread that waits for the answer. */
    private void received(Message message) {
        Message.Request waiting = asked;
        if (message instanceof Message.Response response && waiting != null && response.answers(waiting)) {
            answer = response;
        } else if (message instanceof Message.Request question && !isModern && !current.isAborted()) {
            String reply = question.method().equals(Method.PING.text())
                    ? "{\"jsonrpc\":\"2.0\",\"id\":" + question.id() + ",\"result\":{}}"
                    : Message.error(
                            Optional.of(question.id()),
                            ErrorCode.METHOD_NOT_FOUND,
                            "this client does not answer requests",
                            Optional.empty());
            legacy.tell(Message.parse(reply), asker.patience());
        } else if (message instanceof Message.Notification told
                && told.method().equals("notifications/tools/list_changed")) {
            listChanged.run();
        }
    }

    Outage unusable(String why) {
        return Outage.unusable(wire.server(), why);
    }

    Outage late(String what) {
        return Outage.late(wire.server(), what + " within " + Outage.seconds(asker.patience()));
    }

    /** Ends the session, if there is one. */
    void close() {
        if (legacy.isInUse()) {
            asker.observer()
                    .sessionEnded(
                            Observer.Side.CLIENT,
                            legacy.agreed(),
                            wire.facts(),
                            Duration.ofNanos(System.nanoTime() - openedAt));
        }
        legacy.close();
    }
}
