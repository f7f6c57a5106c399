// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.audit.AuditEvent.CallDecided;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.pattern.NamePattern;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls by peer, server, target and outcome. Bounded in all and for each peer, so that one peer cannot crowd out others. Thread-safe. */
final class Calls {

    static final int MOST = 8_192;
    static final int MOST_OF_A_PEER = 1_024;
    private static final long SECONDS_BETWEEN_SWEEPS = 60;

    private final Map<Key, Steps> counts = new ConcurrentHashMap<>();
    private final Map<Identity, AtomicInteger> byPeer = new ConcurrentHashMap<>();
    private final Map<CallOutcome, Steps> totals = Steps.forEach(CallOutcome.class);
    private final AtomicLong sweptAt = new AtomicLong();

    /** @param peer null for those beyond the bound */
    private record Key(@Nullable Identity peer, String server, String method, String target, CallOutcome outcome) {

        Edge edge() {
            return new Edge(peer == null ? Edge.OTHERS : NamePattern.exactly(peer), server, method, target);
        }
    }

    void add(CallDecided event, CallOutcome outcome) {
        total(outcome).add(event.at(), 1);
        Key key = new Key(
                event.caller().identity(),
                event.call().server(),
                Edge.bounded(event.call().method()),
                Edge.bounded(event.call().target()),
                outcome);
        Steps known = counts.get(key);
        (known == null ? made(event.caller().identity(), key, event.at()) : known).add(event.at(), 1);
    }

    private Steps made(Identity peer, Key key, Instant now) {
        if (counts.size() >= MOST) {
            sweep(now);
        }
        if (counts.size() < MOST) {
            AtomicInteger its = byPeer.computeIfAbsent(peer, any -> new AtomicInteger());
            if (its.get() < MOST_OF_A_PEER) {
                return counts.computeIfAbsent(key, any -> {
                    its.incrementAndGet();
                    return new Steps();
                });
            }
        }
        // Servers and outcomes are ours, so these few come on top.
        String method = Edge.isToolCall(key.method()) ? key.method() : Edge.OTHERS;
        boolean isKnown = byPeer.containsKey(peer) && counts.size() < MOST + MOST_OF_A_PEER;
        return counts.computeIfAbsent(
                new Key(isKnown ? peer : null, key.server(), method, Edge.OTHERS, key.outcome()), any -> new Steps());
    }

    /** Forgets what did not happen for a day, at most once a minute. */
    private void sweep(Instant now) {
        long last = sweptAt.get();
        if (now.getEpochSecond() - last < SECONDS_BETWEEN_SWEEPS
                || !sweptAt.compareAndSet(last, now.getEpochSecond())) {
            return;
        }
        counts.entrySet().removeIf(entry -> entry.getValue().sum(Window.DAY, now) == 0);
        byPeer.clear();
        counts.keySet().stream()
                .flatMap(key -> Stream.ofNullable(key.peer()))
                .forEach(peer ->
                        byPeer.computeIfAbsent(peer, any -> new AtomicInteger()).incrementAndGet());
    }

    /** How many combinations are kept. */
    int size() {
        return counts.size();
    }

    /** The edges with calls in a window, in no order. */
    List<EdgeCount> in(Window window, Instant now) {
        Map<Edge, Map<CallOutcome, Long>> found = new HashMap<>();
        counts.forEach((key, steps) -> {
            long sum = steps.sum(window, now);
            if (sum > 0) {
                found.computeIfAbsent(key.edge(), any -> new EnumMap<>(CallOutcome.class))
                        .merge(key.outcome(), sum, Long::sum);
            }
        });
        List<EdgeCount> list = new ArrayList<>();
        found.forEach((edge, outcomes) -> list.add(new EdgeCount(edge, outcomes)));
        return list;
    }

    long[] totals(CallOutcome outcome, Window window, Instant now) {
        return total(outcome).counts(window, now);
    }

    private Steps total(CallOutcome outcome) {
        return Objects.requireNonNull(totals.get(outcome));
    }
}
