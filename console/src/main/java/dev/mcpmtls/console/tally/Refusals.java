// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.PeerLapsed;
import dev.mcpmtls.audit.AuditEvent.RejectionsSummarised;
import dev.mcpmtls.audit.AuditEvent.SessionRefused;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.audit.AuditEvent.TokenRefused;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.pattern.NamePattern;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Peers that were refused, by the names that they claim. Bounded, because strangers choose those names. Thread-safe. */
final class Refusals {

    static final int MOST = 1_024;

    private final Map<Key, Counted> counts = new ConcurrentHashMap<>();

    private record Key(String server, Optional<ConnectionFacts.Side> side, String peer, String reason) {}

    private static final class Counted {

        private final Steps steps = new Steps();
        private volatile Instant lastAt = Instant.EPOCH;
        private volatile String lastConnection = "";
    }

    /** Counts the event if it is a refusal. */
    void add(String server, AuditEvent event) {
        if (event instanceof TlsRejected e) {
            String claims = e.presented().map(Refusals::claimed).orElse("");
            add(server, e.connection(), claims, e.findings().get(0).reason().name(), e.at());
        } else if (event instanceof HandshakeFailed e) {
            add(server, e.connection(), "", e.reason(), e.at());
        } else if (event instanceof PeerLapsed e) {
            String name = NamePattern.exactly(e.peer().identity());
            add(server, e.connection(), name, e.rejection().reason().name(), e.at());
        } else if (event instanceof SessionRefused e) {
            add(server, e.connection(), NamePattern.exactly(e.peer().identity()), "SESSION_REFUSED", e.at());
        } else if (event instanceof TokenRefused e) {
            add(server, e.connection(), NamePattern.exactly(e.peer().identity()), e.reason(), e.at());
        } else if (event instanceof RejectionsSummarised e) {
            e.reasons()
                    .forEach((reason, count) -> add(new Key(server, Optional.empty(), "", reason), e.at(), count, ""));
        }
    }

    private void add(String server, ConnectionFacts connection, String peer, String reason, Instant at) {
        add(
                new Key(server, Optional.of(connection.side()), Edge.bounded(peer), Edge.bounded(reason)),
                at,
                1,
                connection.id());
    }

    private void add(Key key, Instant at, long count, String connection) {
        boolean isKept = counts.containsKey(key) || counts.size() < MOST || forgotten(at);
        // Servers and reasons are ours, so the others come on top.
        Key kept = isKept ? key : new Key(key.server(), key.side(), Edge.OTHERS, key.reason());
        Counted counted = counts.computeIfAbsent(kept, any -> new Counted());
        counted.steps.add(at, count);
        counted.lastAt = at;
        counted.lastConnection = connection;
    }

    /** Forgets what did not happen for a day; whether there is room now. */
    private boolean forgotten(Instant now) {
        counts.values().removeIf(counted -> counted.lastAt.isBefore(now.minus(Window.DAY.length())));
        return counts.size() < MOST;
    }

    /** The name that a certificate claims: what it would be if it were accepted, else its subject. */
    static String claimed(Chain chain) {
        try {
            return AlternativeNames.of(chain.leaf())
                    .identity()
                    .map(NamePattern::exactly)
                    .orElseGet(() -> subject(chain));
        } catch (MalformedDerException e) {
            return subject(chain);
        }
    }

    private static String subject(Chain chain) {
        return Printable.clean(chain.leaf().getSubjectX500Principal().getName());
    }

    /** The refusals in a window, the last first. */
    List<Refusal> in(Window window, Instant now) {
        return counts.entrySet().stream()
                .flatMap(entry -> refusal(entry.getKey(), entry.getValue(), window, now))
                .sorted(Comparator.comparing(Refusal::lastAt).reversed())
                .toList();
    }

    private static Stream<Refusal> refusal(Key key, Counted counted, Window window, Instant now) {
        long sum = counted.steps.sum(window, now);
        return sum == 0
                ? Stream.empty()
                : Stream.of(new Refusal(
                        key.server(),
                        key.side(),
                        key.peer(),
                        key.reason(),
                        sum,
                        counted.lastAt,
                        counted.lastConnection));
    }
}
