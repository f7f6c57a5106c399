// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.client.SdkConnection;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.AnchorSource;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The authority is replaced while an agent keeps calling a server; both only watch their files. */
class RolloverIT {

    private static final AuthorityProfile PROFILE = AuthorityProfile.standard("demo.local");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private final Semaphore trustReloaded = new Semaphore(0);
    private final Semaphore credentialReloaded = new Semaphore(0);
    private final AuditSink audit = event -> {
        if (event instanceof TrustReloaded) {
            trustReloaded.release();
        }
        return CompletableFuture.completedFuture(null);
    };
    private final FileWatch watch = new FileWatch(audit, InstantSource.system());
    private Store store;
    private Authority authority;
    private MtlsServerTransport server;

    @BeforeEach
    void serve() {
        store = Store.at(directory);
        List<Grant> grants = List.of(Grant.server("demo.local", "echo"), Grant.agent("demo.local", "coordinator"));
        Surroundings surroundings = Surroundings.system(AuditSink.none());
        Initialisation.run(store, PROFILE, KeyType.EC_P256, grants, Optional.empty(), surroundings);
        authority = Authority.open(store, Optional.empty(), surroundings);
        server = MtlsServerTransport.builder()
                .tls(profile("echo", Purpose.SERVER))
                .build();
        EchoServer.over(server);
        server.start();
    }

    @AfterEach
    void close() {
        server.shutdown(Duration.ZERO).join();
        watch.close();
        authority.close();
    }

    @Test
    void noCallIsLostWhileTheAuthorityIsReplaced() throws Exception {
        TlsProfile agent = profile("coordinator", Purpose.CLIENT);
        AtomicBoolean replacing = new AtomicBoolean(true);
        AtomicInteger calls = new AtomicInteger();
        ExecutorService agents = Executors.newFixedThreadPool(2);
        Future<?> lasting = agents.submit(() -> {
            try (SdkConnection connection = connect(agent)) {
                while (replacing.get()) {
                    call(connection);
                    calls.incrementAndGet();
                }
            }
            return null;
        });
        Future<?> fresh = agents.submit(() -> {
            while (replacing.get()) {
                try (SdkConnection connection = connect(agent)) {
                    call(connection);
                    calls.incrementAndGet();
                }
            }
            return null;
        });

        authority.rollover().prepare(PROFILE);
        await(trustReloaded, 2);
        authority.rollover().switchOver();
        for (String name : List.of("coordinator", "echo")) {
            authority.renew(name);
            await(credentialReloaded, 1);
        }
        authority.rollover().finish();
        await(trustReloaded, 2);
        int before = calls.get();
        while (calls.get() < before + 20 && !lasting.isDone() && !fresh.isDone()) {
            Thread.onSpinWait();
        }
        replacing.set(false);

        lasting.get(30, TimeUnit.SECONDS);
        fresh.get(30, TimeUnit.SECONDS);
        agents.shutdown();
        assertThat(TrustAnchors.load(store.credential("echo").resolve("ca.crt")).certificates())
                .hasSize(1);
    }

    private SdkConnection connect(TlsProfile agent) {
        return SdkConnection.open(MtlsClientTransport.builder(server.uri()).tls(agent), TIMEOUT);
    }

    private static void call(SdkConnection connection) {
        Map<String, Object> arguments = Map.of("text", "still there?");
        assertThat(connection.call("echo", arguments).isError()).isNotEqualTo(true);
    }

    private TlsProfile profile(String name, Purpose purpose) {
        Path location = store.credential(name);
        List<Path> anchors = List.of(location.resolve("ca.crt"));
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(TrustAnchors.load(anchors.get(0))), InstantSource.system());
        watch.anchors(verifier, AnchorSource.of(anchors));
        CredentialSource credential = watch.credential(location, purpose, verifier);
        credential.onChange(credentialReloaded::release);
        return TlsProfile.builder(credential, verifier).build();
    }

    private static void await(Semaphore reloads, int count) throws InterruptedException {
        assertThat(reloads.tryAcquire(count, 10, TimeUnit.SECONDS)).isTrue();
    }
}
