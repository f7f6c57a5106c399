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
 * Renews credentials of the store when {@link RenewalSchedule} says so, and keeps the CRL current. Credentials that name a {@link
 * RenewalSource} are renewed over the network, all others by the authority in the store. Programs that present the credentials watch
 * their files. One daemon thread. It reads the clock every second instead of sleeping until a renewal: the clock may jump, and the
 * machine may suspend.
 */
public final class RenewalRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RenewalRunner.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long LIST_PERIOD = Duration.ofHours(1).toNanos();

    /** How often CRLs are fetched over the network: a revocation is known everywhere after at most this time. */
    private static final long FETCH_PERIOD = Duration.ofMinutes(5).toNanos();

    private final Store store;
    private final Optional<Authority> authority;
    private final RenewalDefaults defaults;
    private final Optional<NetworkRenewal> network;
    private final Surroundings surroundings;
    private final List<Renewal> renewals;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "renewal");
        daemon.setDaemon(true);
        return daemon;
    });
    private long listLookedAt = System.nanoTime() - LIST_PERIOD;
    private long fetchedAt;

    private RenewalRunner(
            Store store,
            Optional<Authority> authority,
            RenewalDefaults defaults,
            Collection<String> names,
            Surroundings surroundings) {
        this.store = store;
        this.authority = authority;
        this.defaults = defaults;
        this.surroundings = surroundings;
        this.fetchedAt = System.nanoTime() - surroundings.random().nextLong(FETCH_PERIOD);
        this.renewals = names.stream()
                .distinct()
                .filter(this::isRenewable)
                .map(Renewal::new)
                .toList();
        this.network =
                renewals.stream().anyMatch(renewal -> source(renewal.name).isPresent())
                        ? NetworkRenewal.find()
                        : Optional.empty();
    }

    /** As {@link #start(Path, Optional)}, for an authority whose key is not encrypted. */
    public static Optional<RenewalRunner> start(Path credential) {
        return start(credential, Optional.empty());
    }

    /**
     * Renews a program's own credential before it expires, if its authority is in the same store, or over the network if it came from
     * there. Renews it before this returns if it is due already, and later whenever it is due. A watcher of the files, such as {@code
     * TlsProfile.strict}, loads the renewed one. A failed renewal is logged and retried; it never stops the program. Nothing is
     * recorded in an audit log.
     *
     * @param credential the directory {@code credentials/NAME} of a store
     * @param passphrase of the authority's key, taken over and wiped by {@link #close}
     * @return the runner, which stops when it is closed; empty when no authority is available and the renewal happens elsewhere
     */
    public static Optional<RenewalRunner> start(Path credential, Optional<Passphrase> passphrase) {
        Surroundings surroundings = Surroundings.system(AuditSink.none());
        String name = credential.getFileName().toString();
        Optional<RenewalRunner> started = Store.of(credential)
                .flatMap(store -> start(store, passphrase, RenewalDefaults.none(), List.of(name), surroundings));
        if (started.isEmpty()) {
            LOG.info("there is no authority beside {}; its own issuer has to renew it", credential);
            passphrase.ifPresent(Passphrase::close);
        }
        return started;
    }

    /**
     * Starts to renew with the authority of the store, if there is one, and over the network. Credentials that are due already are
     * renewed, or have failed, before this returns.
     *
     * @param passphrase of the authority's key, taken over and wiped by {@link #close}
     * @param defaults for credentials that came from elsewhere
     * @param names the credentials to renew; those that nothing here can renew are ignored
     * @return the runner; empty when there is neither an authority nor a credential to renew over the network
     */
    public static Optional<RenewalRunner> start(
            Store store,
            Optional<Passphrase> passphrase,
            RenewalDefaults defaults,
            Collection<String> names,
            Surroundings surroundings) {
        Optional<Authority> authority =
                store.hasAuthority() ? Optional.of(Authority.open(store, passphrase, surroundings)) : Optional.empty();
        RenewalRunner runner = new RenewalRunner(store, authority, defaults, names, surroundings);
        if (authority.isEmpty() && runner.renewals.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(runner.started());
    }

    /**
     * Starts to renew with an authority that is open already. Credentials that are due already are renewed, or have failed, before this
     * returns.
     *
     * @param authority of {@code store}; {@link #close} closes it
     * @param names the credentials to renew; those from another issuer are ignored
     */
    public static RenewalRunner start(
            Store store, Authority authority, Collection<String> names, Surroundings surroundings) {
        return of(store, authority, names, surroundings).started();
    }

    static RenewalRunner of(Store store, Authority authority, Collection<String> names, Surroundings surroundings) {
        return new RenewalRunner(store, Optional.of(authority), RenewalDefaults.none(), names, surroundings);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the check never throws; it records and logs failures
    private RenewalRunner started() {
        warnUnlessAble();
        look();
        thread.scheduleWithFixedDelay(this::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    /** Reports a missing passphrase now, not when the first certificate is due. */
    private void warnUnlessAble() {
        try {
            authority.ifPresent(Authority::openKey);
        } catch (AuthorityException e) {
            LOG.warn("credentials cannot be renewed from here: {}", e.getMessage());
        }
    }

    private boolean isRenewable(String name) {
        try {
            return source(name).isPresent()
                    || authority.filter(own -> !own.isFromElsewhere(name)).isPresent();
        } catch (AuthorityException e) {
            return true; // its renewal will fail and be reported
        }
    }

    /** Where a credential is renewed over the network; empty when the authority of the store renews it. */
    private Optional<RenewalSource> source(String name) {
        Optional<RenewalSource> own = store.renewalSource(name);
        boolean isOfThisStore = own.isEmpty()
                && authority.filter(here -> !here.isFromElsewhere(name)).isPresent();
        return defaults.source(own, isOfThisStore);
    }

    /** Stops after a renewal in progress. */
    @Override
    public void close() {
        if (!thread.isShutdown()) {
            thread.execute(() -> authority.ifPresent(Authority::close));
            thread.shutdown();
        }
    }

    void look() {
        renewals.forEach(Renewal::look);
        if (authority.isPresent() && System.nanoTime() - listLookedAt >= LIST_PERIOD) {
            listLookedAt = System.nanoTime();
            refresh(() -> authority.get().refreshRevocationList(), "in an hour");
        }
        if (network.isPresent() && System.nanoTime() - fetchedAt >= FETCH_PERIOD) {
            fetchedAt = System.nanoTime();
            renewals.forEach(renewal -> refresh(renewal::fetchRevocationLists, "in five minutes"));
        }
    }

    private static void refresh(Runnable action, String again) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.warn("cannot refresh the CRL, next attempt {}: {}", again, e.getMessage());
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
                    renew();
                    LOG.info("renewed the credential {}", name);
                    reschedule();
                }
            } catch (RuntimeException e) {
                failed(e);
            }
        }

        private void renew() {
            Optional<RenewalSource> source = source(name);
            if (source.isPresent()) {
                network().renew(store, name, source.get(), certificate(), surroundings);
            } else {
                authority.orElseThrow().renew(name);
            }
        }

        private NetworkRenewal network() {
            return network.orElseThrow(() -> new AuthorityException.Unavailable(
                    "it came over the network", "add mcp-mtls-enrolment to the class path, which renews it there"));
        }

        void fetchRevocationLists() {
            source(name).ifPresent(source -> network().refreshRevocationLists(store, name, source, surroundings));
        }

        /** Reads the certificate again, because another process may have renewed it. */
        private RenewalSchedule reschedule() {
            X509Certificate inStore = certificate();
            if (schedule == null || !inStore.equals(scheduled)) {
                scheduled = inStore;
                schedule = source(name).isPresent()
                        ? RenewalSchedule.overTheNetwork(inStore, surroundings.clock(), surroundings.random())
                        : RenewalSchedule.of(inStore, surroundings.clock(), surroundings.random());
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
                    : schedule.afterFailure(
                            failure instanceof NetworkRenewal.Deferred deferred ? deferred.atLeast() : Duration.ZERO);
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
