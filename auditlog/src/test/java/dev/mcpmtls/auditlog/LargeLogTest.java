// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditUnavailableException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs are read piece by piece, so a file or line may have more bytes than an array can hold. */
class LargeLogTest {

    /** More bytes than an array, and so a string, can hold. */
    private static final long ENORMOUS = Integer.MAX_VALUE + 1_000_000L;

    @TempDir
    private Path directory;

    @Test
    void passesOverALineThatIsTooLongForARecord() throws IOException {
        String tooLong = "x".repeat(RecordLines.LONGEST + 1);

        assertThat(lines(tooLong + "\nshort\n")).containsExactly("", "short");
        assertThat(lines("short\n" + tooLong)).containsExactly("short", "");
    }

    @Test
    void readsALineAsLongAsARecordMayBe() throws IOException {
        String longest = "x".repeat(RecordLines.LONGEST);

        assertThat(lines(longest + "\n\nlast")).containsExactly(longest, "", "last");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void countsTheBytesOfLines() throws IOException {
        RecordLines lines = of("one\ntwo\nthree");
        lines.next();
        assertThat(lines.position()).isEqualTo(4);
        lines.next();
        assertThat(lines.position()).isEqualTo(8);
        assertThat(lines.isEnded()).isFalse();
        lines.next();
        assertThat(lines.isEnded()).isTrue();
    }

    @Test
    void readsPastAnEnormousLine() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        record(file);
        long good = Files.size(file);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(good + ENORMOUS);
            sparse.seek(good + ENORMOUS);
            sparse.write('\n');
        }

        List<AuditRecord> read = new ArrayList<>();
        new AuditReader(file).read(read::add);

        assertThat(read).hasSize(1);
        assertThat(new AuditVerifier(file).verify().problem()).hasValue("audit.jsonl line 2: not an audit record");
    }

    @Test
    void verifiesAnArchiveWhoseLineIsEnormous() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        record(file);
        Path archive = Archive.nameFor(file, 1, 1);
        byte[] zeros = new byte[1 << 20];
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(Path.of(archive + ".gz")))) {
            for (int i = 0; i < 300; i++) {
                gzip.write(zeros);
            }
        }

        assertThat(new AuditVerifier(file).verify().isIntact()).isFalse();
    }

    @Test
    void refusesToContinueAnEnormousLine() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(ENORMOUS);
        }

        assertThatThrownBy(() -> AuditLog.open(AuditSettings.of(file), "test"))
                .isInstanceOf(AuditUnavailableException.class)
                .hasMessageContaining("not an audit record; move the file away");
        assertThat(Files.size(file)).isEqualTo(ENORMOUS);
    }

    @Test
    void followsALogThatWasCutOff() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        record(file);
        record(file);
        AuditReader reader = new AuditReader(file);
        List<AuditRecord> read = new ArrayList<>();
        reader.read(read::add);
        String first = Files.readAllLines(file).get(0);
        Files.writeString(file, first + "\n", StandardOpenOption.TRUNCATE_EXISTING);

        reader.read(read::add);
        record(file);
        record(file);
        reader.read(read::add);

        assertThat(read).extracting(AuditRecord::sequence).containsExactly(1L, 2L, 3L);
    }

    @Test
    void readsALineOnlyOnceItIsWhole() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        record(file);
        record(file);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 10));
        AuditReader reader = new AuditReader(file);
        List<AuditRecord> read = new ArrayList<>();

        reader.read(read::add);
        assertThat(read).hasSize(1);
        Files.write(file, whole);
        reader.read(read::add);
        assertThat(read).hasSize(2);
    }

    private static void record(Path file) {
        try (AuditLog log = AuditLog.open(AuditSettings.of(file), "test")) {
            log.record(Events.revoked(1)).toCompletableFuture().join();
        }
    }

    private static List<String> lines(String text) throws IOException {
        List<String> lines = new ArrayList<>();
        RecordLines reading = of(text);
        for (Optional<String> line = reading.next(); line.isPresent(); line = reading.next()) {
            lines.add(line.get());
        }
        return lines;
    }

    /** Lines from a stream in two parts, because a file is not read at once either. */
    private static RecordLines of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int half = bytes.length / 2;
        return new RecordLines(new SequenceInputStream(
                new ByteArrayInputStream(bytes, 0, half), new ByteArrayInputStream(bytes, half, bytes.length - half)));
    }
}
