// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.PrivateKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills writers as {@code kill -9} does, at random moments. {@code -Dmcp-mtls.kills=1000} kills that many. */
class KilledWriterIT {

    private static final int KILLS = Integer.getInteger("mcp-mtls.kills", 5);

    private final Random random = new Random();
    private final List<Process> writers = new ArrayList<>();

    @TempDir
    Path temporary;

    @AfterEach
    void leaveNoWriterBehind() {
        writers.forEach(Process::destroyForcibly);
    }

    @Test
    void initialisationCompletesAfterBeingKilled() throws Exception {
        Path directory = temporary.resolve("store");
        for (int kill = 0; kill < KILLS; kill++) {
            if (kill % 3 == 0) {
                directory = temporary.resolve("store-" + kill);
            }
            kill(start(directory, "started", 0), 600);
            everythingPresentIsUsable(Store.at(directory));
        }
        Store store = Store.at(directory);
        initialise(store, 0);
        assertThat(store.credentialNames()).hasSize(4);
        everythingPresentIsUsable(store);
        assertThat(initialise(store, 0).changedNothing()).isTrue();
    }

    @Test
    void twoWritersLeaveOnlyMatchingPairsWheneverOneIsKilled() throws Exception {
        Path directory = temporary.resolve("store");
        Store store = Store.at(directory);
        Process survivor = start(directory, "initialised", 0);
        for (int kill = 0; kill < KILLS; kill++) {
            Process other = start(directory, "initialised", kill + 1);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
            kill(survivor, 1);
            everythingPresentIsUsable(store);
            survivor = other;
        }
        kill(survivor, 100);
        initialise(store, KILLS);
        everythingPresentIsUsable(store);
        everyRevocationIsPublished(store);
    }

    private static void everythingPresentIsUsable(Store store) throws Exception {
        if (!store.hasAuthority()) {
            assertThat(store.credentialNames()).isEmpty();
            return;
        }
        Set<BigInteger> presented = new HashSet<>();
        for (String name : store.credentialNames()) {
            presented.add(usablePair(store.credential(name)).getSerialNumber());
        }
        List<String> serials = journal(store)
                .filter(line -> line.startsWith("issued"))
                .map(line -> line.split(" ")[2])
                .toList();
        assertThat(serials).doesNotHaveDuplicates();
        assertThat(serials)
                .containsAll(
                        presented.stream().map(serial -> serial.toString(16)).toList());
        keysAreTheOwnersAlone(store.directory());
    }

    /** Nothing when the authority was made and nothing issued yet. */
    private static Stream<String> journal(Store store) throws IOException {
        Path journal = store.directory().resolve("authority/journal");
        return Files.exists(journal) ? Files.readString(journal).lines() : Stream.empty();
    }

    private static X509Certificate usablePair(Path link) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try {
                Path version = link.toRealPath();
                X509Certificate leaf = Pem.parseCertificates(Files.readAllBytes(version.resolve("tls.crt")))
                        .get(0);
                X509Certificate anchor = Pem.parseCertificates(Files.readAllBytes(version.resolve("ca.crt")))
                        .get(0);
                PrivateKey key =
                        PrivateKeys.parse(version, Files.readAllBytes(version.resolve("tls.key")), new char[0]);
                leaf.verify(anchor.getPublicKey());
                assertThat(belongTogether(key, leaf)).as("%s", version).isTrue();
                return leaf;
            } catch (java.nio.file.NoSuchFileException e) {
                // Two newer versions were written while this one was being read.
                assertThat(attempt).as("%s", e).isLessThan(10);
            }
        }
    }

    private static boolean belongTogether(PrivateKey key, X509Certificate leaf) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        byte[] proof = signature.sign();
        signature.initVerify(leaf.getPublicKey());
        return signature.verify(proof);
    }

    private static void keysAreTheOwnersAlone(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path key :
                    files.filter(file -> file.toString().endsWith(".key")).toList()) {
                if (Files.exists(key)) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                            .isEqualTo("rw-------");
                }
            }
        } catch (java.io.UncheckedIOException e) {
            // A version was removed during the walk of the tree.
        }
    }

    private static void everyRevocationIsPublished(Store store) throws Exception {
        Authority authority = Authority.open(store, Optional.empty(), Surroundings.system(AuditSink.none()));
        try (InputStream in = Files.newInputStream(store.revocationList())) {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
            for (Issued issued : authority.issued()) {
                boolean isListed = list.getRevokedCertificate(issued.serialNumber()) != null;
                if (issued.notAfter().isBefore(list.getThisUpdate().toInstant())) {
                    continue; // a CRL may omit expired certificates
                }
                assertThat(isListed).isEqualTo(issued.revocation().isPresent());
            }
        }
    }

    private static Initialisation initialise(Store store, int day) {
        return Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                FixedSurroundings.GRANTS,
                Optional.empty(),
                StoreWriter.ahead(day));
    }

    private Process start(Path directory, String awaited, int day) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                StoreWriter.class.getName(),
                directory.toString(),
                String.valueOf(day));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        writers.add(process);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); !awaited.equals(line); line = output.readLine()) {
            assertThat(line).as("the writer died").isNotNull();
        }
        return process;
    }

    private void kill(Process process, int withinMillis) throws InterruptedException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(withinMillis)));
        assertThat(process.isAlive()).isTrue();
        process.destroyForcibly().waitFor();
    }
}
