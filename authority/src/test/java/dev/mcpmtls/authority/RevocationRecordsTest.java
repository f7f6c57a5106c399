// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent.CertificateRevoked;
import dev.mcpmtls.audit.AuditSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every revocation is recorded, also when the process dies between the journal and the audit log. */
class RevocationRecordsTest {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        fixed.events.clear();
    }

    static Stream<Consumer<Authority>> laterActs() {
        return Stream.of(
                Authority::refreshRevocationList,
                Authority::repairRevocationList,
                authority -> authority.renew("weather"),
                authority -> authority.rekey("echo"),
                authority -> authority.delete("echo", Optional.empty()),
                authority -> authority.revoke("coordinator", RevocationReason.SUPERSEDED),
                authority -> assertThatThrownBy(() -> authority.revoke("echo", RevocationReason.SUPERSEDED))
                        .isInstanceOf(AuthorityException.Refused.class));
    }

    @ParameterizedTest
    @MethodSource("laterActs")
    void theNextActRecordsWhatAKilledProcessDidNot(Consumer<Authority> act) {
        Instant revokedAt = fixed.now;
        killWhileRecording(authority -> authority.revoke("echo", RevocationReason.KEY_COMPROMISE));
        fixed.pass(Duration.ofHours(1));

        act.accept(fixed.open(store));
        act.accept(reopened());

        assertThat(recordsOf("echo"))
                .singleElement()
                .satisfies(record -> assertThat(record.at()).isEqualTo(revokedAt));
    }

    private Authority reopened() {
        fixed.open(store).issueIfMissing(FixedSurroundings.GRANTS.get(2), KeyType.EC_P256);
        fixed.open(store).rekey("coordinator");
        return fixed.open(store);
    }

    @Test
    void aKilledDeletionIsRecordedToo() {
        killWhileRecording(authority -> authority.delete("echo", Optional.of(RevocationReason.SUPERSEDED)));
        assertThat(store.credentialNames()).contains("echo");

        fixed.open(store).delete("echo", Optional.of(RevocationReason.SUPERSEDED));

        assertThat(recordsOf("echo")).hasSize(1);
    }

    @Test
    void aProcessWithoutAnAuditLogLeavesTheRecordToOneThatHasIt() {
        Surroundings silent = new Surroundings(() -> fixed.now, new SecureRandom(), AuditSink.none());
        Authority unrecorded = Authority.open(store, Optional.empty(), silent);
        unrecorded.revoke("echo", RevocationReason.SUPERSEDED);
        unrecorded.refreshRevocationList();

        fixed.open(store).refreshRevocationList();

        assertThat(recordsOf("echo")).hasSize(1);
    }

    @Test
    void whatOlderJournalsRevokedIsNotRecordedAgain() throws IOException {
        fixed.open(store).revoke("echo", RevocationReason.SUPERSEDED);
        Path journal = store.directory().resolve("authority/journal");
        List<String> older = Files.readAllLines(journal).stream()
                .filter(line -> !line.startsWith("recorded "))
                .map(line -> line.replace(" unrecorded", ""))
                .toList();
        Files.write(journal, older);
        fixed.events.clear();

        fixed.open(store).refreshRevocationList();

        assertThat(fixed.events).isEmpty();
    }

    private void killWhileRecording(Consumer<Authority> act) {
        Surroundings dying = new Surroundings(() -> fixed.now, new SecureRandom(), event -> {
            throw new Killed();
        });
        assertThatThrownBy(() -> act.accept(Authority.open(store, Optional.empty(), dying)))
                .isInstanceOf(Killed.class);
        assertThat(fixed.events).isEmpty();
    }

    private List<CertificateRevoked> recordsOf(String credential) {
        return fixed.events.stream()
                .filter(CertificateRevoked.class::isInstance)
                .map(CertificateRevoked.class::cast)
                .filter(record -> record.credential().equals(credential))
                .filter(record -> record.serialNumber().equals(first(credential)))
                .toList();
    }

    private java.math.BigInteger first(String credential) {
        return fixed.open(store).issued().stream()
                .filter(issued -> issued.credential().equals(credential))
                .findFirst()
                .orElseThrow()
                .serialNumber();
    }
}
