// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.enrolment.server.EstServer;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.EnrolmentKeys;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ReachedAt;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.tls.reload.AnchorSource;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The authority of a store, served to other machines by EST, with its health and metrics and the renewal of its own credential. It serves
 * nothing else. Thread-safe once it is started.
 */
public final class RunningAuthority implements AutoCloseable {

    private final Monitoring monitoring;
    private final FileWatch watch;
    private final Store store;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private Supplier<CompletableFuture<Void>> pulse = () -> CompletableFuture.completedFuture(null);

    private RunningAuthority(Settings settings, AuditLog audit) {
        this.store = Store.at(settings.get(Keys.DIR));
        this.monitoring = new Monitoring(settings, audit);
        this.watch = new FileWatch(monitoring.over(audit), InstantSource.system());
    }

    /**
     * Starts to serve. Issues the credential that it presents if it is missing, and renews it if it lacks the name under which others
     * reach this machine.
     *
     * @param passphrase of the authority's key; wiped when this closes
     * @throws dev.mcpmtls.authority.AuthorityException when there is no authority, or its key cannot be used
     * @throws SetupException when the address is taken
     */
    public static RunningAuthority start(Settings settings, Optional<Passphrase> passphrase, AuditLog audit) {
        RunningAuthority running = new RunningAuthority(settings, audit);
        try {
            running.start(settings, passphrase, running.monitoring.over(audit));
            return running;
        } catch (RuntimeException e) {
            running.close();
            throw e;
        }
    }

    private void start(Settings settings, Optional<Passphrase> passphrase, AuditSink sink) {
        ListenAddress listen = settings.get(EnrolmentKeys.AUTHORITY_LISTEN);
        ReachedAt reached = settings.find(EnrolmentKeys.AUTHORITY_NAME).orElseGet(() -> reachedAt(listen));
        Surroundings surroundings = Surroundings.system(sink);
        Authority authority = Authority.open(store, passphrase, surroundings);
        parts.add(authority);
        String name = Stores.credentialName(settings.get(EnrolmentKeys.AUTHORITY_CREDENTIAL));
        requireCredential(authority, settings, name, reached);
        parts.add(0, RenewalRunner.start(store, authority, List.of(name), surroundings));
        EstServer server = listen(settings, listen, authority, name, sink);
        parts.add(0, server);
        watch.file(store.authority(), new AuthorityReload(server));
        pulse = server::pulse;
        store.address(reached.uri(server.port()));
        monitoring.start();
    }

    private static ReachedAt reachedAt(ListenAddress listen) {
        if (listen.host().equals("0.0.0.0") || listen.host().equals("::")) {
            throw new BadSettingException("other machines cannot reach " + listen.host()
                    + "; say under which name or address they reach this one ("
                    + Remedy.ofKey(EnrolmentKeys.AUTHORITY_NAME.path()) + ")");
        }
        return new ReachedAt(listen.host(), Optional.empty());
    }

    private void requireCredential(Authority authority, Settings settings, String name, ReachedAt reached) {
        Grant local = Grant.server(Stores.trustDomain(settings), name);
        List<Identity> names = new ArrayList<>(local.names());
        names.add(reached.identity());
        Grant wanted = new Grant(
                name, names.stream().distinct().toList(), Set.of(Purpose.SERVER), settings.get(Keys.LEAF_LIFETIME));
        if (authority.issueIfMissing(wanted, settings.get(Keys.AUTHORITY_KEY)).isEmpty()
                && !store.names(name).containsAll(wanted.names())) {
            authority.renew(name, grant -> grant.withNames(wanted.names()));
        }
    }

    private EstServer listen(
            Settings settings, ListenAddress listen, Authority authority, String name, AuditSink sink) {
        Path location = store.credential(name);
        Path anchors = location.resolve(TrustAnchors.FILE);
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(TrustAnchors.load(anchors)), InstantSource.system());
        watch.anchors(verifier, AnchorSource.of(List.of(anchors)));
        CredentialSource credential = watch.credential(
                location, () -> ConfiguredCredentials.load(settings, location), Purpose.SERVER, verifier);
        try {
            return EstServer.start(
                    new InetSocketAddress(listen.host(), listen.port()),
                    new EstServer.Parts(
                            store,
                            authority,
                            credential,
                            settings.get(EnrolmentKeys.AUTHORITY_GRACE),
                            settings.get(TlsKeys.HANDSHAKE_TIMEOUT),
                            sink,
                            InstantSource.system()));
        } catch (UncheckedIOException e) {
            throw ListenFailure.of("the authority", listen, EnrolmentKeys.AUTHORITY_LISTEN.path(), e);
        }
    }

    /** Where other machines reach it, for example {@code https://authority.example.org:8440}. */
    public URI uri() {
        return store.address().orElseThrow();
    }

    /** Where health and metrics are; empty when they are off. */
    public Optional<String> monitoringAddress() {
        return monitoring.address();
    }

    /** Completes when the server responds, for a watchdog; never while it is blocked. */
    public CompletableFuture<Void> pulse() {
        return pulse.get();
    }

    /** Closes all connections; requests that were decided have been recorded. */
    @Override
    public void close() {
        for (AutoCloseable part : parts) {
            close(part);
        }
        watch.close();
        monitoring.close();
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot close " + part, e);
        }
    }
}
