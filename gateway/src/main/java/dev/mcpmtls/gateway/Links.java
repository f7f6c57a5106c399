// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.Link;
import dev.mcpmtls.gateway.link.ModernLink;
import dev.mcpmtls.gateway.link.Sharing;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The sessions with one upstream server: who shares which, and which is idle. Thread-safe. */
final class Links {

    private static final Duration FORSAKEN = Duration.ofSeconds(60);

    // Modern clients describe themselves again in each request, as they like.
    private static final int MAX_SHARED_PER_IDENTITY = 16;
    private static final int MAX_HELLO = 128 * 1024;

    private final Upstream upstream;
    private final Duration idle;
    private final Map<String, LegacyLink> shared = new ConcurrentHashMap<>();
    private final Map<String, ModernLink> modern = new ConcurrentHashMap<>();
    private final Set<LegacyLink> own = ConcurrentHashMap.newKeySet();
    // By the client's identity: one each.
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(LegacyLink link, String hello) {}

    /** @param idle after so long without use a server's side is stopped */
    Links(Upstream upstream, Duration idle) {
        this.upstream = upstream;
        this.idle = idle;
    }

    /** A link for one client alone. */
    LegacyLink own(Caller caller, Request initialize) {
        Waiting kept = waiting.remove(Owner.of(caller).text());
        if (kept != null && kept.hello().equals(hello(initialize))) {
            return kept.link();
        }
        if (kept != null) {
            end(kept.link());
        }
        LegacyLink link = new LegacyLink(upstream, caller, initialize, Sharing.ONE_CLIENT);
        own.add(link);
        return link;
    }

    private static String hello(Request initialize) {
        return Messages.canonical(initialize.params());
    }

    /** Ends a link of one client, but for one whose server is still starting: the client's next try goes on with it. */
    void end(LegacyLink link, Caller caller, Request initialize) {
        if (!link.isStarting()) {
            end(link);
            return;
        }
        Waiting before = waiting.put(Owner.of(caller).text(), new Waiting(link, hello(initialize)));
        if (before != null && before.link() != link) {
            end(before.link());
        }
    }

    /** Ends a link of one client. */
    void end(LegacyLink link) {
        if (own.remove(link)) {
            link.close();
        }
    }

    /**
     * The link shared by clients of one identity with these capabilities, on which a server's behaviour depends, or by all clients.
     *
     * @param hello the parameters of {@code initialize}
     * @throws RefusedException when there is no room for another one of the identity
     */
    LegacyLink shared(Caller caller, Sharing sharing, Map<String, Object> hello) {
        boolean everybody = sharing == Sharing.EVERYBODY;
        Object capabilities = hello.getOrDefault("capabilities", Map.of());
        String key = everybody ? "" : Owner.of(caller).text() + '\n' + Messages.canonical(capabilities);
        LegacyLink known = shared.get(key);
        return known == null ? shared(key, caller, sharing, initialize(everybody, hello)) : known;
    }

    private synchronized LegacyLink shared(String key, Caller caller, Sharing sharing, Request initialize) {
        if (!shared.containsKey(key)) {
            if (Messages.text(initialize).length() > MAX_HELLO) {
                throw RefusedException.invalidParams(
                        "the client's capabilities and clientInfo have more than " + MAX_HELLO + " characters");
            }
            makeRoomFor(sharing == Sharing.EVERYBODY ? Optional.empty() : Optional.of(Owner.of(caller)));
        }
        return shared.computeIfAbsent(key, made -> new LegacyLink(upstream, caller, initialize, sharing));
    }

    private void makeRoomFor(Optional<Owner> owner) {
        List<Map.Entry<String, LegacyLink>> all = shared.entrySet().stream()
                .filter(link -> link.getValue().owner().equals(owner))
                .toList();
        if (all.size() < MAX_SHARED_PER_IDENTITY) {
            return;
        }
        Map.Entry<String, LegacyLink> idlest = all.stream()
                .filter(link -> link.getValue().isForsaken() && !link.getValue().isBusy())
                .min(Comparator.comparingLong(link -> link.getValue().usedAt()))
                .orElseThrow(() -> RefusedException.tooMany("clients of this identity with "
                        + MAX_SHARED_PER_IDENTITY + " different capabilities are using the server "
                        + upstream.name()));
        shared.remove(idlest.getKey());
        idlest.getValue().close();
    }

