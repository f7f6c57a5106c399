// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditVerifierTest {

    @TempDir
    private Path dir;

    @Test
    void acceptsALogAsItWasWritten() {
        write(1, 5);

        AuditVerifier.Result result = verify();

        assertThat(result.isIntact()).isTrue();
        assertThat(result.records()).isEqualTo(5);
    }

    @Test
    void findsAChangedRecord() throws IOException {
        write(1, 5);
        rewrite(lines -> lines.set(1, lines.get(1).replace("weather", "another")));

        assertThat(verify().problem()).hasValue("audit.jsonl line 3: record 2 before it was changed");
    }

    @Test
    void findsARemovedRecord() throws IOException {
        write(1, 5);
        rewrite(lines -> lines.remove(1));

        assertThat(verify().problem()).hasValue("audit.jsonl line 2: record 2 expected, found record 3");
    }

    @Test
    void findsAnAddedRecord() throws IOException {
        write(1, 5);
        rewrite(lines -> lines.add(2, lines.get(1)));

        assertThat(verify().isIntact()).isFalse();
    }

    @Test
    void findsACutOffEndByAChainEndThatWasKept() throws IOException {
        write(1, 3);
        ChainEnd kept = verify().end();
        write(4, 5);
        assertThat(new AuditVerifier(file()).verify(Optional.of(kept)).isIntact())
                .isTrue();

        rewrite(lines -> lines.subList(2, lines.size()).clear());

        assertThat(verify().isIntact()).isTrue();
        assertThat(new AuditVerifier(file()).verify(Optional.of(kept)).problem())
                .hasValue("record 3 is missing or differs from the kept one");
    }

    @Test
    void followsTheChainAcrossRotatedFilesAndRestarts() throws IOException {
        writeRotating(1, 3);
        writeRotating(4, 6);

        AuditVerifier.Result result = verify();

        assertThat(result.problem()).isEmpty();
        assertThat(result.records()).isEqualTo(6);
        assertThat(result.files()).isEqualTo(6);
        assertThat(read())
                .extracting(r -> r.field("file.x509.serial_number"))
                .containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void missesARotatedFileThatWasTakenAway() throws IOException {
        writeRotating(1, 4);
        try (Stream<Path> files = Files.list(dir)) {
            Files.delete(files.filter(file -> file.toString().contains("000000000002-"))
                    .findFirst()
                    .orElseThrow());
        }

        assertThat(verify().problem().orElseThrow()).contains("record 2 expected, found record 3");
    }

    @Test
    void startsANewFileWhenTheFirstRecordIsOldEnough() throws IOException {
        write(1, 1);
        AuditSettings daily = AuditSettings.of(file()).withRotation(1 << 20, Duration.ofMillis(1));
        try (AuditLog log = AuditLog.open(daily, "mcp-mtls")) {
            log.record(Events.revoked(2)).toCompletableFuture().join();
        }

        assertThat(Files.readAllLines(file())).hasSize(1);
        assertThat(verify().records()).isEqualTo(2);
    }

    @Test
    void readerKeepsToItsFilter() {
        write(1, 3);
        AuditRecord record = read().get(0);

        assertThat(new AuditFilter("WEATH", "", "certificate-revoked", "", Instant.MIN))
                .accepts(record);
        assertThat(new AuditFilter("echo", "", "", "", Instant.MIN)).rejects(record);
        assertThat(new AuditFilter("", "expired", "", "", Instant.MIN)).rejects(record);
        assertThat(new AuditFilter("", "", "", "", Instant.now().plusSeconds(1)))
                .rejects(record);
    }

    private void write(int first, int last) {
        record(AuditSettings.of(file()), first, last);
    }

    /** One record a file. */
    private void writeRotating(int first, int last) {
        record(AuditSettings.of(file()).withRotation(1, Duration.ofDays(1)), first, last);
    }

    private static void record(AuditSettings settings, int first, int last) {
        try (AuditLog log = AuditLog.open(settings, "mcp-mtls")) {
            for (int serial = first; serial <= last; serial++) {
                log.record(Events.revoked(serial)).toCompletableFuture().join();
            }
        }
    }

    private void rewrite(java.util.function.Consumer<List<String>> change) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file()));
        change.accept(lines);
        Files.write(file(), lines);
    }

    private AuditVerifier.Result verify() {
        return new AuditVerifier(file()).verify();
    }

    private List<AuditRecord> read() {
        List<AuditRecord> records = new ArrayList<>();
        new AuditReader(file()).read(records::add);
        return records;
    }

    private Path file() {
        return dir.resolve("audit.jsonl");
    }
}
