// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.ModernLink;
import dev.mcpmtls.gateway.link.Sharing;
import dev.mcpmtls.gateway.link.ShownTools;
import dev.mcpmtls.gateway.pins.EntryPins;
import dev.mcpmtls.gateway.pins.PinnedSession;
import dev.mcpmtls.gateway.session.Eras;
import dev.mcpmtls.gateway.session.HeldCalls;
import dev.mcpmtls.gateway.session.LegacyClientSession;
import dev.mcpmtls.gateway.session.LegacySession;
import dev.mcpmtls.gateway.session.LegacyToModernSession;
import dev.mcpmtls.gateway.session.ModernClientSession;
import dev.mcpmtls.gateway.session.ModernSession;
import dev.mcpmtls.gateway.session.ModernToLegacySession;
import dev.mcpmtls.gateway.session.SessionIds;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A server elsewhere. */
final class UpstreamBackend implements Backend {

    private static final Duration LISTED = Duration.ofSeconds(10);
    private static final int MAX_PAGES = 20;
    private static final Duration ROUND = Duration.ofMinutes(15);
    private static final Map<String, Object> ANY_CLIENT =
            Map.of("capabilities", Map.of(), "clientInfo", Map.of("name", "mcp-mtls", "version", "1"));

    private final Upstream upstream;
    private final ProcessMode mode;
    private final Links links;
    private final Eras eras;
    private final HeldCalls held = new HeldCalls(ROUND);
    private final @Nullable EntryPins pins;
    private volatile Description description;
    private volatile boolean introduced;
    private volatile boolean isModernOnly;

    /** @param pins that its tools are held against; null when they are not pinned */
    UpstreamBackend(Upstream upstream, ProcessMode mode, Links links, @Nullable EntryPins pins) {
        this.pins = pins;
        this.upstream = upstream;
        this.mode = mode;
        this.links = links;
        this.eras = new Eras(upstream);
        this.description =
                new Description(upstream.name(), Map.of("name", upstream.name(), "version", ""), Map.of(), null);
    }

    @Override
    public Description describe() {
        Description known = description;
        String instructions = known.instructions();
        boolean isApproved = pins == null
                || instructions == null
                || pins.introduced(Map.of("instructions", instructions)).containsKey("instructions");
        return isApproved ? known : new Description(known.name(), known.info(), known.capabilities(), null);
    }

    @Override
    public Mono<Void> prepare(Caller caller) {
        return isModern(caller).flatMap(modern -> modern ? discovered(caller) : welcomed(caller));
    }

    private Mono<Void> welcomed(Caller caller) {
        return links.anyOpen()
                .orElseGet(() -> links.shared(caller, sharing(), ANY_CLIENT))
                .welcome()
                .doOnNext(this::learn)
                .onErrorMap(UpstreamFailure.class, UpstreamFailure::refusal)
                .doOnError(eras::doubt)
                .then();
    }

    private Mono<Void> discovered(Caller caller) {
        return eras.discover(links.modern(caller, sharing()), caller).flatMap(answer -> {
            if (!Eras.isModern(answer)) {
                return isModern(caller).flatMap(still -> still ? Mono.<Void>empty() : welcomed(caller));
            }
            learn(answer);
            return Mono.empty();
        });
    }

    /** Whether modern requests go to it as they are. */
    private Mono<Boolean> isModern(Caller caller) {
        return eras.isModern(() -> links.modern(caller, sharing()), caller);
    }

    private void learn(Response welcome) {
        Map<String, Object> result = JsonRpcMessage.object(welcome.whole().get("result"));
        Object instructions = result.get("instructions");
        Object info = result.getOrDefault(
                "serverInfo", JsonRpcMessage.object(result.get("_meta")).get("io.modelcontextprotocol/serverInfo"));
        description = new Description(
                upstream.name(),
                JsonRpcMessage.object(info),
                JsonRpcMessage.object(result.get("capabilities")),
                instructions instanceof String text ? text : null);
        introduced = true;
    }

    @Override
    public boolean answers(String method) {
        // Methods of tasks beyond those known list what may be another client's.
        return Method.of(method).map(Method::isModern).orElse(!method.startsWith("tasks/"));
    }

    @Override
    public boolean conductsRounds() {
        return true;
    }

    /** Where tools are pinned, answers are held against digests, which takes too long for an event loop. */
    @Override
    public boolean neverBlocks() {
        return pins == null;
    }

    @Override
    public BackendSession open(Opening opening) {
        return opening.initialize() == null ? modern(opening) : legacy(opening, opening.initialize());
    }

