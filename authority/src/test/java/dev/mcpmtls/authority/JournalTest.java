// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authority.Issued.Revocation;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    private static final Instant BEGINNING = Instant.parse("2026-11-22T10:00:00Z");
    private static final Instant LONG_AFTER = BEGINNING.plus(Duration.ofDays(32));
    private static final int WORTHWHILE = 3;

    @TempDir
    Path directory;

    private Path file;
    private Journal journal;

    @BeforeEach
    void issue() {
        file = directory.resolve("journal");
        journal = new Journal(file);
        for (int serial = 1; serial <= 4; serial++) {
            journal.issued(certificate(serial, BEGINNING));
        }
        journal.issued(certificate(5, LONG_AFTER));
    }

    @Test
    void forgetsWhatEndedLongAgo() throws IOException {
        journal.forget(LONG_AFTER, WORTHWHILE, Set::of);

        assertThat(serials(journal)).containsExactly(5);
        assertThat(Files.readString(file).lines()).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void remembersWhatEndedAMonthAgoOrIsStillGood() {
        journal.forget(LONG_AFTER.minus(Duration.ofDays(2)), WORTHWHILE, Set::of);

        assertThat(serials(journal)).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void remembersWhatWasRevokedOrIsStillInUse() {
        journal.revoked(List.of(BigInteger.ONE), new Revocation(BEGINNING, RevocationReason.KEY_COMPROMISE));

        journal.forget(LONG_AFTER, WORTHWHILE, () -> Set.of(BigInteger.TWO));

        assertThat(serials(journal)).containsExactly(1, 2, 5);
        assertThat(new Journal(file).find(BigInteger.ONE).orElseThrow().revocation())
                .isPresent();
    }

    @Test
    void doesNotWriteTheFileAnewForLittle() {
        journal.forget(LONG_AFTER, WORTHWHILE + 2, Set::of);
        assertThat(serials(journal)).hasSize(5);

        for (int serial = 6; serial <= 20; serial++) {
            journal.issued(certificate(serial, LONG_AFTER));
        }
        journal.forget(LONG_AFTER, WORTHWHILE, Set::of);
        assertThat(serials(journal)).hasSize(20);
    }

    @Test
    void anotherProcessNoticesThatTheFileWasReplaced() {
        Journal another = new Journal(file);
        assertThat(serials(another)).hasSize(5);

        journal.forget(LONG_AFTER, WORTHWHILE, Set::of);
        journal.issued(certificate(6, LONG_AFTER));
        assertThat(serials(another)).containsExactly(5, 6);

        another.issued(certificate(7, LONG_AFTER));
        assertThat(serials(journal)).containsExactly(5, 6, 7);
    }

    @Test
    void theNumbersOfRevocationListsGoOn() {
        journal.nextListNumber(BEGINNING);
        journal.nextListNumber(BEGINNING);
        journal.revoked(List.of(BigInteger.ONE), new Revocation(BEGINNING, RevocationReason.SUPERSEDED));

        journal.forget(LONG_AFTER, WORTHWHILE, Set::of);

        assertThat(journal.isAheadOfList()).isTrue();
        assertThat(journal.nextListNumber(LONG_AFTER)).isEqualTo(3);
        assertThat(new Journal(file).isAheadOfList()).isFalse();
    }

    @Test
    void aLineThatWasNeverFinishedIsNotTakenAlong() throws IOException {
        Files.writeString(file, Files.readString(file) + "issued 2026", StandardCharsets.US_ASCII);

        journal.forget(LONG_AFTER, WORTHWHILE, Set::of);

        journal.issued(certificate(6, LONG_AFTER));
        assertThat(serials(new Journal(file))).containsExactly(5, 6);
    }

    private static List<Integer> serials(Journal journal) {
        return journal.issued().stream()
                .map(issued -> issued.serialNumber().intValueExact())
                .toList();
    }

    private static Issued certificate(int serial, Instant at) {
        return new Issued(
                at,
                BigInteger.valueOf(serial),
                "weather",
                at,
                at.plus(Duration.ofDays(1)),
                Set.of(Purpose.SERVER),
                List.of("DNS:localhost"),
                PublicKeyPin.parse("sha256/" + "A".repeat(43) + "="),
                "0123456789abcdef",
                Optional.empty());
    }
}
