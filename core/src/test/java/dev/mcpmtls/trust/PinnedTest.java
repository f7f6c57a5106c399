// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.verifier;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinnedTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final Issued client = ca.client("coordinator", CertificateSpec::selfSigned);

    @TempDir
    private Path directory;

    @Test
    void acceptsThePinnedKeyWhoeverIssuedTheCertificate() {
        Peer peer = acceptedBy(pinned(client), client);
        assertThat(peer.assurance()).isEqualTo(Assurance.PINNED);
        assertThat(peer.identity().text()).isEqualTo("spiffe://demo.local/agent/coordinator");
        assertThat(pinned(client).advertisedAnchors()).isEmpty();
    }

    @Test
    void refusesAnotherKeyAndNamesBoth() {
        Issued other = ca.client("coordinator");
        Rejection rejection = refusedBy(pinned(client), other).rejection();
        assertThat(rejection).isInstanceOf(KeyRejection.PinMismatch.class);
        assertThat(rejection.explain())
                .contains(pin(client).text(), pin(other).text())
                .contains("none of the pinned keys");
        assertThat(rejection.remedy().text()).contains(pin(other).text());
    }

    @Test
    void thePinReplacesNoOtherCheck() {
        Issued weak = ca.client("weak", spec -> spec.keys(Keys.rsa(1024)));
        assertThat(refusedBy(pinned(weak), weak).rejection().reason()).isEqualTo(Reason.WEAK_KEY);
        Issued late = ca.client("late", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        assertThat(refusedBy(pinned(late), late).rejection().reason()).isEqualTo(Reason.EXPIRED);
        assertThat(refusedBy(pinned(client), client.corrupted()).rejection().reason())
                .isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void tellsThePinMismatchBesideOtherFindings() {
        Issued late = ca.client("late", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        assertThat(refusedBy(pinned(client), late).findings())
                .extracting(Rejection::reason)
                .startsWith(Reason.PIN_MISMATCH, Reason.EXPIRED);
    }

    @Test
    void doesNotRememberTheKeyOfAPeerItRefuses() {
        Path file = directory.resolve("known_peers");
        Issued late = ca.client("late", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        assertThat(refusedBy(verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file))), late)
                        .rejection()
                        .reason())
                .isEqualTo(Reason.EXPIRED);
        assertThat(file).doesNotExist();
    }

    @Test
    void remembersTheFirstKeyOfANameAndRefusesTheNext() throws IOException {
        Path file = directory.resolve("known_peers");
        ChainVerifier verifier = verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file)));
        Issued server = ca.server("weather");
        Issued changed = ca.server("weather");
        DnsName name = DnsName.parse("localhost");

        assertThat(verifier.verifyServer(chain(server), name)).isInstanceOf(Verdict.Accepted.class);
        assertThat(Files.readString(file)).isEqualTo("localhost " + pin(server) + "\n");
        assertThat(verifier.verifyServer(chain(server), name)).isInstanceOf(Verdict.Accepted.class);

        Rejection rejection =
                refused(verifier.verifyServer(chain(changed), name)).rejection();
        assertThat(rejection.explain())
                .contains(pin(server).text(), pin(changed).text())
                .contains("not the key it had before");
        assertThat(rejection.remedy().text()).contains("delete line 1 of " + file);
    }

    @Test
    void takesAnOperatorsEditIntoUse() throws IOException {
        Path file = directory.resolve("known_peers");
        ChainVerifier verifier = verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file)));
        acceptedBy(verifier, client);
        Issued changed = ca.client("coordinator");
        refusedBy(verifier, changed);
        Files.writeString(file, "# cleared\n");
        acceptedBy(verifier, changed);
        assertThat(Files.readString(file))
                .isEqualTo("# cleared\nspiffe://demo.local/agent/coordinator " + pin(changed) + "\n");
    }

    @Test
    void aPeerAcceptedBeforeFallsWithAnOperatorsEdit() throws IOException {
        Path file = directory.resolve("known_peers");
        ChainVerifier verifier = verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file)));
        Peer peer = acceptedBy(verifier, client);
        Issued other = ca.client("coordinator");
        Files.writeString(file, "spiffe://demo.local/agent/coordinator " + pin(other) + "\n");
        assertThat(refusedBy(verifier, client).rejection()).isInstanceOf(KeyRejection.PinMismatch.class);
        assertThat(verifier.recheck(peer)).containsInstanceOf(KeyRejection.PinMismatch.class);
        acceptedBy(verifier, other);
    }

    @Test
    void aNameThatIsDeletedIsLearntAnew() throws IOException {
        Path file = directory.resolve("known_peers");
        ChainVerifier verifier = verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file)));
        Peer peer = acceptedBy(verifier, client);
        Files.writeString(file, "");
        acceptedBy(verifier, ca.client("coordinator"));
        assertThat(verifier.recheck(peer)).containsInstanceOf(KeyRejection.PinMismatch.class);
        refusedBy(verifier, client);
    }

    @Test
    void aPeerAcceptedBeforeStandsWhileOthersAreLearnt() throws IOException {
        Path file = directory.resolve("known_peers");
        ChainVerifier verifier = verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file)));
        Peer peer = acceptedBy(verifier, client);
        acceptedBy(verifier, ca.client("other"));
        Files.writeString(file, "# noted\n" + Files.readString(file));
        assertThat(acceptedBy(verifier, client)).isSameAs(peer);
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    @Test
    void aMalformedFileIsRefusedWithItsLine() throws IOException {
        Path file = Files.writeString(directory.resolve("known_peers"), "\nlocalhost nonsense\n");
        assertThatThrownBy(() -> KnownPeers.in(file))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("line 2 of " + file);
    }

    @Test
    void learnsNoMoreThanTenThousandNames() throws IOException {
        Path file = directory.resolve("known_peers");
        String others = IntStream.range(1, 10_000)
                .mapToObj(i -> "n" + i + " " + pin(client) + "\n")
                .collect(java.util.stream.Collectors.joining());
        Files.writeString(file, others.stripTrailing());
        acceptedBy(verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file))), client);
        assertThat(Files.readString(file))
                .isEqualTo(others + "spiffe://demo.local/agent/coordinator " + pin(client) + "\n");

        Issued oneMore = ca.client("stranger");
        ChainVerifier full = verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file)));
        assertThatThrownBy(() -> full.verifyClient(chain(oneMore)))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("is full (10000 peers)");
        acceptedBy(full, client);
    }

    @Test
    void refusesALineWithoutPinOrWithMore() throws IOException {
        for (String line : List.of("localhost", "localhost " + pin(client) + " more")) {
            Path file = Files.writeString(directory.resolve("known_peers"), line);
            assertThatThrownBy(() -> KnownPeers.in(file))
                    .isInstanceOf(UnusableCredentialException.class)
                    .hasMessageContaining("line 1 of " + file);
        }
    }

    @Test
    void writersAtTheSameTimeLoseNothing() throws Exception {
        Path file = directory.resolve("known_peers");
        List<Issued> clients =
                IntStream.range(0, 24).mapToObj(i -> ca.client("agent" + i)).toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new java.util.ArrayList<>();
            for (Issued one : clients) {
                // Each has its own memory, like separate processes; they share only the file.
                done.add(threads.submit(
                        () -> acceptedBy(verifier(TrustPolicy.pinnedOnFirstUse(KnownPeers.in(file))), one)));
            }
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(Files.readAllLines(file)).hasSize(24);
    }

    @Test
    void aNameThatAnotherProcessRemembersMeanwhileKeepsThatKey() throws Exception {
        Path file = directory.resolve("known_peers");
        KnownPeers peers = KnownPeers.in(file);
        PublicKeyPin ours = pin(client);
        PublicKeyPin theirs = pin(ca.client("coordinator"));
        FutureTask<Optional<Rejection>> check =
                new FutureTask<>(() -> peers.check("x", DnsName.parse("localhost"), ours));
        Thread thread = new Thread(check);
        synchronized (KnownPeers.class) { // no thread of this process writes now
            thread.start();
            while (thread.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            Files.writeString(file, "localhost " + theirs + "\n");
        }
        assertThat(check.get(10, TimeUnit.SECONDS)).containsInstanceOf(KeyRejection.PinMismatch.class);
        assertThat(Files.readString(file)).isEqualTo("localhost " + theirs + "\n");
    }

    private static ChainVerifier pinned(Issued issued) {
        return verifier(TrustPolicy.pinned(Set.of(pin(issued))));
    }

    private static PublicKeyPin pin(Issued issued) {
        return PublicKeyPin.of(issued.leaf().getPublicKey());
    }
}
