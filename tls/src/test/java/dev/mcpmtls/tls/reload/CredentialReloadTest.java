// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.CredentialLoaded;
import dev.mcpmtls.audit.AuditEvent.CredentialReloadFailed;
import dev.mcpmtls.audit.AuditEvent.CredentialReloaded;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialReloadTest {

    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path directory;

    private final Instant now = CLOCK.instant();
    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", now);
    private final Issued first = ca.server("weather");
    private final ChainVerifier verifier =
            new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), CLOCK);
    private final List<AuditEvent> events = new ArrayList<>();
    private final AuditSink audit = event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    };

    private Path weather;
    private CredentialFiles credential;
    private WatchedFiles watched;
    private long nanoTime;

    @BeforeEach
    void load() {
        weather = first.writeTo(directory.resolve("weather"), ca.certificate());
        keep(weather);
    }

    @Test
    void presentsWhatReplacesTheFilesInPlace() {
        Issued next = ca.server("weather");
        next.writeTo(weather, null);
        lookTwice();
        assertThat(inUse()).isEqualTo(next.chain());
        assertThat(events).hasExactlyElementsOfTypes(CredentialLoaded.class, CredentialReloaded.class);
    }

    @Test
    void presentsWhatALinkIsMovedTo() throws IOException {
        Path mounted = directory.resolve("mounted");
        ca.server("weather").writeTo(mounted.resolve("..1"), null);
        link(mounted, "..data", "..1");
        Files.createSymbolicLink(mounted.resolve("tls.crt"), Path.of("..data/tls.crt"));
        Files.createSymbolicLink(mounted.resolve("tls.key"), Path.of("..data/tls.key"));
        keep(mounted);

        Issued next = ca.server("weather");
        next.writeTo(mounted.resolve("..2"), null);
        link(mounted, "..data", "..2");
        lookTwice();
        assertThat(inUse()).isEqualTo(next.chain());
    }

    @Test
    void readsNothingWhileSomebodyIsStillWriting() {
        ca.server("weather").writeTo(weather, null);
        look();
        assertThat(inUse()).isEqualTo(first.chain());
        look();
        assertThat(inUse()).isNotEqualTo(first.chain());
    }

    @Test
    void readsAllTheSameWhenTheFilesNeverRest() {
        for (int i = 0; i < 3; i++) {
            ca.server("weather").writeTo(weather, null);
            look();
        }
        assertThat(inUse()).isNotEqualTo(first.chain());
    }

    @Test
    void keepsTheLastGoodCredentialWhenAFileIsMissing() throws IOException {
        Files.delete(weather.resolve("tls.key"));
        assertKept("tls.key");
    }

    @Test
    void keepsTheLastGoodCredentialWhenAFileIsTorn() throws IOException {
        String whole = Files.readString(weather.resolve("tls.crt"));
        Files.writeString(weather.resolve("tls.crt"), whole.substring(0, whole.length() / 2));
        assertKept("tls.crt");
    }

    @Test
    void keepsTheLastGoodCredentialWhenKeyAndCertificateAreOfDifferentPairs() throws IOException {
        Path other = ca.server("weather").writeTo(directory.resolve("other"), null);
        Files.copy(other.resolve("tls.crt"), weather.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
        assertKept("does not belong");
    }

    @Test
    void keepsTheLastGoodCredentialWhenTheNewOneHasExpired() {
        replace(spec -> spec.valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))));
        assertKept("tls.crt", "expired on");
    }

    @Test
    void keepsTheLastGoodCredentialWhenTheNewOneIsWeak() {
        replace(spec -> spec.keys(Keys.rsa(1024)));
        assertKept("tls.crt", "RSA 1024");
    }

    @Test
    void keepsTheLastGoodCredentialWhenTheNewOneMayNotSign() {
        replace(spec -> spec.keyUsage(KeyUsage.keyEncipherment));
        assertKept("tls.crt", "digitalSignature");
    }

    @Test
    void refusesToPresentACredentialThatMayNotSign() {
        CredentialSource enciphering =
                CredentialSource.fixed(own(ca.server("weather", spec -> spec.keyUsage(KeyUsage.keyEncipherment))));
        assertThatThrownBy(() -> TlsProfile.builder(enciphering, verifier).build())
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContainingAll("weather", "digitalSignature");
    }

    @Test
    void aProfileForADirectoryToleratesWhatItIsTold() {
        ThrowawayCa plain =
                ThrowawayCa.root("Plain CA", now, spec -> spec.basicConstraints(false, new BasicConstraints(true)));
        Path own = plain.server("plain").writeTo(directory.resolve("plain"), plain.certificate());
        assertThatThrownBy(() -> TlsProfile.strict(own)).hasMessageContaining("plain-basic-constraints");
        assertThat(TlsProfile.strict(own, Set.of(Tolerance.PLAIN_BASIC_CONSTRAINTS))
                        .verifier()
                        .policy()
                        .tolerances())
                .containsExactly(Tolerance.PLAIN_BASIC_CONSTRAINTS);
    }

    @Test
    void keepsTheLastGoodCredentialWhenTheNewOneIsForeign() {
        ThrowawayCa.root("Other CA", now).server("weather").writeTo(weather, null);
        assertKept("tls.crt", "does not chain to a trust anchor");
    }

    @Test
    void takesTheGoodFileThatFollowsABadOne() throws IOException {
        Files.writeString(weather.resolve("tls.crt"), "");
        lookTwice();
        Issued next = ca.server("weather");
        next.writeTo(weather, null);
        lookTwice();
        assertThat(inUse()).isEqualTo(next.chain());
        assertThat(events)
                .hasExactlyElementsOfTypes(
                        CredentialLoaded.class, CredentialReloadFailed.class, CredentialReloaded.class);
    }

    @Test
    void triesABadFileAgainAndComplainsOnce() {
        ThrowawayCa other = ThrowawayCa.root("Other CA", now);
        Issued foreign = other.server("weather");
        foreign.writeTo(weather, null);
        lookTwice();
        laterBy(Duration.ofMinutes(2));
        look();
        assertThat(events).hasExactlyElementsOfTypes(CredentialLoaded.class, CredentialReloadFailed.class);
        verifier.replacePolicy(TrustPolicy.strict(anchorsOf(other)));
        laterBy(Duration.ofMinutes(2));
        look();
        assertThat(inUse()).isEqualTo(foreign.chain());
    }

    @Test
    void keepsAForeignCredentialRenewableThatWasForeignFromTheStart() {
        verifier.replacePolicy(TrustPolicy.strict(anchorsOf(ThrowawayCa.root("Clients' CA", now))));
        Issued next = ca.server("weather");
        next.writeTo(weather, null);
        lookTwice();
        assertThat(inUse()).isEqualTo(next.chain());
    }

    @Test
    void refusesToStartWithAnExpiredCredential() {
        expire();
        assertThatThrownBy(() -> keep(weather))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("tls.crt")
                .hasMessageContaining("expired on");
    }

    @Test
    void startsWithAnExpiredCredentialWhenRelaxed() {
        expire();
        verifier.replacePolicy(TrustPolicy.relaxed(anchorsOf(ca), Relaxation.EXPIRED));
        keep(weather);
        assertThat(events).last().isInstanceOf(CredentialLoaded.class);
    }

    @Test
    void doesNotServeWithACertificateForClients() {
        ca.client("weather").writeTo(weather, null);
        assertThatThrownBy(() -> keep(weather))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("may not be used as a TLS server");
    }

    @Test
    void servesWithACertificateForClientsWhenRelaxed() {
        ca.client("weather").writeTo(weather, null);
        verifier.replacePolicy(TrustPolicy.relaxed(anchorsOf(ca), Relaxation.PURPOSE));
        keep(weather);
        assertThat(events).last().isInstanceOf(CredentialLoaded.class);
    }

    @Test
    void callsWithACertificateForServers() {
        CredentialFiles client =
                new CredentialFiles(weather, () -> Credential.load(weather), Purpose.CLIENT, verifier, audit, CLOCK);
        assertThat(client.source().current().chain().certificates()).isEqualTo(first.chain());
    }

    @Test
    void noticesAChangeWithinTwoSeconds() throws Exception {
        Issued next = ca.server("weather");
        CompletableFuture<Void> changed = new CompletableFuture<>();
        try (FileWatch watch = new FileWatch(AuditSink.none(), CLOCK)) {
            CredentialSource source = watch.credential(weather, Purpose.SERVER, verifier);
            source.onChange(() -> changed.complete(null));
            next.writeTo(weather, null);
            changed.get(2, TimeUnit.SECONDS);
            assertThat(source.current().chain().certificates()).isEqualTo(next.chain());
        }
    }

    private void keep(Path location) {
        FileStamp asRead = FileStamp.of(List.of(location));
        credential =
                new CredentialFiles(location, () -> Credential.load(location), Purpose.SERVER, verifier, audit, CLOCK);
        watched = new WatchedFiles(List.of(location), asRead, credential);
    }

    private void replace(UnaryOperator<dev.mcpmtls.testkit.CertificateSpec> change) {
        ca.server("weather", change).writeTo(weather, null);
    }

    private void expire() {
        replace(spec -> spec.valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))));
    }

    private void assertKept(String... inTheReason) {
        lookTwice();
        assertThat(inUse()).isEqualTo(first.chain());
        assertThat(events)
                .last()
                .isInstanceOfSatisfying(
                        CredentialReloadFailed.class,
                        failed -> assertThat(failed.why()).contains(inTheReason));
    }

    private Object inUse() {
        return credential.source().current().chain().certificates();
    }

    private void lookTwice() {
        look();
        look();
    }

    private void look() {
        laterBy(Duration.ofMillis(400));
        watched.look(nanoTime);
    }

    private void laterBy(Duration time) {
        nanoTime += time.toNanos();
    }

    private static TrustAnchors anchorsOf(ThrowawayCa authority) {
        return new TrustAnchors(List.of(authority.certificate()));
    }

    private static void link(Path directory, String name, String target) throws IOException {
        Path next = Files.createSymbolicLink(directory.resolve(name + "_tmp"), Path.of(target));
        Files.move(next, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Credential own(Issued issued) {
        return Credential.of("weather", issued.privateKey(), new Chain(issued.chain()));
    }
}
