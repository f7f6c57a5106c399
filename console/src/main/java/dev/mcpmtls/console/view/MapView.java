// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.tally.CallOutcome;
import dev.mcpmtls.console.tally.Edge;
import dev.mcpmtls.console.tally.EdgeCount;
import dev.mcpmtls.console.tally.Latency;
import dev.mcpmtls.console.tally.Refusal;
import dev.mcpmtls.console.tally.SeenPeer;
import dev.mcpmtls.console.tally.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Peers, the tools of servers that they call, and the peers that were refused. */
public final class MapView {

    private static final int MOST_EDGES = 5_000;
    private static final String TOOL_CALL = Call.Subject.TOOL.use();

    private final Sources sources;

    /** A view of these sources. */
    public MapView(Sources sources) {
        this.sources = sources;
    }

    /** The answer for a window. */
    public Map<String, Object> of(Window window) {
        Instant now = sources.now();
        List<EdgeCount> edges = sources.tally().edges(window, now);
        Map<List<String>, Latency> latencies = new HashMap<>();
        sources.tally()
                .latencies(window, now)
                .forEach(its -> latencies.put(List.of(its.server(), its.method(), its.target()), its));
        return new Members()
                .put("at", now)
                .put("window", window.text())
                .put("seconds", window.length().toSeconds())
                .put(
                        "edges",
                        edges.stream()
                                .limit(MOST_EDGES)
                                .map(edge -> edge(edge, latencies, window))
                                .toList())
                .put("refusals", refusals(sources.tally().refusals(window, now)))
                .put("edgesLeftOut", Math.max(0, edges.size() - MOST_EDGES))
                .put("peers", peers())
                .put("servers", servers(edges))
                .asMap();
    }

    private static Map<String, Object> edge(EdgeCount count, Map<List<String>, Latency> latencies, Window window) {
        Edge edge = count.edge();
        long shadowed = count.count(CallOutcome.WOULD_BE_DENIED);
        Optional<Latency> latency =
                Optional.ofNullable(latencies.get(List.of(edge.server(), edge.method(), edge.target())));
        double minutes = window.length().toSeconds() / 60.0;
        return new Members()
                .put("peer", edge.peer())
                .put("server", edge.server())
                .put("method", edge.method())
                .put(edge.method().equals(TOOL_CALL) ? "tool" : "target", edge.target())
                .put("calls", count.calls())
                .put("permitted", count.count(CallOutcome.PERMITTED) + shadowed)
                .put("denied", count.count(CallOutcome.DENIED))
                .put("rateLimited", count.count(CallOutcome.RATE_LIMITED))
                .put("wouldBeDenied", shadowed)
                .put("callsPerMinute", Math.round(count.calls() / minutes * 10) / 10.0)
                .put("reasons", reasons(count))
                .put("p50Millis", latency.map(Latency::p50Millis))
                .put("p99Millis", latency.map(Latency::p99Millis))
                .asMap();
    }

    private static Map<String, Object> reasons(EdgeCount count) {
        Map<String, Object> reasons = new LinkedHashMap<>();
        put(reasons, "DENIED_BY_POLICY", count.count(CallOutcome.DENIED));
        put(reasons, "RATE_LIMITED", count.count(CallOutcome.RATE_LIMITED));
        put(reasons, "WOULD_BE_DENIED", count.count(CallOutcome.WOULD_BE_DENIED));
        return reasons;
    }

    private static void put(Map<String, Object> reasons, String reason, long count) {
        if (count > 0) {
            reasons.put(reason, count);
        }
    }

    /** Refusals as every answer shows them. */
    static List<Map<String, Object>> refusals(Collection<Refusal> refusals) {
        return refusals.stream()
                .map(refusal -> new Members()
                        .put("server", refusal.server())
                        .put("side", refusal.side().map(side -> side.name().toLowerCase(Locale.ROOT)))
                        .put("peer", refusal.peer())
                        .put("reason", refusal.reason())
                        .put("count", refusal.count())
                        .put("lastAt", refusal.lastAt())
                        .put("lastConnection", refusal.lastConnection())
                        .asMap())
                .toList();
    }

    /** One entry for each name, although a peer may have had several certificates. */
    private List<Map<String, Object>> peers() {
        Map<String, SeenPeer> last = new LinkedHashMap<>();
        sources.tally().peers().forEach(peer -> last.put(peer.name(), peer));
        return last.values().stream()
                .map(peer -> new Members()
                        .put("peer", peer.name())
                        .put("assurance", peer.peer().assurance().name())
                        .put("lastAt", peer.lastAt())
                        .asMap())
                .toList();
    }

    private List<Map<String, Object>> servers(List<EdgeCount> edges) {
        List<Map<String, Object>> servers = new ArrayList<>();
        for (ServerSource server : sources.servers()) {
            servers.add(new Members()
                    .put("server", server.server())
                    .put("entry", server.entry())
                    .put("tools", List.copyOf(tools(server, edges)))
                    .asMap());
        }
        return servers;
    }

    /** The tools of a server: those that are known, and those that it was permitted to call. */
    static Set<String> tools(ServerSource server, List<EdgeCount> edges) {
        Set<String> tools = new TreeSet<>(server.tools());
        edges.stream()
                .filter(count -> count.edge().server().equals(server.server()))
                .filter(count -> count.calls() > count.count(CallOutcome.DENIED))
                .flatMap(count -> count.edge().tool().stream())
                .filter(tool -> !tool.equals(Edge.OTHERS))
                .forEach(tools::add);
        return tools;
    }
}
