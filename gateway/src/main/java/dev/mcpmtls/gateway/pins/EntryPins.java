// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.pins;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.PinnedTools;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.pins.ToolsLock;
import dev.mcpmtls.protocol.pins.UnusableLockException;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.transport.server.backend.Outlet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The pins of one entry, whose key in {@code tools.lock} is its name. An entry that has none yet is pinned by the first client that lists
 * or calls. The file is read again when it changes; the last good pins are kept. Whatever differs is told once, and kept in a file beside
 * the pins, from which the operator may accept it. Thread-safe.
 */
public final class EntryPins {

    /** The file of what pinned entries offered last that is not as it was pinned, in the form of {@code tools.lock}. */
    public static final String OFFERED = "tools.offered";

    private static final Logger LOG = LoggerFactory.getLogger(EntryPins.class);
    private static final int MAX_TOLD = 1_000;

    private final String server;
    private final Path lock;
    private final Consumer<PinChange> changed;
    private final Executor files;
    // Changes that were told, with the digests of what was offered.
    private final Map<String, String> told = new ConcurrentHashMap<>();
    private final Set<Outlet> listening = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ToolPins pins;
    private @Nullable Mono<ToolPins> learning;
    private @Nullable FileStamp seen;

    private EntryPins(String server, Path lock, @Nullable ToolPins pins, Consumer<PinChange> changed, Executor files) {
        this.server = server;
        this.lock = lock;
        this.pins = pins;
        this.changed = changed;
        this.files = files;
        this.seen = FileStamp.of(lock);
    }

    /**
     * The pins of an entry; empty when it has none and none are wanted.
     *
     * @param isWanted whether an entry without pins is pinned when it is used first
     * @param changed receives each change once; must not block
     * @param files where files are written
     * @throws UnusableLockException when the file cannot be used
     */
    public static Optional<EntryPins> of(
            String server, Path lock, boolean isWanted, Consumer<PinChange> changed, Executor files) {
        ToolPins pins = ToolsLock.load(lock).of(server).orElse(null);
        return pins == null && !isWanted
                ? Optional.empty()
                : Optional.of(new EntryPins(server, lock, pins, changed, files));
    }

    /** The pins in force; empty before the first use of an entry that is being pinned. */
    Optional<ToolPins> current() {
        return Optional.ofNullable(pins);
    }

    /** The instructions that a server gives now, and the tools of all pages of its list. */
    record Offer(Optional<String> instructions, List<Object> tools) {}

    /** The pins, which are what the reading finds when there are none yet. One reading serves all that wait. */
    Mono<ToolPins> required(Supplier<Mono<Offer>> reading) {
        ToolPins known = pins;
        if (known != null) {
            return Mono.just(known);
        }
        synchronized (this) {
            if (learning == null) {
                learning = Mono.defer(reading)
                        .publishOn(Schedulers.fromExecutor(files))
                        .map(this::approve)
                        .doOnTerminate(this::learned)
                        .cache();
            }
            return learning;
        }
    }

    private synchronized void learned() {
        learning = null;
    }

    /** Another process may have pinned it meanwhile: then its pins count. */
    private ToolPins approve(Offer offer) {
        ToolPins approved = ToolsLock.update(
                lock,
                server,
                kept -> kept.orElseGet(() -> ToolPins.approving(server, offer.instructions(), offer.tools())));
        pins = approved;
        LOG.info(
                "pinned {} of the server {} in {}",
                Printable.count(approved.tools().size(), "tool"),
                server,
                lock);
        return approved;
    }

    /** An introduction without instructions that were not approved; all of it while nothing is pinned. */
    public Map<String, Object> introduced(Map<String, Object> result) {
        ToolPins known = pins;
        return known == null ? result : new PinnedTools(known, this::changed).introduced(result);
    }

    /** Tells of a change, unless it has been told. */
    void changed(PinChange change) {
        String digest = change.offeredDigest().orElse("");
        boolean isNew = told.size() < MAX_TOLD || told.containsKey(key(change));
        if (!isNew || digest.equals(told.put(key(change), digest))) {
            return;
        }
        changed.accept(change);
        LOG.warn(
                "withheld from the clients of the server {}: {} {}: {}; {}",
                server,
                change.kind().text(),
                dev.mcpmtls.identity.Printable.quote(change.name()),
                change.kind().why(),
                Remedy.of(Act.on(Act.Verb.SHOW_PINS, server)));
        if (change.isAcceptable()) {
            write(offered -> offered.accept(change));
        }
    }

    private static String key(PinChange change) {
        return switch (change.kind()) {
            case INSTRUCTIONS, IDENTITY -> change.kind().text();
            case CHANGED, NEW, UNPINNABLE, REMOVED -> tool(change.name());
        };
    }

    private static String tool(String name) {
        return "tool " + name;
    }

    /** A list shows a tool as it was approved, which it was not before. */
    void asApproved(String name) {
        ToolPins known = pins;
        if (known != null && told.remove(tool(name)) != null) {
            known.tool(name)
                    .flatMap(approved -> ToolPins.none(server).check(approved.members()))
                    .ifPresent(approved -> write(offered -> offered.accept(approved)));
        }
    }

    private void write(java.util.function.UnaryOperator<ToolPins> change) {
        files.execute(() -> {
            Path offered = lock.resolveSibling(OFFERED);
            try {
                var unused = ToolsLock.update(
                        offered,
                        server,
                        kept -> change.apply(kept.orElseGet(() -> current().orElse(ToolPins.none(server)))));
            } catch (UnusableLockException e) {
                LOG.error("the operator cannot be shown what changed: {}", e.getMessage());
            }
        });
    }

    /** Hears that tools were accepted, as it would of the server's own changes. */
    void listens(Outlet outlet) {
        listening.add(outlet);
    }

    void leaves(Outlet outlet) {
        listening.remove(outlet);
    }

    /** Reads the file again if it has changed; clients that listen hear of other pins. */
    public void reload() {
        FileStamp now = FileStamp.of(lock);
        synchronized (this) {
            if (now.equals(seen)) {
                return;
            }
            seen = now;
        }
        try {
            ToolPins read = ToolsLock.load(lock).of(server).orElse(null);
            if (read == null) {
                LOG.warn(
                        "{} has no pins of the server {} any more; the present ones stay until a restart",
                        lock,
                        server);
                return;
            }
            ToolPins before = pins;
            if (before == null || !isSame(before, read)) {
                pins = read;
                told.clear();
                LOG.info(
                        "the server {} has other pins now: {}",
                        server,
                        Printable.count(read.tools().size(), "tool"));
                listening.forEach(PinnedSession::announce);
            }
        } catch (UnusableLockException e) {
            LOG.error("{}; the last good pins are kept", e.getMessage());
        }
    }

    private static boolean isSame(ToolPins one, ToolPins other) {
        return one.tools().equals(other.tools()) && one.instructions().equals(other.instructions());
    }
}
