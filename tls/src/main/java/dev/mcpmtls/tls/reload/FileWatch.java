// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.files.Reload;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.tls.revocation.CrlFetch;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.OcspResponse;
import dev.mcpmtls.trust.Purpose;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloads credentials, trust anchors and revocation data within two seconds of a change, while connections continue. Files may
 * be replaced by moving a link (Kubernetes, cert-manager, our own store), by renaming, or in place (step, Vault agent).
 *
 * <p>A file that is missing, torn, mismatched, expired, weak, revoked or foreign is never used. The last good one stays, the failure is
 * logged and recorded, and the file is tried again. One daemon thread serves one watch. It compares file attributes instead of asking the
 * system for notifications: network file systems send none, and notifications for a link concern its directory, not the files behind it.
 * Thread-safe.
 */
public final class FileWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final Duration PERIOD = Duration.ofMillis(400);

    private final AuditSink audit;
    private final InstantSource clock;
    private final List<LongConsumer> looks = new CopyOnWriteArrayList<>();
    private final List<CrlFetch> fetches = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "file-watch");
        daemon.setDaemon(true);
        return daemon;
    });

    /**
     * A watch that keeps nothing yet.
     *
     * @param audit where reloads, failures and approaching ends are recorded
     * @param clock by which certificates end
     */
    public FileWatch(AuditSink audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
        var unused =
                thread.scheduleWithFixedDelay(this::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As {@link #credential(Path, Supplier, Purpose, ChainVerifier)}, for a key without a passphrase. */
    public CredentialSource credential(Path location, Purpose purpose, ChainVerifier verifier) {
        return credential(location, () -> Credential.load(location), purpose, verifier);
    }

    /**
     * Loads a credential, and again whenever its files change. Keep the verifier's anchors first, so that both can change in one
     * step.
     *
     * @param location the directory or file that {@code loader} reads
     * @param purpose the role in which it is presented
     * @param verifier checks replacements against its anchors and revocation data, and learns what is presented
     * @throws UnusableCredentialException when it cannot be used, or, unless validation is relaxed, is expired, weak or revoked
     */
    public CredentialSource credential(
            Path location, Supplier<Credential> loader, Purpose purpose, ChainVerifier verifier) {
        FileStamp asRead = FileStamp.of(List.of(location));
        CredentialFiles credential = new CredentialFiles(location, loader, purpose, verifier, audit, clock);
        ExpiryWatch expiry = new ExpiryWatch(credential.source(), audit, clock);
        expiry.look();
        keep(new WatchedFiles(List.of(location), asRead, credential)::look);
        keep(nanoTime -> expiry.look());
        return credential.source();
    }

    /**
     * Puts the anchors of this source, with their bindings, into the verifier's policy whenever its files change. Peers accepted
     * before are verified again at their next request.
     */
    public void anchors(ChainVerifier verifier, AnchorSource source) {
        keep(source::files, new AnchorFiles(verifier, source, clock));
    }

    /**
     * Has the revocation data of the verifier's policy read again whenever they change.
     *
     * @param locations the CRLs and the deny list from which they were loaded
     */
    public void revocation(ChainVerifier verifier, List<Path> locations) {
        keep(() -> locations, new RevocationFiles(verifier, List.copyOf(locations), clock));
    }

    /**
     * Follows the OCSP response that a job of the operator's writes, for a profile's {@code ocspStaple}. It is verified
     * whenever the file or the credential changes. A response that is missing, damaged, about another certificate, not signed by
     * the issuer or its delegate, not current or not good is not handed out. The failure is logged and recorded.
     *
     * @param file DER
     * @param credential which the server presents
     * @param verifier among whose anchors the credential's issuer is, unless it is in the chain
     * @return the response, never blocking; empty as long as there is no good one
     */
    public Supplier<Optional<OcspResponse>> ocspResponse(
            Path file, CredentialSource credential, ChainVerifier verifier) {
        StapleFile staple = new StapleFile(file, credential, verifier, audit, clock);
        WatchedFiles watched = new WatchedFiles(List.of(file), FileStamp.of(List.of(file)), staple);
        watched.look(System.nanoTime());
        keep(watched::look);
        return staple;
    }

    /** Has the CRLs fetched that certificates name themselves, if the verifier's policy looks at them. */
    public void distributionPoints(ChainVerifier verifier) {
        verifier.policy()
                .revocation()
                .distributionPoints()
                .ifPresent(points -> fetches.add(new CrlFetch(points, audit, clock).start()));
    }

    /** Has a file read again whenever it changes: within two seconds, and after a failure at growing intervals. It was read just now. */
    public void file(Path file, Reload reload) {
        keep(new WatchedFiles(List.of(file), new FileStamp(List.of()), reload)::look);
    }

    /** Starts without a stamp, so that the files are read once more in case they have changed since they were loaded. */
    private void keep(Supplier<List<Path>> files, TrustFiles.Source source) {
        FileStamp unknown = new FileStamp(List.of());
        keep(new WatchedFiles(files, unknown, new TrustFiles(source, audit, clock))::look);
    }

    private void keep(LongConsumer look) {
        looks.add(look);
    }

    /** Ends the watch; what is in use stays in use. */
    @Override
    public void close() {
        thread.shutdownNow();
        fetches.forEach(CrlFetch::close);
    }

    private void look() {
        long now = System.nanoTime();
        for (LongConsumer look : looks) {
            try {
                look.accept(now);
            } catch (RuntimeException e) {
                LOG.error("looking after files failed; they are looked at again", e);
            }
        }
    }
}
