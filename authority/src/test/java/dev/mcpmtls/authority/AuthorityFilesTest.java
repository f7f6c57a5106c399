// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.authority.Issued.Status;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** An authority's own files: its journal, its key and its passphrase. */
class AuthorityFilesTest extends OpenAuthority {

    @Test
    void handsOutNothingThatCannotBeRecorded() {
        Surroundings deaf = new Surroundings(
                fixed.surroundings.clock(),
                new SecureRandom(),
                event -> CompletableFuture.failedFuture(
                        new AuditUnavailableException("audit.jsonl cannot be written", new IOException("disk full"))));
        Authority unrecorded = Authority.open(store, Optional.empty(), deaf);

        assertThatThrownBy(() -> unrecorded.issue(BACKUP, KeyType.EC_P256))
                .isInstanceOf(AuditUnavailableException.class);
        assertThat(store.credentialNames()).doesNotContain("backup");
    }

    @Test
    void listsWhatItIssued() {
        authority.revoke("echo", RevocationReason.CESSATION_OF_OPERATION);
        fixed.pass(Duration.ofHours(12));
        authority.renew("weather");
        fixed.pass(Duration.ofHours(13));

        List<Issued> issued = fixed.open(store).issued();

        assertThat(issued)
                .extracting(Issued::credential, it -> it.status(fixed.now))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("weather", Status.EXPIRED),
                        org.assertj.core.groups.Tuple.tuple("datetime", Status.EXPIRED),
                        org.assertj.core.groups.Tuple.tuple("echo", Status.REVOKED),
                        org.assertj.core.groups.Tuple.tuple("coordinator", Status.EXPIRED),
                        org.assertj.core.groups.Tuple.tuple("weather", Status.VALID));
        assertThat(issued.get(0).names())
                .containsExactly("URI:spiffe://demo.local/server/weather", "DNS:localhost", "IP:127.0.0.1", "IP:::1");
        assertThat(issued.get(0).purposes()).containsExactly(Purpose.SERVER);
    }

    @Test
    void repeatsNoSerialNumberWhenManyIssueAtOnce() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            Grant grant = Grant.agent("demo.local", "agent-" + thread);
            work.add(() -> {
                Authority own = fixed.open(store);
                own.issue(grant, KeyType.EC_P256);
                for (int round = 0; round < 10; round++) {
                    own.renew(grant.name());
                }
                return null;
            });
        }
        for (Future<Void> done : pool.invokeAll(work)) {
            done.get();
        }
        pool.shutdown();

        List<Issued> issued = authority.issued();
        Set<BigInteger> serials = new HashSet<>();
        issued.forEach(it -> serials.add(it.serialNumber()));
        assertThat(issued).hasSize(4 + threads * 11);
        assertThat(serials).hasSameSizeAs(issued);
    }

    @Test
    void forgetsALastLineThatWasNeverFinished() throws IOException {
        Path journal = directory.resolve("store/authority/journal");
        String whole = Files.readString(journal);
        Files.writeString(journal, whole + "issued 2026-11-22T1");

        assertThat(fixed.open(store).issued()).hasSize(4);
        fixed.open(store).issue(BACKUP, KeyType.EC_P256);
        assertThat(fixed.open(store).issued()).hasSize(5);
        assertThat(journal).content().startsWith(whole).doesNotContain("2026-11-22T1issued");
    }

    @Test
    void refusesAJournalThatSomebodyDamaged() throws IOException {
        Path journal = directory.resolve("store/authority/journal");
        Files.writeString(journal, Files.readString(journal).replaceFirst("issued", "ixsued"));

        assertThatThrownBy(() -> fixed.open(store).issued())
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining("is damaged in line 1");
    }

    @Test
    void opensAnEncryptedKeyWithItsPassphraseOnly() throws IOException {
        Store locked = Store.at(directory.resolve("locked"));
        try (Passphrase passphrase = Passphrase.of("räuber hotzenplotz".toCharArray())) {
            fixed.initialise(locked, AuthorityProfile.standard("demo.local"), Optional.of(passphrase));
        }

        assertThat(locked.directory().resolve("authority/issuers/current/ca.key"))
                .content()
                .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        assertThat(open(locked, "räuber hotzenplotz").renew("weather").chain().certificates())
                .hasSize(1);
        assertThatThrownBy(() -> open(locked, "wrong").renew("weather"))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("cannot be decrypted with this passphrase");
        assertThatThrownBy(() -> fixed.open(locked).renew("weather"))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("give the authority's passphrase");
        assertThat(fixed.open(locked).issued()).hasSize(5);
    }

    @Test
    void wipesAndNeverPrintsAPassphrase() {
        char[] characters = "secret".toCharArray();
        Passphrase passphrase = Passphrase.of(characters);

        assertThat(passphrase).hasToString("Passphrase[redacted]");
        Authority.open(store, Optional.of(passphrase), fixed.surroundings).close();
        assertThat(characters).containsOnly('\0');
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws IOException {
        Path key = directory.resolve("store/authority/issuers/current/ca.key");
        Files.setPosixFilePermissions(key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> authority.renew("weather"))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("chmod 600");
    }
}
