// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.CallDecided;
import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.RejectionsSummarised;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.authz.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last day of this process in counts: calls, refusals, handshakes, durations, rules, and the peers that were accepted. An event costs a
 * few atomic updates, on the thread that records it; 25 MiB hold all tables when they are full. Thread-safe.
 */
public final class Tally {

    /** The most combinations of edge and outcome that are kept. */
    public static final int MOST_EDGES = Calls.MOST;

    /** The most refusals that are kept. */
    public static final int MOST_REFUSALS = Refusals.MOST;

    /** The most tools whose durations are kept. */
    public static final int MOST_TOOLS = 1_024;

    private static final int MOST_RULES = 1_000;
    private static final Place OTHER_TOOLS = new Place(Edge.OTHERS, Edge.OTHERS, Edge.OTHERS);

    private final Calls calls = new Calls();
    private final Refusals refusals = new Refusals();
    private final SeenPeers peers = new SeenPeers();
    private final Map<HandshakeOutcome, Steps> handshakes = Steps.forEach(HandshakeOutcome.class);
    private final Map<Place, Durations> durations = new ConcurrentHashMap<>();
    private final Map<String, RuleUse> rules = new ConcurrentHashMap<>();

    private record Place(String server, String method, String target) {}

    /**
     * Counts an event.
     *
     * @param server the name under which it is recorded; empty for those of no server
     */
    public void add(String server, AuditEvent event) {
        if (event instanceof CallDecided e) {
            CallOutcome outcome = CallOutcome.of(e.decision());
            calls.add(e, outcome);
            use(e.decision().rule().orElse("")).add(outcome, e.at());
            return;
        }
        if (event instanceof TlsAccepted e) {
            handshake(HandshakeOutcome.ACCEPTED, e.at(), 1);
            peers.add(server, e.peer(), e.at());
        } else if (event instanceof TlsRejected e) {
            handshake(HandshakeOutcome.REJECTED, e.at(), 1);
        } else if (event instanceof HandshakeFailed e) {
            handshake(HandshakeOutcome.FAILED, e.at(), 1);
        } else if (event instanceof RejectionsSummarised e) {
            handshake(HandshakeOutcome.REJECTED, e.at(), e.count());
        }
        refusals.add(server, event);
    }

    /** Counts the end of a permitted call. */
    public void ended(Call call, Duration took, Instant at) {
        Place place = new Place(call.server(), Edge.bounded(call.method()), target(call));
        Durations known = durations.get(place);
        if (known == null) {
            boolean isOneTooMany = durations.size() >= MOST_TOOLS;
            known = durations.computeIfAbsent(isOneTooMany ? OTHER_TOOLS : place, any -> new Durations());
        }
        known.add(at, took);
    }

    private static String target(Call call) {
        return Edge.bounded(
                Edge.isToolCall(call.method())
                        ? call.target()
                        : call.forRecord().target());
    }

    private void handshake(HandshakeOutcome outcome, Instant at, long count) {
        Objects.requireNonNull(handshakes.get(outcome)).add(at, count);
    }

    private RuleUse use(String rule) {
        RuleUse known = rules.get(rule);
        return known != null
                ? known
                : rules.computeIfAbsent(
                        rules.size() < MOST_RULES || rule.isEmpty() ? rule : Edge.OTHERS, any -> new RuleUse());
    }

    /** The edges with calls in a window, most calls first. */
    public List<EdgeCount> edges(Window window, Instant now) {
        return calls.in(window, now).stream()
                .sorted(Comparator.comparingLong(EdgeCount::calls)
                        .reversed()
                        .thenComparing(count -> count.edge().toString()))
                .toList();
    }

    /** The refusals in a window, the last first. */
    public List<Refusal> refusals(Window window, Instant now) {
        return refusals.in(window, now);
    }

    /** Calls by outcome in each step of a window, oldest first. */
    public long[] calls(CallOutcome outcome, Window window, Instant now) {
        return calls.totals(outcome, window, now);
    }

    /** Handshakes by outcome in each step of a window, oldest first. */
    public long[] handshakes(HandshakeOutcome outcome, Window window, Instant now) {
        return Objects.requireNonNull(handshakes.get(outcome)).counts(window, now);
    }

    /** How long calls took in a window, the most called target first. */
    public List<Latency> latencies(Window window, Instant now) {
        List<Latency> found = new ArrayList<>();
        durations.forEach((place, its) -> {
            Durations.Distribution all = its.in(window, now);
            if (all.total() > 0) {
                found.add(new Latency(
                        place.server(),
                        place.method(),
                        place.target(),
                        all.total(),
                        all.quantile(0.5),
                        all.quantile(0.99)));
            }
        });
        found.sort(Comparator.comparingLong(Latency::finished).reversed());
        return found;
    }

    /** How often a rule decided; empty when it never did. */
    public Optional<RuleUse> rule(String name) {
        return Optional.ofNullable(rules.get(name));
    }

    /** How often no rule decided, but the default; empty when it never did. */
    public Optional<RuleUse> byDefault() {
        return rule("");
    }

    /** The accepted peers, those seen least recently first. */
    public List<SeenPeer> peers() {
        return peers.all();
    }

    /** How many accepted peers were forgotten, because there were too many. */
    public long peersLeftOut() {
        return peers.forgotten();
    }
}
