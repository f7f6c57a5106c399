// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A gateway in front of one server, and callers whose certificates its own throwaway CA issues. */
final class Front implements AutoCloseable {

    static final ThrowawayCa CA = ThrowawayCa.root("Front");

    private final Gateway gateway = new Gateway();
    private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
    private final MtlsServerTransport transport;

    private Front(Function<Gateway, Backend> backend, UnaryOperator<MtlsServerTransport.Builder> settings) {
        transport = settings.apply(MtlsServerTransport.builder().tls(tls(events)))
                .backend(backend.apply(gateway))
                .build();
        transport.start();
    }

    private Front(
            Function<Gateway, Backend> backend,
            UnaryOperator<MtlsServerTransport.Builder> settings,
            Supplier<AccessPolicy> policy) {
        Backend made = backend.apply(gateway);
        transport = settings.apply(MtlsServerTransport.builder().tls(tls(events)))
                .backend(made)
                .accessPolicy(policy.get())
                .build();
        transport.start();
    }

    static Front of(Function<Gateway, Backend> backend) {
        return new Front(backend, settings -> settings);
    }

    static Front of(Function<Gateway, Backend> backend, UnaryOperator<MtlsServerTransport.Builder> settings) {
        return new Front(backend, settings);
    }

    /** With a policy that the backend has to exist for. */
    static Front of(
            Function<Gateway, Backend> backend,
            UnaryOperator<MtlsServerTransport.Builder> settings,
            Supplier<AccessPolicy> policy) {
        return new Front(backend, settings, policy);
    }

    /** In front of {@code server.mjs}. */
    static Front command(ProcessMode mode, int most, Map<String, String> env) {
        return command(mode, most, env, new byte[32]);
    }

    /** As the other, with a key that replicas share. */
    static Front command(ProcessMode mode, int most, Map<String, String> env, byte[] key) {
        ServerCommand command = new ServerCommand(
                List.of("node", fixture("server.mjs").toString()), env, Set.of("PASSED"), Optional.empty());
        ProcessOptions options = new ProcessOptions(mode, most, Duration.ofMinutes(5), Duration.ofSeconds(60));
        return of(gateway -> gateway.command("files", command, options), settings -> settings.stateKey(key));
    }

    static Path fixture(String name) {
        try {
            return Path.of(Front.class.getResource("/" + name).toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TlsProfile tls(Queue<AuditEvent> events) {
        Issued issued = CA.server("front");
        Credential credential = Credential.of("front", issued.privateKey(), new Chain(issued.chain()));
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate()))), InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(credential), verifier)
                .audit(event -> {
                    events.add(event);
                    return CompletableFuture.completedFuture(null);
                })
                .build();
    }

    String condition() {
        return gateway.condition("files").orElseThrow().words();
    }

    int openSessions() {
        return transport.openSessions();
    }

    Queue<AuditEvent> events() {
        return events;
    }

    URI uri() {
        return transport.uri();
    }

    Agent agent(String name) {
        return new Agent(transport.uri(), context(CA.client(name)));
    }

    static SSLContext context(Issued issued) {
        try {
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(issued.keyStore("secret"), "secret".toCharArray());
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            anchors.setCertificateEntry("ca", CA.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a condition comes true in time. */
    static boolean comesTrue(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return true;
    }

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    @Override
    public void close() {
        transport.shutdown(Duration.ZERO).join();
        gateway.close();
    }
}