    private static Request initialize(boolean everybody, Map<String, Object> hello) {
        String capabilities = everybody ? "{}" : Messages.json(hello.getOrDefault("capabilities", Map.of()));
        String client = everybody
                ? "{\"name\":\"mcp-mtls\",\"version\":\"1\"}"
                : Messages.json(hello.getOrDefault("clientInfo", Map.of("name", "unnamed", "version", "0")));
        return Messages.request(
                0,
                "initialize",
                "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":" + capabilities + ",\"clientInfo\":" + client
                        + "}");
    }

    /** The link of an identity to a modern server, or the one that all identities share. */
    ModernLink modern(Caller caller, Sharing sharing) {
        boolean everybody = sharing == Sharing.EVERYBODY || !upstream.namesCallersInMessages();
        Optional<Owner> owner = everybody ? Optional.empty() : Optional.of(Owner.of(caller));
        return modern.computeIfAbsent(owner.map(Owner::text).orElse(""), made -> new ModernLink(upstream, owner));
    }

    /** Any link that is open, to describe the server by. */
    Optional<LegacyLink> anyOpen() {
        return Stream.concat(shared.values().stream(), own.stream())
                .filter(LegacyLink::isOpen)
                .findFirst();
    }

    private List<Link> all() {
        return Stream.<Collection<? extends Link>>of(shared.values(), modern.values(), own)
                .<Link>flatMap(Collection::stream)
                .toList();
    }

    /**
     * Stops the server's side of a link that is not busy: the idlest of the identity that has most; false when all are busy.
     *
     * @param whose the identity whose links alone are considered, with all subjects of its access tokens; all are when it is empty
     */
    boolean makeRoom(Optional<Owner> whose) {
        Predicate<Link> considered =
                link -> whose.isEmpty() || certificate(link).equals(whose);
        return pauseOne(considered.and(link -> !link.isExpectant())) || pauseOne(considered);
    }

    private static Optional<Owner> certificate(Link link) {
        return link.owner().map(Owner::ofCertificate);
    }

    private boolean pauseOne(Predicate<Link> which) {
        List<Link> open = all().stream().filter(Link::isOpen).toList();
        Map<Optional<Owner>, Long> shares =
                open.stream().collect(Collectors.groupingBy(Links::certificate, Collectors.counting()));
        Optional<Link> paused = open.stream()
                .filter(link -> !link.isBusy())
                .filter(which)
                .min(Comparator.<Link>comparingLong(link -> -shares.getOrDefault(certificate(link), 0L))
                        .thenComparingLong(Link::usedAt));
        paused.ifPresent(Link::pause);
        return paused.isPresent();
    }

    void sweep(long now) {
        shared.values().removeIf(link -> endedForsaken(link, now));
        modern.values().removeIf(link -> endedForsaken(link, now));
        waiting.values().removeIf(kept -> {
            boolean isForgotten = !kept.link().isStarting() && now - kept.link().usedAt() > FORSAKEN.toNanos();
            if (isForgotten) {
                end(kept.link());
            }
            return isForgotten;
        });
        for (Link link : all()) {
            link.sweep(now);
            if (link.isOpen() && !link.isBusy() && !link.isExpectant() && now - link.usedAt() > idle.toNanos()) {
                link.pause();
            }
        }
    }

    private static boolean endedForsaken(Link link, long now) {
        boolean forsaken = link.isForsaken() && !link.isBusy() && now - link.usedAt() > FORSAKEN.toNanos();
        if (forsaken) {
            link.close();
        }
        return forsaken;
    }

    void close() {
        all().forEach(Link::close);
    }
}
