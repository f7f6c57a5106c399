// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.remote.InFlight;
import dev.mcpmtls.bridge.remote.LegacySide;
import dev.mcpmtls.bridge.remote.Message;
import dev.mcpmtls.bridge.remote.ModernSide;
import dev.mcpmtls.bridge.remote.ObservedRequest;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.Relay;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One server behind mutual TLS, asked by a program that waits for each answer. Finds out the server's era, keeps a session where it has one,
 * and holds its tools against pins. It has nothing to give to servers that ask: they get an error.
 *
 * <p>The acts throw an {@link Outage} when there is no usable answer, and a {@link ServerErrorException} when it is an error. Nothing that
 * may have had an effect is sent twice. For one thread.
 */
public final class ServerClient implements AutoCloseable {

    private static final String META = "_meta";
    private static final String PREFIX = "io.modelcontextprotocol/";
    private static final int MAX_PAGES = 100;
    private static final int MAX_ROUNDS = 16;

    /** The bounds of an exchange end one after the other, so that the first says why. */
    private static final Duration GRACE = Duration.ofMillis(200);

    /**
     * The program that asks.
     *
     * @param name as servers see it
     * @param patience for the connection, and for each answer
     * @param notices takes sentences for the user; they may hold text of the server
     * @param tokens for the server, should it want any besides our certificate
     */
    public record Asker(
            String name,
            String version,
            Duration patience,
            Observer observer,
            Consumer<String> notices,
            TokenSource tokens) {

        /** One without tokens. */
        public Asker(String name, String version, Duration patience, Observer observer, Consumer<String> notices) {
            this(name, version, patience, observer, notices, TokenSource.NONE);
        }
    }

    private final Wire wire;
    private final ServerWatch watch;
    private final Asker asker;
    private final Optional<PinGate> pins;
    private final LegacySide legacy;
    private final ModernSide modern;
    private final long openedAt = System.nanoTime();
    private boolean isModern = true;
    private int ids;
    private Introduction introduction;
    private Message.@Nullable Request asked;
    private Message.@Nullable Response answer;

    private ServerClient(URI server, TlsProfile tls, ServerWatch watch, Asker asker, Optional<ToolPins> pins) {
        Duration patience = asker.patience();
        this.wire = new Wire(server, tls, watch, new Wire.Patience(patience, patience.plus(GRACE)), asker.tokens());
        this.watch = watch;
        this.asker = asker;
        this.pins = pins.map(approved -> PinGate.of(server, approved, tls));
        this.introduction = new Introduction(server.getHost(), Map.of(), Map.of(), "");
        Relay relay = new Relay(this::received, ClientRefusal::of, asker.notices());
        this.legacy = new LegacySide(wire, relay, Optional.empty(), asker.notices());
        this.modern = new ModernSide(wire, relay, asker.notices());
    }

