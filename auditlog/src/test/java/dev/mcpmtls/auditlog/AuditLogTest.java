// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditLogTest {

    @TempDir
    private Path dir;

    @BeforeEach
    void makeTheDirectory() throws IOException {
        Files.createDirectories(dir.resolve("log"));
    }

    @Test
    void writesOneFlatObjectALineUnderTheSchemasNames() throws IOException {
        try (AuditLog log = open()) {
            log.as("weather-mcp")
                    .record(Events.refused(Side.SERVER, "too slow"))
                    .toCompletableFuture()
                    .join();
        }

        assertThat(Files.readAllLines(file()))
                .containsExactly("{\"@timestamp\":\"2026-11-22T10:00:00.120Z\",\"event.action\":\"tls-rejected\","
                        + "\"event.outcome\":\"failure\",\"service.name\":\"weather-mcp\","
                        + "\"event.reason\":\"HANDSHAKE_TIMEOUT\",\"message\":\"too slow\","
                        + "\"source.ip\":\"127.0.0.1\",\"source.port\":53210,\"tls.version\":\"1.3\","
                        + "\"tls.cipher\":\"TLS_AES_128_GCM_SHA256\",\"tls.resumed\":false,"
                        + "\"mcp_mtls.connection_id\":\"00112233aabbccdd\",\"event.sequence\":1,"
                        + "\"mcp_mtls.chain\":\"" + "0".repeat(64) + "\"}");
    }

    @Test
    void namesAPeerThatWeWentToAsTheDestination() {
        record(Events.refused(Side.CLIENT, "too slow"));

        assertThat(read().get(0).field("destination.port")).isEqualTo("53210");
        assertThat(read().get(0).field("source.port")).isEmpty();
    }

    @Test
    void keepsAPeersControlCharactersFromBreakingALineOrATerminal() throws IOException {
        record(Events.refused(Side.SERVER, "a\nb\u001b[2J\u0085\u2028\u202ec"));

        assertThat(Files.readAllLines(file())).hasSize(1);
        assertThat(Files.readString(file()).strip()).matches("[\\x20-\\x7e]+");
        assertThat(read().get(0).field("message")).isEqualTo("a\nb\u001b[2J\u0085\u2028\u202ec");
        assertThat(read().get(0).rendered()).matches("[\\x20-\\x7e]+").contains("a\\nb\\u001b[2J");
    }

    @Test
    void showsLettersOfAllScriptsAsTheyAre() throws IOException {
        record(Events.refused(Side.SERVER, "東京 …"));

        assertThat(read().get(0).rendered()).contains("東京 …");
    }

    @Test
    void boundsWhatAPeerCanMakeItWrite() throws IOException {
        record(Events.refused(Side.SERVER, "x".repeat(100_000)));

        assertThat(Files.size(file())).isLessThan(2048);
    }

    @Test
    void losesNothingWhileRotatedFilesAreBeingCompressed() {
        AuditSettings eachItsOwnFile = AuditSettings.of(file()).withRotation(1, Duration.ofDays(1));

        try (AuditLog log = AuditLog.open(eachItsOwnFile, "test")) {
            for (int i = 0; i < 200; i++) {
                log.record(Events.refused(Side.SERVER, "x".repeat(900)))
                        .toCompletableFuture()
                        .join();
            }
            assertThat(log.status().lost()).isZero();
        }
    }

    @Test
    void isReadableByItsOwnerOnly() throws IOException {
        Files.writeString(file(), "");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));

        record(Events.revoked(1));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void hasWrittenARecordWhenItsStageCompletes() throws IOException {
        for (AuditSettings.Sync sync :
                List.of(new AuditSettings.Sync.Always(), new AuditSettings.Sync.Every(Duration.ofHours(1)))) {
            try (AuditLog log = AuditLog.open(settings().withSync(sync), "mcp-mtls")) {
                int before = read().size();
                log.record(Events.revoked(1)).toCompletableFuture().join();
                assertThat(read()).hasSize(before + 1);
            }
        }
    }

    @Test
    void refusesServiceWhileItCannotWriteAndRecordsTheLossAfterwards() throws IOException {
        try (AuditLog log = open()) {
            log.record(Events.revoked(1)).toCompletableFuture().join();
            takeAwayTheDirectory();

            assertThatThrownBy(() ->
                            log.record(Events.revoked(2)).toCompletableFuture().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(AuditUnavailableException.class)
                    .hasMessageContaining(file().toString());
            assertThat(log.status().failure()).isPresent();

            Files.createDirectories(dir.resolve("log"));
            log.record(Events.revoked(3)).toCompletableFuture().join();
            assertThat(log.status()).isEqualTo(new AuditLog.Status(0, 1, java.util.Optional.empty()));
        }
        assertThat(read().get(0).field("mcp_mtls.lost")).isEqualTo("1");
        assertThat(read().get(1).field("file.x509.serial_number")).isEqualTo("3");
    }

    @Test
    void leavesAGapForTheVerifierWhenRecordsAreCutOffWhileItRuns() throws IOException {
        try (AuditLog log = open()) {
            log.record(Events.revoked(1)).toCompletableFuture().join();
            log.record(Events.revoked(2)).toCompletableFuture().join();
            Files.write(file(), List.of(Files.readAllLines(file()).get(0)));

            log.record(Events.revoked(3)).toCompletableFuture().join();
        }
        assertThat(new AuditVerifier(file()).verify().problem())
                .hasValue("audit.jsonl line 2: record 2 expected, found record 3");
    }

    @Test
    void goesOnWithoutAuditWhenToldTo() throws IOException {
        AuditSettings settings = settings().withOnFailure(AuditSettings.OnFailure.CONTINUE);
        try (AuditLog log = AuditLog.open(settings, "mcp-mtls")) {
            takeAwayTheDirectory();

            assertThat(log.record(Events.revoked(1))).succeedsWithin(Duration.ofSeconds(5));
            assertThat(log.status().lost()).isEqualTo(1);
        }
    }

    @Test
    void closesALineThatACrashCutOffAndKeepsWhatIsLeftOfIt() throws IOException {
        record(Events.revoked(1));
        Files.writeString(file(), "{\"@timestamp\":\"2026-\u001b", StandardOpenOption.APPEND);

        record(Events.revoked(2));

        assertThat(read())
                .extracting(r -> r.field("event.action"))
                .containsExactly("certificate-revoked", "audit-resumed", "certificate-revoked");
        assertThat(read().get(1).field("mcp_mtls.torn")).isEqualTo("{\"@timestamp\":\"2026-\u001b");
        assertThat(new AuditVerifier(file()).verify().isIntact()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"@timestamp\":\"2026-"})
    void closesNulBytesThatAPowerLossLeftAndSaysSo(String remains) throws IOException {
        record(Events.revoked(1));
        Files.writeString(file(), remains + "\0".repeat(5000), StandardOpenOption.APPEND);

        record(Events.revoked(2));

        assertThat(read())
                .extracting(r -> r.field("event.action"))
                .containsExactly("certificate-revoked", "audit-resumed", "certificate-revoked");
        assertThat(read().get(1).field("mcp_mtls.torn")).isEqualTo(remains);
        assertThat(read().get(1).field("message")).contains("5000 NUL bytes");
        assertThat(new AuditVerifier(file()).verify().isIntact()).isTrue();
    }

    @Test
    void refusesNulBytesBeforeOtherText() throws IOException {
        Files.writeString(file(), "\0\0something else");

        assertThatThrownBy(this::open).isInstanceOf(AuditUnavailableException.class);
    }

    @Test
    void refusesToChainToALineThatIsNoRecord() throws IOException {
        Files.writeString(file(), "something else\n");

        assertThatThrownBy(this::open)
                .isInstanceOf(AuditUnavailableException.class)
                .hasMessageContaining("move the file away");
    }

    @Test
    void appendsToAFileThatAnotherProcessWritesToo() throws Exception {
        try (AuditLog log = open()) {
            log.record(Events.revoked(1)).toCompletableFuture().join();
            assertThat(inAnotherProcess()).isZero();
            log.record(Events.revoked(3)).toCompletableFuture().join();
        }
        assertThat(read()).hasSize(3);
        assertThat(new AuditVerifier(file()).verify().isIntact()).isTrue();
    }

    @Test
    void aRecordThatCannotBeMadeTakesNoOtherWithIt() {
        List<CompletableFuture<Void>> good = new ArrayList<>();
        CompletableFuture<Void> bad;
        try (AuditLog log = open()) {
            for (int i = 0; i < 500; i++) {
                good.add(log.record(Events.revoked(i)).toCompletableFuture());
            }
            bad = log.record(Events.thatCannotBeMade()).toCompletableFuture();
            for (int i = 0; i < 500; i++) {
                good.add(log.record(Events.revoked(i)).toCompletableFuture());
            }
        }

        assertThat(bad).isCompletedExceptionally();
        assertThat(good).allMatch(recorded -> recorded.isDone() && !recorded.isCompletedExceptionally());
        assertThat(new AuditVerifier(file()).verify().isIntact()).isTrue();
    }

    @Test
    void recordsTogetherWhatIsHandedOverTogether() {
        try (AuditLog log = open()) {
            log.as("echo")
                    .recordAll(List.of(Events.revoked(1), Events.revoked(2)))
                    .toCompletableFuture()
                    .join();

            assertThat(read())
                    .extracting(record -> record.field("file.x509.serial_number"))
                    .containsExactly("1", "2");
            assertThat(read())
                    .extracting(record -> record.field("service.name"))
                    .containsOnly("echo");
            assertThat(log.status()).isEqualTo(new AuditLog.Status(0, 0, java.util.Optional.empty()));
        }
    }

    @Test
    void writesWhatItCanOfWhatIsHandedOverTogetherAndSaysThatItCouldNotWriteAll() {
        CompletableFuture<Void> recorded;
        try (AuditLog log = open()) {
            recorded = log.recordAll(List.of(Events.revoked(1), Events.thatCannotBeMade(), Events.revoked(2)))
                    .toCompletableFuture();

            assertThat(recorded)
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(AuditUnavailableException.class);
            assertThat(log.status().queued()).isZero();
            assertThat(log.status().lost()).isEqualTo(1);
        }
        assertThat(read())
                .extracting(record -> record.field("file.x509.serial_number"))
                .contains("1", "2");
        assertThat(new AuditVerifier(file()).verify().isIntact()).isTrue();
    }

    @Test
    void nobodyWaitsForALogThatIsClosed() throws Exception {
        for (int round = 0; round < 20; round++) {
            AuditLog log = open();
            List<CompletableFuture<Void>> asked = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch begun = new CountDownLatch(1);
            Thread busy = new Thread(() -> {
                CompletableFuture<Void> last;
                do {
                    last = log.record(Events.revoked(1)).toCompletableFuture();
                    asked.add(last);
                    begun.countDown();
                } while (!last.isCompletedExceptionally());
            });
            busy.start();
            begun.await();
            log.close();
            busy.join();

            assertThat(CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
                            .handle((done, failed) -> true))
                    .succeedsWithin(Duration.ofSeconds(5));
        }
    }

    /** Records one event from a second process. */
    public static void main(String[] args) {
        try (AuditLog log = AuditLog.open(AuditSettings.of(Path.of(args[0])), "other")) {
            log.record(Events.revoked(2)).toCompletableFuture().join();
        }
    }

    private int inAnotherProcess() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        return new ProcessBuilder(java, "-cp", classPath, AuditLogTest.class.getName(), file().toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    private void takeAwayTheDirectory() throws IOException {
        Files.delete(file());
        Files.delete(dir.resolve("log"));
    }

    private void record(dev.mcpmtls.audit.AuditEvent event) {
        try (AuditLog log = open()) {
            log.record(event).toCompletableFuture().join();
        }
    }

    private AuditLog open() {
        return AuditLog.open(settings(), "mcp-mtls");
    }

    private AuditSettings settings() {
        return AuditSettings.of(file());
    }

    private Path file() {
        return dir.resolve("log").resolve("audit.jsonl");
    }

    private List<AuditRecord> read() {
        List<AuditRecord> records = new ArrayList<>();
        new AuditReader(file()).read(records::add);
        return records;
    }
}
