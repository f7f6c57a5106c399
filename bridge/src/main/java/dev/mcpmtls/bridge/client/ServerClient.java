// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolPins;
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

/**
 * One server behind mutual TLS, asked by a program that waits for each answer. Finds out the server's era, keeps a session where it has one,
 * and holds its tools against pins. It has nothing to give to servers that ask: they get an error.
 *
 * <p>The acts throw an {@link Outage} when there is no usable answer, and a {@link ServerErrorException} when it is an error. Nothing that
 * may have had an effect is sent twice. For one thread.
 */
public final class ServerClient implements AutoCloseable {

    /** The most time for a connection and its handshake; servers of ours give a handshake up then. */
    private static final Duration REACHED = Duration.ofSeconds(10);

    private static final int MAX_PAGES = 100;
    private static final int MAX_ROUNDS = 16;

    private final URI server;
    private final ServerWatch watch;
    private final Asker asker;
    private final Optional<PinGate> pins;
    private final Exchanges exchanges;
    private Introduction introduction;

    private ServerClient(URI server, TlsProfile tls, ServerWatch watch, Asker asker, Optional<ToolPins> pins) {
        this.server = server;
        this.watch = watch;
        this.asker = asker;
        this.pins = pins.map(approved -> PinGate.of(server, approved, tls));
        this.introduction = new Introduction(server.getHost(), Map.of(), Map.of(), "");
        Duration patience = asker.patience().compareTo(REACHED) < 0 ? asker.patience() : REACHED;
        this.exchanges = new Exchanges(
                new Wire(
                        server,
                        tls,
                        watch,
                        new Wire.Patience(patience, patience.plus(Exchanges.GRACE)),
                        asker.tokens()),
                asker,
                () -> this.pins.ifPresent(gate -> gate.tools().listChanged()));
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
        Map<String, Object> result = discovered.orElseGet(this::initialize);
        Map<String, Object> self = discovered.isPresent()
                ? object(object(result, Exchanges.META), Exchanges.PREFIX + "serverInfo")
                : object(result, "serverInfo");
        introduction = new Introduction(server.getHost(), self, object(result, "capabilities"), exchanges.revision());
    }

    private Optional<Map<String, Object>> discover() {
        Discovery first = discovery();
        return (first.contradictsItself() ? discovery() : first).modern();
    }

    /** A server that answers with something else than JSON-RPC is legacy. */
    private Discovery discovery() {
        try {
            return new Discovery(server, exchanges.exchange(Method.DISCOVER, Map.of()));
        } catch (Outage outage) {
            if (outage.kind() != Outage.Kind.UNUSABLE_ANSWER) {
                throw outage;
            }
            return new Discovery(server, Map.of());
        }
    }

    private Map<String, Object> initialize() {
        exchanges.speakLegacy();
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
                            exchanges.self()));
        } catch (ServerErrorException e) {
            throw unusable("it refused to begin (error " + e.code() + " to initialize): " + e.getMessage()
                    + (ErrorCode.isAboutTheRequest(e.code()) ? "" : "; its log says why"));
        }
        if (!versions.contains(String.valueOf(result.get("protocolVersion")))) {
            throw unusable("it speaks the MCP version " + Printable.quote(String.valueOf(result.get("protocolVersion")))
                    + ", and we speak " + versions + " and " + Revision.MODERN.text());
        }
        exchanges.initialized();
        return result;
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

    /**
     * The whole list of what a method lists, page by page: a hundred at most, together no larger than one message may be. Empty when the
     * server does not declare to have it.
     */
    public List<Map<String, Object>> list(Method method, String member) {
        List<Map<String, Object>> all = new ArrayList<>();
        if (!introduction.has(method)) {
            return all;
        }
        long until = System.nanoTime() + asker.patience().toNanos();
        Set<String> cursors = new HashSet<>();
        Map<String, Object> params = Map.of();
        long characters = 0;
        while (true) {
            Map<String, Object> page = ask(method, params);
            characters += exchanges.answered();
            if (characters > Wire.MAX_MESSAGE) {
                throw unusable("its list of " + member + " has more than " + Wire.MAX_MESSAGE + " characters");
            }
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
                throw exchanges.late("no end of its list of " + member);
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
            String type = exchanges.isModern() && result.get("resultType") instanceof String text ? text : "complete";
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
        if (!exchanges.isModern()) {
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
        Map<String, Object> whole = exchanges.exchange(method, params);
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

    private static Map<String, Object> object(Map<String, Object> parent, String member) {
        return JsonRpcMessage.object(parent.get(member));
    }

    Outage unusable(String why) {
        return exchanges.unusable(why);
    }

    /** Ends the session, if there is one. */
    @Override
    public void close() {
        exchanges.close();
    }
}
