// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.pins;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.PassingOutlet;
import dev.mcpmtls.gateway.channel.PassingSession;
import dev.mcpmtls.gateway.link.ShownTools;
import dev.mcpmtls.gateway.pins.EntryPins.Offer;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.PinnedTools;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A session that withholds unapproved tools and instructions. It makes a call only after a list of the same server has shown the tool as
 * approved; without such a list, it reads one first. Thread-safe.
 */
public final class PinnedSession extends PassingSession {

    private static final int MAX_PAGES = 100;
    private static final int MAX_TOOLS = 10_000;
    private static final long MAX_CHARACTERS = Messages.MAX_BYTES; // as many as one message may have

    private final BackendSession session;
    private final EntryPins entry;
    private final ShownTools shown;
    private final Function<Caller, Mono<Optional<String>>> instructions;
    private volatile @Nullable Outlet listener;

    /**
     * Over another session.
     *
     * @param shown of the server behind it
     * @param instructions that the server gives, for its first pins
     */
    public PinnedSession(
            BackendSession session,
            EntryPins entry,
            ShownTools shown,
            Function<Caller, Mono<Optional<String>>> instructions) {
        this.session = session;
        this.entry = entry;
        this.shown = shown;
        this.instructions = instructions;
    }

    @Override
    protected BackendSession to() {
        return session;
    }

    @Override
    public Mono<Welcome> welcome() {
        return session.welcome()
                .map(welcome -> welcome.result() instanceof Response response
                        ? new Welcome(welcome.revision(), introduced(response))
                        : welcome);
    }

    private Response introduced(Response response) {
        Map<String, Object> result = resultOf(response);
        boolean isApproved =
                !result.containsKey("instructions") || entry.introduced(result).containsKey("instructions");
        return isApproved ? response : edited(response, JsonText.remove(text(response), "result", "instructions"));
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        if (request.method().equals(Method.TOOLS_LIST.text())) {
            return required(caller).then(Mono.defer(() -> list(caller, request, outlet)));
        }
        Mono<Void> asked = Mono.defer(() -> session.request(caller, request, new Screen(outlet, -1)));
        return request.method().equals(Method.TOOLS_CALL.text())
                ? required(caller).then(checked(caller, request.text("name"))).then(asked)
                : asked;
    }

    private Mono<ToolPins> required(Caller caller) {
        return entry.required(() ->
                instructions.apply(caller).flatMap(known -> all(caller).map(tools -> new Offer(known, tools))));
    }

    private PinnedTools tools() {
        ToolPins pins = entry.current().orElseThrow(() -> new IllegalStateException("there are no pins yet"));
        return shown.heldAgainst(pins, entry::changed);
    }

    private Mono<Void> list(Caller caller, Request request, Outlet outlet) {
        return session.request(
                caller,
                request,
                new Screen(outlet, tools().listing(!request.params().containsKey("cursor"))));
    }

    /** Completes when the tool is as it was approved; fails with a {@link RefusedException} when it is not. */
    private Mono<Void> checked(Caller caller, String tool) {
        return Mono.defer(() -> {
            PinnedTools tools = tools();
            if (tools.isChecked(tool)) {
                return Mono.empty();
            }
            Mono<Void> again = tools.objection(tool).isPresent()
                    ? Mono.empty()
                    : all(caller).then();
            return again.then(Mono.defer(() -> tools().isChecked(tool) ? Mono.empty() : Mono.error(withheld(tool))));
        });
    }

    private RefusedException withheld(String tool) {
        PinnedTools tools = tools();
        Optional<PinChange> objection = tools.objection(tool)
                .or(() -> tools.removed().stream()
                        .filter(change -> change.name().equals(tool))
                        .findFirst());
        return objection
                .map(change -> new RefusedException(
                        RefusedException.DENIED,
                        RefusedException.DENIED,
                        "the tool '" + tool + "' is withheld: " + change.kind().why()
                                + "; the operator of this server may accept it",
                        Map.of("reason", change.kind().reason())))
                .orElseGet(() -> RefusedException.unavailable(
                        "the server changed its tools while they were held against its pins; try again"));
    }

    /** Reads the list, page by page; while nothing is pinned, as it is. */
    private Mono<List<Object>> all(Caller caller) {
        return Mono.defer(() -> all(caller, null, new Reading()));
    }

