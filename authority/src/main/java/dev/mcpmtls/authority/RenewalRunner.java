// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews credentials of the store when {@link RenewalSchedule} says so, and keeps the CRL current. Programs that present the
 * credentials watch their files. One daemon thread. It reads the clock every second instead of sleeping until a renewal, so
 * that the clock may jump and the machine may suspend.
 */
public final class RenewalRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RenewalRunner.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long LIST_PERIOD = Duration.ofHours(1).toNanos();

    private final Store store;
    private final Authority authority;
    private final Surroundings surroundings;
    private final List<Renewal> renewals;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "renewal");
        daemon.setDaemon(true);
        return daemon;
    });
    private long listLookedAt = System.nanoTime() - LIST_PERIOD;

    private RenewalRunner(Store store, Authority authority, Collection<String> names, Surroundings surroundings) {
        this.store = store;
        this.authority = authority;
        this.surroundings = surroundings;
        this.renewals = names.stream()
                .distinct()
                .filter(name -> !isFromElsewhere(name))
                .map(Renewal::new)
                .toList();
    }

    /** As {@link #start(Path, Optional)}, for an authority whose key is not encrypted. */
    public static Optional<RenewalRunner> start(Path credential) {
        return start(credential, Optional.empty());
    }

    /**
     * Renews a program's own credential before it expires, if its authority is in the same store. Renews it before this returns
     * if it is due already, and later whenever it is due. A watcher of the files, such as {@code TlsProfile.strict}, loads the
     * renewed one. A failed renewal is logged and retried; it never stops the program. Nothing is recorded in an audit log.
     *
     * @param credential the directory {@code credentials/NAME} of a store
     * @param passphrase of the authority's key, taken over and wiped by {@link #close}
     * @return the runner, which stops when it is closed; empty when no authority is available and the renewal happens elsewhere
     */
    public static Optional<RenewalRunner> start(Path credential, Optional<Passphrase> passphrase) {
        Optional<Store> store = Store.of(credential).filter(Store::hasAuthority);
        if (store.isEmpty()) {
            LOG.info("there is no authority beside {}; its own issuer has to renew it", credential);
            passphrase.ifPresent(Passphrase::close);
            return Optional.empty();
        }
        Surroundings surroundings = Surroundings.system(AuditSink.none());
        Authority authority = Authority.open(store.get(), passphrase, surroundings);
        String name = credential.getFileName().toString();
        return Optional.of(start(store.get(), authority, List.of(name), surroundings));
    }

    /**
     * Starts to renew. Credentials that are due already are renewed, or have failed, before this returns.
     *
     * @param authority of {@code store}; {@link #close} closes it
     * @param names the credentials to renew; those from another issuer are ignored
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the check never throws; it records and logs failures
    public static RenewalRunner start(
            Store store, Authority authority, Collection<String> names, Surroundings surroundings) {
        RenewalRunner runner = of(store, authority, names, surroundings);
        runner.warnUnlessAble();
        runner.look();
        runner.thread.scheduleWithFixedDelay(runner::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        return runner;
    }

    static RenewalRunner of(Store store, Authority authority, Collection<String> names, Surroundings surroundings) {
        return new RenewalRunner(store, authority, names, surroundings);
    }

    /** Reports a missing passphrase now, not when the first certificate is due. */
    private void warnUnlessAble() {
        try {
            authority.openKey();
        } catch (AuthorityException e) {
            LOG.warn("credentials cannot be renewed from here: {}", e.getMessage());
        }
    }

    private boolean isFromElsewhere(String name) {
        try {
            return authority.isFromElsewhere(name);
        } catch (AuthorityException e) {
            return false; // its renewal will fail and be reported
        }
    }

    /** Stops after a renewal in progress. */
    @Override
    public void close() {
        if (!thread.isShutdown()) {
            thread.execute(authority::close);
            thread.shutdown();
        }
    }

    void look() {
        renewals.forEach(Renewal::look);
        if (System.nanoTime() - listLookedAt >= LIST_PERIOD) {
            listLookedAt = System.nanoTime();
            refreshRevocationList();
        }
    }

    private void refreshRevocationList() {
        try {
            authority.refreshRevocationList();
        } catch (RuntimeException e) {
            LOG.warn("cannot refresh the CRL, next attempt in an hour: {}", e.getMessage());
        }
    }

    /** The renewal of one credential. */
    private final class Renewal {

        private final String name;
        private @Nullable X509Certificate scheduled;
        private @Nullable RenewalSchedule schedule;

        Renewal(String name) {
            this.name = name;
        }

        void look() {
            if (schedule != null && !schedule.isDue()) {
                return;
            }
            try {
                RenewalSchedule now = reschedule();
                if (now.isDue()) {
                    authority.renew(name);
                    LOG.info("renewed the credential {}", name);
                    reschedule();
                }
            } catch (RuntimeException e) {
                failed(e);
            }
        }

        /** Reads the certificate again, because another process may have renewed it. */
        private RenewalSchedule reschedule() {
            X509Certificate inStore = certificate();
            if (schedule == null || !inStore.equals(scheduled)) {
                scheduled = inStore;
                schedule = RenewalSchedule.of(inStore, surroundings.clock(), surroundings.random());
            }
            return schedule;
        }

        private X509Certificate certificate() {
            byte[] pem =
                    store.credentialFiles(name).read(List.of(Store.CERTIFICATE)).get(Store.CERTIFICATE);
            try {
                return Pem.parseCertificates(pem == null ? new byte[0] : pem).get(0);
            } catch (CertificateException e) {
                throw new AuthorityException.StoreFailed(
                        store.credential(name).resolve(Store.CERTIFICATE), "is missing or damaged", e);
            }
        }

        private void failed(RuntimeException failure) {
            RenewalSchedule next = schedule == null
                    ? RenewalSchedule.ofUnreadable(surroundings.clock(), surroundings.random())
                    : schedule.afterFailure();
            schedule = next;
            LOG.warn(
                    "cannot renew the credential {}, next attempt at {}: {}",
                    name,
                    next.dueAt().truncatedTo(ChronoUnit.SECONDS),
                    failure.getMessage());
            surroundings
                    .audit()
                    .record(new AuditEvent.RenewalFailed(
                            surroundings.now(), name, String.valueOf(failure.getMessage())));
        }
    }
}
