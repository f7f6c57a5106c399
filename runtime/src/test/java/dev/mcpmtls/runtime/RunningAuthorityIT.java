// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.trust.TrustAnchors;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A served authority follows a change of authority that another process makes in its store. */
@Timeout(90)
class RunningAuthorityIT {

    private static final String NAME = "authority";
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final AuthorityProfile PROFILE = AuthorityProfile.standard("demo.local");
    private static final Surroundings SURROUNDINGS = Surroundings.system(AuditSink.none());

    @TempDir
    private Path directory;

    private final Set<X509Certificate> anchors = new LinkedHashSet<>();
    private Store store;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        Initialisation.run(store, PROFILE, KeyType.EC_P256, List.of(), Optional.empty(), SURROUNDINGS);
    }

    @Test
    void namesTheIssuersOfEachStepOfAChangeOfAuthority() throws Exception {
        try (RunningAuthority running = start();
                Authority elsewhere = Authority.open(store, Optional.empty(), SURROUNDINGS)) {
            Set<Principal> before = issuers(elsewhere);
            assertThat(named(running)).isEqualTo(before).hasSize(1);

            elsewhere.rollover().prepare(PROFILE);
            Set<Principal> both = issuers(elsewhere);
            assertThat(both).hasSize(2);
            await(running, both);

            elsewhere.rollover().switchOver();
            elsewhere.renew(NAME);
            elsewhere.rollover().finish();
            Set<Principal> after = issuers(elsewhere);
            assertThat(after).hasSize(1).isNotEqualTo(before);
            await(running, after);
        }
    }

    private RunningAuthority start() throws Exception {
        Path file = Files.writeString(directory.resolve("mcp-mtls.yaml"), """
                dir: '%s'
                authority: {listen: 'localhost:0'}
                """.formatted(store.directory()));
        return RunningAuthority.start(Settings.load(file), Optional.empty(), AuditLog.off());
    }

    private static Set<Principal> issuers(Authority authority) {
        return authority.enrolment().authorities().stream()
                .map(X509Certificate::getSubjectX500Principal)
                .collect(Collectors.toSet());
    }

    /** The issuers whose certificates a new connection is asked for. */
    private Set<Principal> named(RunningAuthority running) throws Exception {
        Asked asked = new Asked(Credential.load(store.credential(NAME)));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {asked}, trust(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket("localhost", running.uri().getPort())) {
            socket.setSoTimeout(20_000);
            socket.startHandshake();
        }
        return Set.copyOf(asked.issuers);
    }

    /** Every anchor so far: the server may present its earlier certificate for a moment. */
    private TrustManager[] trust() throws Exception {
        anchors.addAll(
                TrustAnchors.load(store.credential(NAME).resolve("ca.crt")).certificates());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (X509Certificate anchor : anchors) {
            trusted.setCertificateEntry(anchor.getSerialNumber().toString(), anchor);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    /** Remembers the issuers that the server named. */
    private static final class Asked extends CredentialKeyManager {
        private List<Principal> issuers = List.of();

        Asked(Credential credential) {
            super(credential);
        }

        @Override
        public String chooseClientAlias(
                String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            this.issuers = List.of(Objects.requireNonNull(issuers));
            return super.chooseClientAlias(keyTypes, issuers, socket);
        }
    }

    private void await(RunningAuthority running, Set<Principal> issuers) throws Exception {
        long end = System.nanoTime() + SOON.toNanos();
        while (!named(running).equals(issuers)) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            LockSupport.parkNanos(50_000_000);
        }
    }
}
