// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.revocation;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.trust.DistributionPoints;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the CRLs that verification needs, on a few daemon threads. It fetches a CRL at once when it is needed, and again when a tenth of
 * its time is left, or after six hours. After a failure it retries at growing intervals. Thread-safe.
 */
public final class CrlFetch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CrlFetch.class);
    private static final int THREADS = 4;
    private static final Duration PERIOD = Duration.ofMillis(400);
    private static final Duration SOONEST = Duration.ofMinutes(1);
    private static final Duration LATEST = Duration.ofHours(6);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LAST_RETRY = Duration.ofMinutes(10);

    /** When a location is asked next, and how often in a row it has failed. */
    private record Turn(Instant at, int failures, String complaint) {
        private static final Turn FIRST = new Turn(Instant.MIN, 0, "");
    }

    private final DistributionPoints points;
    private final CrlDownload download;
    private final AuditSink audit;
    private final InstantSource clock;
    private final Map<URI, Turn> turns = new ConcurrentHashMap<>();
    private final Set<URI> inWork = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS, task -> {
        Thread daemon = new Thread(task, "crl-fetch");
        daemon.setDaemon(true);
        return daemon;
    });

    /**
     * Fetches nothing before it is asked to.
     *
     * @param audit where arrivals and failures are recorded
     * @param clock by which CRLs end
     */
    public CrlFetch(DistributionPoints points, AuditSink audit, InstantSource clock) {
        this(points, new CrlDownload(DistributionPoints.MAX_CRL_BYTES, Duration.ofSeconds(10)), audit, clock);
    }

    CrlFetch(DistributionPoints points, CrlDownload download, AuditSink audit, InstantSource clock) {
        this.points = points;
        this.download = download;
        this.audit = audit;
        this.clock = clock;
    }

    /** Fetches from now on until it is closed. */
    public CrlFetch start() {
        var unused = threads.scheduleWithFixedDelay(
                () -> due().forEach(threads::execute), 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    /** Fetches once what is due now, and waits for it, for no longer than the time given: for a process that ends soon. */
    public void once(Duration patience) {
        try {
            var unused = threads.invokeAll(
                    due().stream().map(Executors::callable).toList(), patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends fetching; what has arrived stays in force. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private List<Runnable> due() {
        Instant now = clock.instant();
        return points.wanted().stream()
                .filter(location ->
                        !turns.getOrDefault(location, Turn.FIRST).at().isAfter(now))
                .filter(inWork::add)
                .map(this::task)
                .toList();
    }

    private Runnable task(URI location) {
        return () -> {
            try {
                turns.put(location, fetch(location, turns.getOrDefault(location, Turn.FIRST)));
            } catch (RuntimeException e) {
                LOG.error("fetching {} failed; it is tried again", location, e);
                turns.put(location, new Turn(clock.instant().plus(LAST_RETRY), 1, ""));
            } finally {
                inWork.remove(location);
            }
        };
    }

    private Turn fetch(URI location, Turn turn) {
        try {
            if (points.take(location, download.get(location), clock.instant()) || turn.failures() > 0) {
                LOG.info("in force: the CRL of {}", location);
                audit.record(new AuditEvent.TrustReloaded(clock.instant(), "CRL " + location));
            }
            return new Turn(refreshAt(location), 0, "");
        } catch (CrlDownload.FailedException | UnusableCredentialException e) {
            String why = String.valueOf(e.getMessage());
            points.failed(location, why);
            if (!why.equals(turn.complaint())) {
                LOG.warn("no new CRL from {}: {}", location, why);
                audit.record(new AuditEvent.TrustReloadFailed(clock.instant(), "CRL " + location, why));
            }
            return new Turn(clock.instant().plus(retryDelay(turn.failures())), turn.failures() + 1, why);
        }
    }

    private Instant refreshAt(URI location) {
        Instant now = clock.instant();
        Duration left = Duration.between(now, points.currentUntil(location).orElse(now));
        return now.plus(clamp(left.minus(left.dividedBy(10)), SOONEST, LATEST));
    }

    private static Duration retryDelay(int failures) {
        return clamp(FIRST_RETRY.multipliedBy(1L << Math.min(failures, 10)), FIRST_RETRY, LAST_RETRY);
    }

    private static Duration clamp(Duration wish, Duration least, Duration most) {
        Duration bounded = wish.compareTo(most) < 0 ? wish : most;
        return bounded.compareTo(least) > 0 ? bounded : least;
    }
}
