// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.RejectionsSummarised;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A sink in front of an audit log that limits records of rejected handshakes, because any peer that reaches the port can cause
 * them without limit. It records a fixed number a minute, from each address (IPv6: each /64 network) and in total; ten minutes'
 * worth may come at once. It counts the others, and a minute later one record gives their number, addresses and reasons. All
 * other events, and so all events about accepted peers, are recorded at once. Thread-safe.
 */
public final class RejectionLimit implements AuditSink, AutoCloseable {

    private static final int BURST_MINUTES = 10;
    private static final int ADDRESSES = 1_000;
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final AuditSink log;
    private final int perAddress;
    private final InstantSource clock;
    private final Executor later;
    private final Bucket total;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > ADDRESSES;
        }
    };
    private @Nullable Tally tally;

    /**
     * A limit in front of {@code log}.
     *
     * @param perMinute rejections recorded a minute, in total
     * @param perAddress rejections recorded a minute, from one address
     */
    public RejectionLimit(AuditSink log, int perMinute, int perAddress, InstantSource clock) {
        this(
                log,
                perMinute,
                perAddress,
                clock,
                CompletableFuture.delayedExecutor(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** As the public constructor; {@code later} decides when a summary is due. */
    RejectionLimit(AuditSink log, int perMinute, int perAddress, InstantSource clock, Executor later) {
        this.log = log;
        this.perAddress = perAddress;
        this.clock = clock;
        this.later = later;
        this.total = new Bucket(perMinute, clock.instant());
    }

    @Override
    public CompletionStage<Void> record(AuditEvent event) {
        Optional<String> address = stranger(event);
        return address.isEmpty() || isRecorded(event, address.get())
                ? log.record(event)
                : CompletableFuture.completedFuture(null);
    }

    /** Records the events together, unless one of them is a rejection: those are counted one by one. */
    @Override
    public CompletionStage<Void> recordAll(List<AuditEvent> events) {
        return events.stream().allMatch(event -> stranger(event).isEmpty())
                ? log.recordAll(events)
                : AuditSink.super.recordAll(events);
    }

    /** Writes the summary that is due, if one is. */
    @Override
    public void close() {
        summarise();
    }

    /** The source address of an event that any peer can cause; empty for all others. */
    private static Optional<String> stranger(AuditEvent event) {
        ConnectionFacts connection = event instanceof TlsRejected rejected
                ? rejected.connection()
                : event instanceof HandshakeFailed failed ? failed.connection() : null;
        return Optional.ofNullable(connection)
                .filter(facts -> facts.side() == ConnectionFacts.Side.SERVER)
                .map(facts -> network(facts.remote()));
    }

    private synchronized boolean isRecorded(AuditEvent event, String address) {
        Instant now = event.at();
        if (buckets.computeIfAbsent(address, first -> new Bucket(perAddress, now))
                        .take(now)
                && total.take(now)) {
            return true;
        }
        if (tally == null) {
            tally = new Tally(now);
            later.execute(this::summarise);
        }
        tally.add(reason(event), address);
        return false;
    }

    private void summarise() {
        Tally due;
        synchronized (this) {
            due = tally;
            tally = null;
        }
        if (due != null) {
            var unused = log.record(due.summary(clock.instant()));
        }
    }

    private static String reason(AuditEvent event) {
        return event instanceof TlsRejected rejected
                ? rejected.findings().get(0).reason().name()
                : ((HandshakeFailed) event).reason();
    }

    private static String network(InetSocketAddress remote) {
        InetAddress address = remote.getAddress();
        if (address == null) {
            return remote.getHostString();
        }
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        String[] groups = address.getHostAddress().split(":", -1);
        return String.join(":", groups[0], groups[1], groups[2], groups[3]) + "::/64";
    }

    /** The rejections that were not recorded since {@code since}. */
    private static final class Tally {

        private static final int SHOWN = 16;

        private final Instant since;
        private final Map<String, Long> reasons = new LinkedHashMap<>();
        private final Map<String, Long> addresses = new LinkedHashMap<>();
        private long count;

        Tally(Instant since) {
            this.since = since;
        }

        void add(String reason, String address) {
            count++;
            count(reasons, reason);
            count(addresses, address);
        }

        private static void count(Map<String, Long> counts, String what) {
            counts.merge(counts.containsKey(what) || counts.size() < SHOWN ? what : "other", 1L, Long::sum);
        }

        RejectionsSummarised summary(Instant now) {
            return new RejectionsSummarised(now, since, count, reasons, addresses);
        }
    }

    /** A token bucket: it fills evenly, and holds {@link #BURST_MINUTES} minutes' worth. */
    private static final class Bucket {

        private final int perMinute;
        private double tokens;
        private Instant filled;

        Bucket(int perMinute, Instant now) {
            this.perMinute = perMinute;
            this.tokens = (double) perMinute * BURST_MINUTES;
            this.filled = now;
        }

        boolean take(Instant now) {
            double minutes = Math.max(0, Duration.between(filled, now).toMillis()) / 60_000.0;
            tokens = Math.min((double) perMinute * BURST_MINUTES, tokens + minutes * perMinute);
            filled = now.isAfter(filled) ? now : filled;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }
}
