// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The renewal over the network of a credential that is about to be presented. */
public final class RenewalBeforeUse {

    private static final Logger log = LoggerFactory.getLogger(RenewalBeforeUse.class);

    /** The wait for a renewal that is due; the certificate can still be used. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    /** The wait for a renewal without which the certificate cannot be used. */
    private static final Duration LONG = Duration.ofSeconds(25);

    private RenewalBeforeUse() {}

    /**
     * Renews a credential over the network if that is due, and then keeps renewing it until the runner is closed. A failure is logged and
     * recorded; the peer then decides about the old certificate.
     *
     * @param name a credential of the store, or any by its path
     * @return the runner; empty for credentials that are not renewed over the network, and while it still waits for an answer
     */
    public static Optional<RenewalRunner> start(Settings settings, String name, AuditSink audit) {
        Path location = ConfiguredCredentials.location(settings, name);
        Optional<Store> store =
                Store.of(location).filter(found -> !found.hasAuthority()).filter(found -> Files.isDirectory(location));
        if (store.isEmpty()) {
            return Optional.empty();
        }
        String credential = String.valueOf(location.getFileName());
        CompletableFuture<Optional<RenewalRunner>> starting = new CompletableFuture<>();
        Thread daemon = new Thread(
                () -> {
                    try {
                        starting.complete(RenewalRunner.start(
                                store.get(),
                                Optional.empty(),
                                ConfiguredCredentials.renewalDefaults(settings),
                                List.of(credential),
                                Surroundings.system(audit)));
                    } catch (RuntimeException e) {
                        starting.completeExceptionally(e);
                    }
                },
                "renewal-start");
        daemon.setDaemon(true);
        daemon.start();
        return awaited(starting, isExpired(location) ? LONG : SHORT, credential);
    }

    private static Optional<RenewalRunner> awaited(
            CompletableFuture<Optional<RenewalRunner>> starting, Duration patience, String credential) {
        try {
            return starting.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("the renewal of {} takes long; going on with the certificate that is here", credential);
            return Optional.empty();
        } catch (ExecutionException e) {
            log.warn("cannot renew the credential {}: {}", credential, String.valueOf(e.getCause()));
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Whether the certificate in a directory has expired; false where none can be read. */
    public static boolean isExpired(Path location) {
        try {
            Instant end = Chain.load(location.resolve(Credential.CHAIN_FILE))
                    .leaf()
                    .getNotAfter()
                    .toInstant();
            return !Instant.now().isBefore(end);
        } catch (UnusableCredentialException e) {
            return false; // whatever loads it next says why
        }
    }
}
