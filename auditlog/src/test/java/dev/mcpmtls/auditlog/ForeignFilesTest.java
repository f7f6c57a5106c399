// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.audit.AuditUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A log is written to a file of its own; any other file of that name stays unchanged. */
class ForeignFilesTest {

    @TempDir
    private Path directory;

    @Test
    void refusesADeviceAndLeavesItsMode() throws Exception {
        Path device = directory.resolve("audit.jsonl");
        assumeTrue(run("mknod", device.toString(), "c", "1", "3"));
        mode(device, "rw-rw-rw-");

        refused(device, "it is a character device, not a regular file; name another audit.file, or 'audit.file: off'");

        assertThat(mode(device)).isEqualTo("rw-rw-rw-");
    }

    @Test
    void refusesAPipeWithoutWaitingForItsReader() throws Exception {
        Path pipe = directory.resolve("audit.jsonl");
        assumeTrue(run("mkfifo", pipe.toString()));

        refused(pipe, "it is a named pipe");
    }

    @Test
    void refusesAPipeInThePlaceOfARotatedFile() throws Exception {
        Path file = directory.resolve("audit.jsonl");
        assumeTrue(run(
                "mkfifo",
                directory.resolve("audit.000000000001-000000000009.jsonl").toString()));

        refused(file, "audit.000000000001-000000000009.jsonl is no regular file");
        assertThatThrownBy(() -> new AuditVerifier(file).verify()).hasMessageContaining("is no regular file");
    }

    @ParameterizedTest
    @CsvSource({"GZIP, 0", "GZIP, 5", "GZIP, 60", "ZSTD, 0", "ZSTD, 5", "ZSTD, 60"})
    void namesARotatedFileThatIsCutOff(Codec codec, int left) throws IOException {
        Path file = directory.resolve("audit.jsonl");
        record(file);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream content = codec.compress(compressed)) {
            content.write(Files.readAllBytes(file));
        }
        Path rotated = codec.nameFor(directory.resolve("audit.000000000001-000000000009.jsonl"));
        Files.write(rotated, Arrays.copyOf(compressed.toByteArray(), left));
        Files.write(file, new byte[0]);

        assertThat(new AuditVerifier(file).verify().problem())
                .hasValueSatisfying(problem ->
                        assertThat(problem).contains(rotated.getFileName().toString(), "cut off"));
        assertThatThrownBy(() -> new AuditReader(file).read(record -> {}))
                .hasMessageContaining(rotated + " is damaged");
        refused(file, rotated + " is damaged or cut off");
    }

    @Test
    void refusesAnotherUsersFileAndLink() throws Exception {
        Path theirs = Files.writeString(directory.resolve("theirs"), "");
        mode(theirs, "rw-rw-rw-");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("new"));
        assumeTrue(run("chown", "-h", "65534", theirs.toString(), link.toString()));

        refused(theirs, "it belongs to the user");
        refused(link, "it is a link of the user");

        assertThat(mode(theirs)).isEqualTo("rw-rw-rw-");
        assertThat(directory.resolve("new")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"root:x:0:0\n", "a file without a newline", "{\"a\":\"configuration file\"}"})
    void leavesAFileThatIsNoLogAsItIs(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("hosts"), content);
        mode(file, "rw-r--r--");

        refused(file, "not an audit record; move the file away");

        assertThat(file).content().isEqualTo(content);
        assertThat(mode(file)).isEqualTo("rw-r--r--");
    }

    @Test
    void takesThePermissionsOfOthersFromALogOfItsOwn() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        record(file);
        mode(file, "rw-r--r--");

        record(file);

        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void rotatesWhereALinkOfItsOwnLeads() throws IOException {
        Path real = Files.createDirectory(directory.resolve("elsewhere")).resolve("log.jsonl");
        Path link = Files.createSymbolicLink(directory.resolve("audit.jsonl"), real);
        AuditSettings eachItsOwnFile = AuditSettings.of(link).withRotation(1, Duration.ofDays(1));

        try (AuditLog log = AuditLog.open(eachItsOwnFile, "test")) {
            for (int i = 0; i < 3; i++) {
                log.record(Events.revoked(i)).toCompletableFuture().join();
            }
        }

        assertThat(link).isSymbolicLink();
        assertThat(directory).isDirectoryNotContaining("glob:**/audit.0*");
        assertThat(new AuditVerifier(link).verify().records()).isEqualTo(3);
    }

    @Test
    void keepsNoLogWhenItIsOff() throws IOException {
        try (AuditLog log = AuditLog.off()) {
            log.record(Events.revoked(1)).toCompletableFuture().join();
            log.as("other").record(Events.revoked(2)).toCompletableFuture().join();

            assertThat(log.isOff()).isTrue();
            assertThat(log.status()).isEqualTo(new AuditLog.Status(0, 0, java.util.Optional.empty()));
        }
        assertThat(Path.of("off")).doesNotExist();
    }

    private static void record(Path file) {
        try (AuditLog log = AuditLog.open(AuditSettings.of(file), "test")) {
            assertThat(log.isOff()).isFalse();
            log.record(Events.revoked(1)).toCompletableFuture().join();
        }
    }

    private static void refused(Path file, String why) {
        assertThatThrownBy(() -> AuditLog.open(AuditSettings.of(file), "test"))
                .isInstanceOf(AuditUnavailableException.class)
                .hasMessageContaining("the audit log " + file + " cannot be written: ")
                .hasMessageContaining(why);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }

    private static void mode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