    private Mono<List<Object>> all(Caller caller, @Nullable String cursor, Reading reading) {
        return Mono.defer(() -> {
            Request list =
                    new Request("pins", Method.TOOLS_LIST.text(), cursor == null ? Map.of() : Map.of("cursor", cursor));
            ResultCollector answer = new ResultCollector();
            Mono<Void> asked = entry.current().isPresent()
                    ? list(caller, list, reading.measured(answer))
                    : session.request(caller, list, reading.measured(answer));
            return asked.then(Mono.defer(() -> {
                Map<String, Object> result = JsonRpcMessage.object(answer.result());
                Optional<String> objection = reading.add(result.get("tools"));
                if (objection.isPresent()) {
                    return Mono.error(RefusedException.unavailable(
                            "the server's tools cannot be held against its pins: " + objection.get()));
                }
                return result.get("nextCursor") instanceof String next && !next.isEmpty()
                        ? all(caller, next, reading)
                        : Mono.just(reading.tools);
            }));
        });
    }

    /** The pages of a list so far, which must not fill our memory. Used by one reading. */
    private static final class Reading {

        private final List<Object> tools = new ArrayList<>();
        private int pages;
        private final LongAdder characters = new LongAdder();

        Outlet measured(Outlet outlet) {
            return new PassingOutlet(outlet) {
                @Override
                public void answer(Response response) {
                    characters.add(text(response).length());
                    super.answer(response);
                }
            };
        }

        /** Takes a page; what is wrong with it, if anything is. */
        Optional<String> add(@Nullable Object page) {
            if (!(page instanceof List<?> more)) {
                return Optional.of("it does not list them");
            }
            if (++pages > MAX_PAGES) {
                return Optional.of("there are more than " + MAX_PAGES + " pages");
            }
            if (tools.size() + more.size() > MAX_TOOLS) {
                return Optional.of("there are more than " + MAX_TOOLS);
            }
            if (characters.sum() > MAX_CHARACTERS) {
                return Optional.of("they take more than " + MAX_CHARACTERS + " characters");
            }
            tools.addAll(more);
            return Optional.empty();
        }
    }

    @Override
    public void listen(Outlet outlet) {
        Outlet before = listener;
        if (before != null) {
            entry.leaves(before);
        }
        listener = outlet;
        entry.listens(outlet);
        session.listen(outlet);
    }

    /** Says that the tools are others now. */
    static void announce(Outlet outlet) {
        outlet.pass(Messages.notification(ShownTools.CHANGED, null));
    }

    @Override
    public void close() {
        leave();
        session.close();
    }

    @Override
    public void release() {
        leave();
        session.release();
    }

    private void leave() {
        Outlet listening = listener;
        if (listening != null) {
            entry.leaves(listening);
        }
    }

    private static Map<String, Object> resultOf(Response response) {
        return JsonRpcMessage.object(response.whole().get("result"));
    }

    private static String text(Response response) {
        return Messages.text(response);
    }

    /** The same answer with another text, and what is read of it. */
    private static Response edited(Response response, String text) {
        return new Response(response.id(), ((Response) Messages.read(text)).whole(), text);
    }

    /** Any result with tools counts as a list, and any with instructions as an introduction, whatever it answers. */
    private final class Screen extends PassingOutlet {

        private final long edition;

        /** @param edition of the list that was asked for; -1 for none */
        Screen(Outlet outlet, long edition) {
            super(outlet);
            this.edition = edition;
        }

        @Override
        public void answer(Response response) {
            Response known = introduced(response);
            super.answer(
                    resultOf(known).get("tools") instanceof List<?> tools
                                    && entry.current().isPresent()
                            ? listed(known, tools)
                            : known);
        }

        private Response listed(Response response, List<?> listed) {
            PinnedTools tools = tools();
            ToolPins.Filtered filtered = tools.listed(resultOf(response), edition);
            List<Boolean> approved = listed.stream()
                    .map(tool -> tools.pins().check(tool).isEmpty())
                    .toList();
            listed.stream()
                    .map(tool -> JsonRpcMessage.object(tool).get("name"))
                    .filter(name -> name instanceof String tool && tools.isChecked(tool))
                    .forEach(name -> entry.asApproved((String) name));
            return filtered.withheld().isEmpty()
                    ? response
                    : edited(response, JsonText.filter(text(response), approved::get, "result", "tools"));
        }
    }
}
