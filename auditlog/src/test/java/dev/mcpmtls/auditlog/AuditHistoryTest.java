// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.ConnectionFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditHistoryTest {

    private static final int MANY = 1_500;
    private static final int ALL_BYTES = 1 << 30;

    @TempDir
    private Path directory;

    @Test
    void pagesAreTheWholeLogBackwards() {
        Path file = written(AuditSettings.of(directory.resolve("audit.jsonl")), MANY);

        assertThat(sequences(file, 700, ALL_BYTES, record -> true)).isEqualTo(downFrom(MANY));
    }

    @Test
    void pagesCrossRotatedFilesWhetherCompressedOrNot() throws IOException {
        AuditSettings settings =
                AuditSettings.of(directory.resolve("audit.jsonl")).withRotation(50_000, Duration.ofDays(1));
        for (int i = 0; i < 10; i++) {
            written(settings, MANY / 10);
        }
        Path file = settings.file();

        try (var files = Files.list(directory)) {
            assertThat(files.filter(Archive::isCompressed)).hasSizeGreaterThan(2);
        }
        assertThat(sequences(file, 500, ALL_BYTES, record -> true)).isEqualTo(downFrom(MANY));
        assertThat(sequences(file, 7, 300_000, record -> record.sequence() % 100 == 0))
                .isEqualTo(LongStream.rangeClosed(1, MANY / 100)
                        .map(i -> MANY - (i - 1) * 100)
                        .boxed()
                        .toList());
    }

    @Test
    void aPageReadsNoMoreThanItMay() {
        Path file = written(AuditSettings.of(directory.resolve("audit.jsonl")), MANY);

        AuditHistory.Page page = page(file, Long.MAX_VALUE, 500, 1, record -> false);

        assertThat(page.records()).isEmpty();
        assertThat(page.next().orElseThrow()).isBetween(500L, (long) MANY);
    }

    @Test
    void readingEndsAtTheEarliestTime() {
        Path file = written(AuditSettings.of(directory.resolve("audit.jsonl")), 10);
        AuditHistory.Query query =
                new AuditHistory.Query(Long.MAX_VALUE, Instant.now().plusSeconds(60), record -> true, 5, ALL_BYTES);

        assertThat(new AuditHistory(file).page(query))
                .isEqualTo(new AuditHistory.Page(List.of(), OptionalLong.empty()));
    }

    @Test
    void aTornLastLineAndDamagedOnesArePassedOver() throws IOException {
        Path file = written(AuditSettings.of(directory.resolve("audit.jsonl")), 3);
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.add(1, "no record");
        Files.writeString(file, String.join("\n", lines) + "\n{\"@timestamp\":\"2026");

        assertThat(sequences(file, 10, ALL_BYTES, record -> true)).containsExactly(3L, 2L, 1L);
    }

    @Test
    void aLogThatIsNotThereYetIsEmpty() {
        assertThat(sequences(directory.resolve("audit.jsonl"), 10, ALL_BYTES, record -> true))
                .isEmpty();
    }

    @Test
    void theTailHasWhatIsWrittenAfterItsBeginning() {
        Path file = directory.resolve("audit.jsonl");
        written(AuditSettings.of(file), 5);
        try (AuditTail tail = AuditTail.of(file)) {
            assertThat(tail.last()).isEqualTo(5);
            assertThat(tail.read(ALL_BYTES, MANY)).isEmpty();
            written(AuditSettings.of(file), 3);
            assertThat(tail.read(ALL_BYTES, MANY).stream().map(AuditRecord::sequence))
                    .containsExactly(6L, 7L, 8L);
            assertThat(tail.read(ALL_BYTES, MANY)).isEmpty();
        }
    }

    @Test
    void theTailLosesNothingWhenTheLogIsRotated() {
        Path file = directory.resolve("audit.jsonl");
        AuditSettings settings = AuditSettings.of(file).withRotation(20_000, Duration.ofDays(1));
        try (AuditTail tail = AuditTail.of(file)) {
            List<Long> seen = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                written(settings, 20);
                tail.read(ALL_BYTES, MANY).forEach(record -> seen.add(record.sequence()));
            }
            assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 400).boxed().toList());
        }
    }

    @Test
    void theTailSkipsWhatIsTooMuchAndTheGapSaysHowMany() {
        Path file = directory.resolve("audit.jsonl");
        written(AuditSettings.of(file), 1);
        try (AuditTail tail = AuditTail.of(file)) {
            written(AuditSettings.of(file), 500);

            List<AuditRecord> read = tail.read(10_000, MANY);

            assertThat(read).isNotEmpty().hasSizeLessThan(50);
            assertThat(read.get(read.size() - 1).sequence()).isEqualTo(501);
            assertThat(read.get(0).sequence()).isGreaterThan(400);
        }
    }

    @Test
    void theTailSkipsSuccessesBeyondTheLimitAndNoRefusal() {
        Path file = directory.resolve("audit.jsonl");
        try (AuditTail tail = AuditTail.of(file)) {
            written(AuditSettings.of(file), 100);
            try (AuditLog log = AuditLog.open(AuditSettings.of(file), "test")) {
                log.record(Events.refused(ConnectionFacts.Side.SERVER, "\"event.outcome\":\"success\""))
                        .toCompletableFuture()
                        .join();
            }
            written(AuditSettings.of(file), 100);

            assertThat(tail.read(ALL_BYTES, 3).stream().map(AuditRecord::sequence))
                    .containsExactly(1L, 2L, 3L, 101L);
            written(AuditSettings.of(file), 1);
            assertThat(tail.read(ALL_BYTES, 3).stream().map(AuditRecord::sequence))
                    .containsExactly(202L);
        }
    }

    @Test
    void theTailLeavesALineThatIsBeingWrittenToTheNextReading() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        written(AuditSettings.of(file), 2);
        String line = Files.readAllLines(file).get(1).replace("\"event.sequence\":2", "\"event.sequence\":3") + "\n";
        try (AuditTail tail = AuditTail.of(file)) {
            Files.writeString(file, line.substring(0, 40), StandardOpenOption.APPEND);
            assertThat(tail.read(ALL_BYTES, MANY)).isEmpty();
            Files.writeString(file, line.substring(40), StandardOpenOption.APPEND);
            assertThat(tail.read(ALL_BYTES, MANY)).hasSize(1);
        }
    }

    private static Path written(AuditSettings settings, int records) {
        try (AuditLog log = AuditLog.open(settings, "test")) {
            List<CompletableFuture<Void>> written = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                written.add(log.record(Events.revoked(i)).toCompletableFuture());
            }
            written.forEach(CompletableFuture::join);
        }
        return settings.file();
    }

    private static List<Long> sequences(Path file, int limit, int bytes, Predicate<AuditRecord> filter) {
        List<Long> all = new ArrayList<>();
        OptionalLong before = OptionalLong.of(Long.MAX_VALUE);
        while (before.isPresent()) {
            AuditHistory.Page page = page(file, before.getAsLong(), limit, bytes, filter);
            assertThat(page.records()).hasSizeLessThanOrEqualTo(limit);
            page.records().forEach(record -> all.add(record.sequence()));
            before = page.next();
        }
        return all;
    }

    private static AuditHistory.Page page(Path file, long before, int limit, int bytes, Predicate<AuditRecord> filter) {
        return new AuditHistory(file).page(new AuditHistory.Query(before, Instant.MIN, filter, limit, bytes));
    }

    private static List<Long> downFrom(long last) {
        return LongStream.rangeClosed(1, last).map(i -> last + 1 - i).boxed().toList();
    }
}