    /**
     * Connects, and has the server introduce itself.
     *
     * @param server the URL of its MCP endpoint
     * @param tls for the JDK's engine, with {@code watch} as its audit sink
     * @param pins against which its tools are held; without, they are taken as they are
     */
    public static ServerClient open(
            URI server, TlsProfile tls, ServerWatch watch, Asker asker, Optional<ToolPins> pins) {
        ServerClient client = new ServerClient(server, tls, watch, asker, pins);
        try {
            client.begin();
            return client;
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private void begin() {
        Optional<Map<String, Object>> discovered = discover().map(result -> screened(result, -1));
        isModern = discovered.isPresent();
        Map<String, Object> result = discovered.orElseGet(this::initialize);
        introduction = new Introduction(
                wire.server().getHost(),
                isModern ? object(object(result, META), PREFIX + "serverInfo") : object(result, "serverInfo"),
                object(result, "capabilities"),
                isModern ? Revision.MODERN.text() : legacy.agreed());
    }

    private Optional<Map<String, Object>> discover() {
        Discovery first = discovery();
        return (first.contradictsItself() ? discovery() : first).modern();
    }

    /** A server that answers with something else than JSON-RPC is legacy. */
    private Discovery discovery() {
        try {
            return new Discovery(wire.server(), exchange(Method.DISCOVER.text(), Map.of()));
        } catch (Outage outage) {
            if (outage.kind() != Outage.Kind.UNUSABLE_ANSWER) {
                throw outage;
            }
            return new Discovery(wire.server(), Map.of());
        }
    }

    private Map<String, Object> initialize() {
        List<String> versions = Revision.legacy();
        Map<String, Object> result;
        try {
            result = ask(
                    Method.INITIALIZE,
                    Map.of(
                            "protocolVersion",
                            versions.get(versions.size() - 1),
                            "capabilities",
                            Map.of(),
                            "clientInfo",
                            self()));
        } catch (ServerErrorException e) {
            throw unusable("it refused to begin (error " + e.code() + " to initialize): " + e.getMessage()
                    + "; its log says why");
        }
        if (!versions.contains(String.valueOf(result.get("protocolVersion")))) {
            throw unusable("it speaks the MCP version " + Printable.quote(String.valueOf(result.get("protocolVersion")))
                    + ", and we speak " + versions + " and " + Revision.MODERN.text());
        }
        legacy.tell(Message.parse(Message.notification("notifications/initialized", Optional.empty())));
        return result;
    }

    private Map<String, Object> self() {
        return Map.of("name", asker.name(), "version", asker.version());
    }

    /** The server's words about itself. */
    public Introduction introduction() {
        return introduction;
    }

    /** The server as it was accepted, and the latest connection to it. */
    public AuditEvent.TlsAccepted connected() {
        return watch.last().orElseThrow();
    }

    /** Everything that differs from the pins and is withheld. */
    public List<PinChange> withheld() {
        return pins.map(gate -> gate.tools().withheld()).orElse(List.of());
    }

    /** The pinned tools that the list, once {@link #list} has read it, lacks. */
    public List<PinChange> removed() {
        return pins.map(gate -> gate.tools().removed()).orElse(List.of());
    }

    /** The whole list of what a method lists, page by page; empty when the server does not declare to have it. */
    public List<Map<String, Object>> list(Method method, String member) {
        List<Map<String, Object>> all = new ArrayList<>();
        if (!introduction.has(method)) {
            return all;
        }
        long until = System.nanoTime() + asker.patience().toNanos();
        Set<String> cursors = new HashSet<>();
        Map<String, Object> params = Map.of();
        while (true) {
            Map<String, Object> page = ask(method, params);
            if (!(page.get(member) instanceof List<?> elements)) {
                throw unusable("its list of " + member + " is none");
            }
            elements.forEach(element -> all.add(JsonRpcMessage.object(element)));
            if (!(page.get("nextCursor") instanceof String next) || next.isEmpty()) {
                return all;
            }
            if (!cursors.add(next)) {
                throw unusable("its list of " + member + " comes back to the cursor " + Printable.quote(next));
            }
            if (cursors.size() == MAX_PAGES) {
                throw unusable("its list of " + member + " has more than " + MAX_PAGES + " pages");
            }
            if (System.nanoTime() - until > 0) {
                throw late("no end of its list of " + member);
            }
            params = Map.of("cursor", next);
        }
    }

    /** Calls a tool, if its pin does not withhold it. */
    public Called call(String tool, Map<String, Object> arguments) {
        pins.ifPresent(gate -> gate.require(tool, () -> list(Method.TOOLS_LIST, "tools")));
        Map<String, Object> params = Map.of("name", tool, "arguments", arguments);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Map<String, Object> result = ask(Method.TOOLS_CALL, params);
            String type = isModern && result.get("resultType") instanceof String text ? text : "complete";
            switch (type) {
                case "complete" -> {
                    return new Called.Answered(result);
                }
                case TaskStatus.RESULT_TYPE -> {
                    return new Called.Begun(
                            TaskState.of(result).orElseThrow(() -> unusable("it does not describe the task")));
                }
                case "input_required" -> params = again(params, result);
                default -> throw unusable("the result type " + Printable.quote(type) + " is not known");
            }
        }
        throw unusable("it asked for more input " + MAX_ROUNDS + " times");
    }

    /** A server may also want a call again without asking anything. */
    private Map<String, Object> again(Map<String, Object> params, Map<String, Object> unfinished) {
        requireNoQuestions(unfinished);
        Map<String, Object> more = new LinkedHashMap<>(params);
        more.remove("requestState");
        more.put("inputResponses", Map.of());
        if (unfinished.get("requestState") instanceof String state) {
            more.put("requestState", state);
        }
        return more;
    }

    void requireNoQuestions(Map<String, Object> unfinished) {
        List<String> questions = object(unfinished, "inputRequests").values().stream()
                .map(question -> String.valueOf(JsonRpcMessage.object(question).get("method")))
                .distinct()
                .toList();
        if (!questions.isEmpty()) {
            throw unusable("the tool asks its caller for input, which a command cannot give: "
                    + Printable.line(String.join(", ", questions)));
        }
    }

    /**
     * The tasks of our identity there.
     *
     * @throws Outage when the server speaks the legacy era, which has none
     */
    public ServerTasks tasks() {
        if (!isModern) {
            throw unusable("it speaks MCP " + introduction.revision() + ", which has no tasks");
        }
        return new ServerTasks(this);
    }

    /**
     * Makes one request.
     *
     * @return its result, without tools and instructions that were not approved
     */
    public Map<String, Object> ask(Method method, Map<String, Object> params) {
        long edition = method == Method.TOOLS_LIST
                ? pins.map(gate -> gate.tools().listing(!params.containsKey("cursor")))
                        .orElse(-1L)
                : -1;
        Map<String, Object> whole = exchange(method.text(), params);
        if (whole.containsKey("error")) {
            throw new ServerErrorException(object(whole, "error"));
        }
        if (!(whole.get("result") instanceof Map<?, ?> result)) {
            throw unusable("the result of " + method.text() + " is no object");
        }
        return screened(JsonRpcMessage.object(result), edition);
    }

    private Map<String, Object> screened(Map<String, Object> result, long edition) {
        return pins.map(gate -> gate.screened(
                        result,
                        edition,
                        watch.last().map(server -> server.peer().identity().text())))
                .orElse(result);
    }

    /** One request and the whole message that answers it. */
    private Map<String, Object> exchange(String method, Map<String, Object> params) {
        Message.Request request = Message.request(Integer.toString(++ids), method, Optional.of(text(complete(params))));
        ObservedRequest observed = ObservedRequest.own(request, asker.observer(), wire);
        InFlight exchange = InFlight.within(asker.patience());
        exchange.abortAfter(asker.patience().plus(GRACE.multipliedBy(2)));
        asked = request;
        answer = null;
        try {
            if (isModern) {
                modern.request(observed.request(), exchange);
            } else {
                legacy.request(observed.request(), exchange);
            }
            Message.Response answered = answer;
            if (answered == null) {
                throw unusable("there is none to " + method);
            }
            observed.answered(answered);
            return read(answered);
        } catch (Outage outage) {
            Outage told = exchange.isAborted() ? late("no complete answer to " + method) : outage;
            observed.failed(told.type());
            throw told;
        } finally {
            observed.end(isModern, legacy.agreed());
        }
    }

    private Map<String, Object> complete(Map<String, Object> params) {
        if (!isModern) {
            return params;
        }
        Map<String, Object> meta = new LinkedHashMap<>(object(params, META));
        meta.put(Revision.META_KEY, Revision.MODERN.text());
        meta.put(PREFIX + "clientInfo", self());
        meta.put(PREFIX + "clientCapabilities", Map.of("extensions", Map.of(TaskStatus.EXTENSION, Map.of())));
        Map<String, Object> complete = new LinkedHashMap<>(params);
        complete.put(META, meta);
        return complete;
    }

    private static Map<String, Object> object(Map<String, Object> parent, String member) {
        return JsonRpcMessage.object(parent.get(member));
    }

    private static String text(Map<String, Object> object) {
        return JsonMapper.shared().writeValueAsString(object);
    }

    @SuppressWarnings("unchecked") // a JSON object
    private Map<String, Object> read(Message.Response response) {
        try {
            return JsonMapper.shared().readValue(response.text(), Map.class);
        } catch (JacksonException e) {
            throw unusable("it is beyond the bounds of our JSON");
        }
    }

    /** A message of the server, in the thread that waits for the answer. */
    private void received(Message message) {
        Message.Request waiting = asked;
        if (message instanceof Message.Response response && waiting != null && response.answers(waiting)) {
            answer = response;
        } else if (message instanceof Message.Request question && !isModern) {
            legacy.tell(Message.parse(
                    question.method().equals(Method.PING.text())
                            ? "{\"jsonrpc\":\"2.0\",\"id\":" + question.id() + ",\"result\":{}}"
                            : Message.error(
                                    Optional.of(question.id()),
                                    ErrorCode.METHOD_NOT_FOUND,
                                    "this client does not answer requests",
                                    Optional.empty())));
        } else if (message instanceof Message.Notification told
                && told.method().equals("notifications/tools/list_changed")) {
            pins.ifPresent(gate -> gate.tools().listChanged());
        }
    }

    Outage unusable(String why) {
        return Outage.unusable(wire.server(), why);
    }

    private Outage late(String what) {
        return Outage.late(wire.server(), what + " within " + Outage.seconds(asker.patience()));
    }

    /** Ends the session, if there is one. */
    @Override
    public void close() {
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
