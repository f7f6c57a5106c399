// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Invitation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed with SIGKILL at random moments, {@code mcpmtls.kills} times each: 12, or more where that is set. */
@Timeout(600)
class KilledIT {

    private static final int KILLS = Integer.getInteger("mcpmtls.kills", 12);
    private static final long LONGEST_MILLIS = 700;
    private static final String NAME = "laptop-7";

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    private final Random random = new Random();

    /** A process that joins once, or renews again and again with a new key each time. */
    static final class Machine {

        private Machine() {}

        public static void main(String[] words) {
            Store store = Store.at(Path.of(words[1]));
            Surroundings surroundings = Surroundings.system(AuditSink.none());
            if (words[0].equals("join")) {
                JoinToken token = JoinToken.parse(words[2]);
                Join join = new Join(store, token, Optional.empty(), KeyType.EC_P256, surroundings);
                System.out.println("begins");
                join.run();
                return;
            }
            System.out.println("begins");
            while (true) {
                X509Certificate leaf =
                        Credential.load(store.credential(NAME)).chain().leaf();
                new EstRenewal()
                        .renew(
                                store,
                                NAME,
                                store.renewalSource(NAME).orElseThrow().rekeying(true),
                                leaf,
                                surroundings);
            }
        }
    }

    @Test
    void aJoinThatIsKilledIsFinishedByTheSameToken() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            for (int kill = 0; kill < KILLS; kill++) {
                Path machine = there.resolve(String.valueOf(kill));
                JoinToken token = authority.invite(RunningAuthority.laptop());
                killed("join", machine, token.secretText());
                if (Files.exists(machine.resolve("credentials/" + NAME))) {
                    requireWhole(authority, machine); // it may be in use by now
                }

                authority.join(machine, token);
                requireWhole(authority, machine);
                assertThat(machine.resolve(".joining")).doesNotExist();
                assertThat(authority.authority.enrolment().invitations())
                        .filteredOn(it -> it.id().equals(token.id()))
                        .extracting(Invitation::keys)
                        .singleElement()
                        .satisfies(keys -> assertThat(keys).hasSize(1));
            }
        }
    }

    @Test
    void aRenewalThatIsKilledLeavesAWholeCredentialThatRenews() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            authority.join(there, authority.invite(RunningAuthority.laptop()));
            for (int kill = 0; kill < KILLS; kill++) {
                killed("renew", there);
                requireWhole(authority, there);

                Store store = Store.at(there);
                X509Certificate before = leaf(there);
                new EstRenewal()
                        .renew(
                                store,
                                NAME,
                                store.renewalSource(NAME).orElseThrow().rekeying(true),
                                before,
                                authority.surroundings);
                requireWhole(authority, there);
                assertThat(leaf(there).getPublicKey()).isNotEqualTo(before.getPublicKey());
            }
        }
    }

    private static X509Certificate leaf(Path machine) {
        return Credential.load(Store.at(machine).credential(NAME)).chain().leaf();
    }

    /** The credential can be loaded, which proves that key and certificate belong together, and peers accept it. */
    private static void requireWhole(RunningAuthority authority, Path machine) throws IOException {
        Store store = Store.at(machine);
        Path directory = store.credential(NAME);
        Credential credential = Credential.load(directory);
        TrustAnchors anchors = TrustAnchors.load(directory.resolve("ca.crt"));
        assertThat(new ChainVerifier(TrustPolicy.strict(anchors), java.time.InstantSource.system())
                        .examine(credential.chain(), Purpose.CLIENT))
                .isEmpty();
        assertThat(store.renewalSource(NAME)).map(source -> source.est()).contains(authority.uri());
        if (Files.exists(store.revocationList())) {
            assertThatCode(() -> FetchedLists.put(
                            store,
                            authority.uri(),
                            Files.readAllBytes(store.revocationList()),
                            authority.clock.instant()))
                    .doesNotThrowAnyException();
        }
        try (Stream<Path> files = Files.walk(machine)) {
            List<Path> keys = files.filter(file -> file.getFileName().toString().endsWith(".key"))
                    .toList();
            for (Path key : keys) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                        .isEqualTo("rw-------");
                assertThat(key.resolveSibling("tls.key")).isEqualTo(key);
            }
        }
    }

    private void killed(String act, Path machine, String... more) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        java,
                                        "-XX:TieredStopAtLevel=1",
                                        "-XX:+UseSerialGC",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Machine.class.getName(),
                                        act,
                                        machine.toString()),
                                Stream.of(more))
                        .toList())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.getInputStream().read()).as("it begins").isNotEqualTo(-1);
        process.waitFor(random.nextLong(LONGEST_MILLIS), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
    }
}
