// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.RenewalSchedule;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.RenewalBeforeUse;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.reload.CredentialSource;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the credential of a long-running process. An authority in the same store is opened when a renewal is due and closed after it,
 * because most processes of a day need none. A credential that came over the network is renewed over the network. A watcher of the files
 * takes the renewed certificate into use.
 */
final class OwnRenewal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OwnRenewal.class);
    private static final int PERIOD_SECONDS = 10;

    private final Optional<Path> renewable;
    private final PassphraseOption passphrase;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "renewal");
        daemon.setDaemon(true);
        return daemon;
    });
    private Optional<RenewalRunner> network = Optional.empty();
    private @Nullable Credential scheduled;
    private @Nullable RenewalSchedule schedule;

    private OwnRenewal(Optional<Path> renewable, PassphraseOption passphrase) {
        this.renewable = renewable;
        this.passphrase = passphrase;
    }

    /** Renews a certificate that has expired already before this returns, because it could not be presented. */
    static OwnRenewal start(Settings settings, String credential, PassphraseOption passphrase, AuditSink audit) {
        Path location = ConfiguredCredentials.location(settings, credential);
        OwnRenewal renewal =
                new OwnRenewal(Store.of(location).filter(Store::hasAuthority).map(store -> location), passphrase);
        if (renewal.renewable.isEmpty()) {
            renewal.network = RenewalBeforeUse.start(settings, credential, audit);
        } else if (RenewalBeforeUse.isExpired(location)) {
            renewal.renew(location);
        }
        return renewal;
    }

    /** From now on renews the credential whenever that is due. */
    void follow(CredentialSource source) {
        renewable.ifPresent(location -> {
            var unused = thread.scheduleWithFixedDelay(
                    () -> look(source.current(), location), 1, PERIOD_SECONDS, TimeUnit.SECONDS);
        });
    }

    private void look(Credential current, Path location) {
        RenewalSchedule now = schedule;
        if (now == null || !current.equals(scheduled)) {
            scheduled = current;
            now = RenewalSchedule.of(current.chain().leaf(), InstantSource.system(), new SecureRandom());
        }
        if (now.isDue()) {
            renew(location);
            now = now.afterFailure(); // until the renewed one is in use
        }
        schedule = now;
    }

    private void renew(Path location) {
        try {
            RenewalRunner.start(location, passphrase.read()).ifPresent(RenewalRunner::close);
        } catch (RuntimeException e) {
            LOG.warn("cannot renew the credential {}: {}", location.getFileName(), e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        network.ifPresent(RenewalRunner::close);
    }
}
