// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.tally.CallOutcome;
import dev.mcpmtls.console.tally.HandshakeOutcome;
import dev.mcpmtls.console.tally.Latency;
import dev.mcpmtls.console.tally.Tally;
import dev.mcpmtls.console.tally.Window;
import dev.mcpmtls.metrics.Health;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How much is going on, and how well. */
public final class FiguresView {

    private static final String TOOL_CALL = Call.Subject.TOOL.use();

    private final Sources sources;

    /** A view of these sources. */
    public FiguresView(Sources sources) {
        this.sources = sources;
    }

    /**
     * The figures of a window.
     *
     * @param viewers how many streams are open
     */
    public Map<String, Object> figures(Window window, int viewers) {
        Instant now = sources.now();
        Tally tally = sources.tally();
        return new Members()
                .put("now", now)
                .put("window", window.text())
                .put("stepSeconds", window.step().toSeconds())
                .put("times", window.times(now).stream().map(Instant::toString).toList())
                .put("calls", calls(window, now))
                .put(
                        "handshakes",
                        new Members()
                                .put("accepted", tally.handshakes(HandshakeOutcome.ACCEPTED, window, now))
                                .put("rejected", tally.handshakes(HandshakeOutcome.REJECTED, window, now))
                                .put("failed", tally.handshakes(HandshakeOutcome.FAILED, window, now))
                                .asMap())
                .put(
                        "tools",
                        tally.latencies(window, now).stream()
                                .map(FiguresView::tool)
                                .toList())
                .put(
                        "servers",
                        sources.servers().stream()
                                .map(server -> {
                                    Members view = new Members()
                                            .put("server", server.server())
                                            .put("entry", server.entry());
                                    server.load().get().forEach(view::put);
                                    return view.asMap();
                                })
                                .toList())
                .put("memory", memory())
                .put("audit", audit())
                .put("upstreams", upstreams())
                .put("viewers", viewers)
                .asMap();
    }

    private Map<String, Object> calls(Window window, Instant now) {
        Tally tally = sources.tally();
        long[] permitted = tally.calls(CallOutcome.PERMITTED, window, now);
        long[] shadowed = tally.calls(CallOutcome.WOULD_BE_DENIED, window, now);
        for (int i = 0; i < permitted.length; i++) {
            permitted[i] += shadowed[i];
        }
        return new Members()
                .put("permitted", permitted)
                .put("denied", tally.calls(CallOutcome.DENIED, window, now))
                .put("rateLimited", tally.calls(CallOutcome.RATE_LIMITED, window, now))
                .put("wouldBeDenied", shadowed)
                .asMap();
    }

    private static Map<String, Object> tool(Latency latency) {
        return new Members()
                .put("server", latency.server())
                .put("method", latency.method())
                .put(latency.method().equals(TOOL_CALL) ? "tool" : "target", latency.target())
                .put("finished", latency.finished())
                .put("p50Millis", latency.p50Millis())
                .put("p99Millis", latency.p99Millis())
                .asMap();
    }

    private static Map<String, Object> memory() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new Members()
                .put("heapUsedBytes", heap.getUsed())
                .put("heapMaxBytes", heap.getMax())
                .put(
                        "nonHeapUsedBytes",
                        ManagementFactory.getMemoryMXBean()
                                .getNonHeapMemoryUsage()
                                .getUsed())
                .put("directBytes", direct)
                .asMap();
    }

    private Map<String, Object> audit() {
        Optional<Duration> lag = sources.audit().watch().lag();
        return new Members()
                .put("kept", sources.audit().file().isPresent())
                .put("pending", sources.audit().watch().pending())
                .put("lost", sources.audit().lost().getAsLong())
                .put("lagMillis", lag.map(took -> Math.floor(took.toNanos() / 10_000.0) / 100.0))
                .put("failure", sources.audit().watch().failure())
                .asMap();
    }

    private List<Map<String, Object>> upstreams() {
        return sources.upstreams().stream()
                .flatMap(upstream -> upstream.condition().get().stream()
                        .map(condition -> new Members()
                                .put("server", upstream.name())
                                .put("detail", condition.words())
                                .put("troubled", condition.isTroubled())
                                .asMap()))
                .toList();
    }

    /** The checks, as {@code /health/ready} has them. */
    public Map<String, Object> health() {
        List<Health.Check> checks = sources.health().checks();
        return new Members()
                .put("status", word(Health.worst(checks)))
                .put("checks", checks.stream().map(FiguresView::check).toList())
                .asMap();
    }

    private static Map<String, Object> check(Health.Check check) {
        return new Members()
                .put("name", check.name())
                .put("status", word(check.status()))
                .put("detail", check.detail())
                .put("daysLeft", check.left().map(left -> Math.round(left.toMinutes() / 14.4) / 100.0))
                .asMap();
    }

    private static String word(Health.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