    private BackendSession legacy(Opening opening, Request initialize) {
        String id = SessionIds.next();
        Caller caller = opening.caller();
        Supplier<BackendSession> translated = () -> translated(id, caller, opening.hello(), initialize);
        if (isModernOnly) {
            return new LegacyClientSession(translated.get(), Mono.fromSupplier(() -> isModernOnly = false), translated);
        }
        return new LegacyClientSession(
                untranslated(id, opening, initialize),
                Mono.defer(() -> isModern(caller)).doOnNext(is -> isModernOnly = is),
                translated);
    }

    private BackendSession translated(
            String id, Caller caller, Map<String, Object> hello, @Nullable Request initialize) {
        ModernLink link = links.modern(caller, sharing());
        return pinned(new LegacyToModernSession(id, link, eras, caller, hello, initialize, this::learn), link.shown());
    }

    private BackendSession untranslated(String id, Opening opening, Request initialize) {
        if (mode == ProcessMode.PER_SESSION) {
            return session(id, links.own(opening.caller(), initialize), opening.caller(), initialize);
        }
        LegacyLink link = links.shared(opening.caller(), sharing(), opening.hello());
        return pinned(new LegacySession(id, link, sharing(), initialize, this::learn, () -> {}), link.shown());
    }

    private BackendSession session(String id, LegacyLink link, Caller caller, Request initialize) {
        Runnable atEnd = () -> links.end(link, caller, initialize);
        return pinned(new LegacySession(id, link, Sharing.ONE_CLIENT, initialize, this::learn, atEnd), link.shown());
    }

    private BackendSession pinned(BackendSession session, ShownTools shown) {
        return pins == null ? session : new PinnedSession(session, pins, shown, this::instructions);
    }

    private Mono<Optional<String>> instructions(Caller caller) {
        return (introduced ? Mono.<Void>empty() : prepare(caller))
                .then(Mono.fromSupplier(() -> Optional.ofNullable(description.instructions())));
    }

    @Override
    public Optional<BackendSession> resume(Caller caller, String id, String version, String resumption) {
        if (LegacyToModernSession.isResumption(resumption)) {
            return LegacyToModernSession.hello(resumption).map(hello -> translated(id, caller, hello, null));
        }
        Request unknown = Messages.request(0, Method.INITIALIZE.text(), "{}");
        LegacyLink link = links.own(caller, unknown);
        if (link.resume(version, resumption)) {
            return Optional.of(session(id, link, caller, unknown));
        }
        links.end(link);
        return Optional.empty();
    }

    private BackendSession modern(Opening opening) {
        Caller caller = opening.caller();
        return new ModernClientSession(
                () -> isModern(caller),
                () -> {
                    ModernLink link = links.modern(caller, sharing());
                    return pinned(new ModernSession(link, caller), link.shown());
                },
                () -> {
                    LegacyLink link = links.shared(caller, sharing(), opening.hello());
                    Map<String, Object> capabilities =
                            JsonRpcMessage.object(opening.hello().get("capabilities"));
                    return pinned(new ModernToLegacySession(link, held, this::describe, capabilities), link.shown());
                },
                eras::doubt);
    }

    private Sharing sharing() {
        return mode == ProcessMode.SHARED ? Sharing.EVERYBODY : Sharing.ONE_IDENTITY;
    }

    @Override
    public Mono<List<Mirrored>> mirrored(Caller caller, String tool) {
        Optional<List<Mirrored>> known = upstream.tools().mirrored(tool);
        return known.isPresent()
                ? Mono.just(known.get())
                : Mono.defer(() ->
                                listed(open(new Opening(caller, ANY_CLIENT, null)), caller, tool, Map.of(), MAX_PAGES))
                        .timeout(LISTED)
                        .onErrorComplete()
                        .then(Mono.fromSupplier(
                                () -> upstream.tools().mirrored(tool).orElse(List.of())));
    }

    /** Reads the list, which is learned in passing, until it has shown the tool. */
    private Mono<Void> listed(
            BackendSession session, Caller caller, String tool, Map<String, Object> params, int left) {
        ResultCollector page = new ResultCollector();
        return session.request(caller, new Request("mirrored", Method.TOOLS_LIST.text(), params), page)
                .then(Mono.defer(() -> {
                    Object next = JsonRpcMessage.object(page.result()).get("nextCursor");
                    boolean isOver =
                            left == 0 || upstream.tools().mirrored(tool).isPresent();
                    return next instanceof String cursor && !cursor.isEmpty() && !isOver
                            ? listed(session, caller, tool, Map.of("cursor", cursor), left - 1)
                            : Mono.<Void>empty();
                }));
    }

    @Override
    public RefusedException refusal(Request request, Throwable failure) {
        return failure instanceof UpstreamFailure known ? known.refusal() : RefusedException.of(failure);
    }

    void sweep(long now) {
        links.sweep(now);
        held.sweep(now);
        if (pins != null) {
            pins.reload();
        }
    }
}
