// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {

    private static final int RECORDS = 500;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void aCompressedFileIsReadAndVerifiedAndAnotherUserReadsNothing(Codec codec) throws IOException {
        Path file = directory.resolve("audit.jsonl");
        Path rotated = rotated(file);
        byte[] content = Files.readAllBytes(rotated);

        Compression.replace(rotated, codec);

        Path compressed = codec.nameFor(rotated);
        assertThat(rotated).doesNotExist();
        assertThat(compressed).isRegularFile();
        assertThat(Files.size(compressed)).isLessThan(content.length / 2);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(compressed)))
                .isEqualTo("rw-------");
        assertThat(codec.decompress(Files.newInputStream(compressed))).hasBinaryContent(content);
        List<AuditRecord> read = new ArrayList<>();
        new AuditReader(file).read(read::add);
        assertThat(read).extracting(AuditRecord::sequence).hasSize(RECORDS).isSorted();
        assertThat(new AuditVerifier(file).verify().problem()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aChangedByteOfACompressedFileIsFound(Codec codec) throws IOException {
        Path file = directory.resolve("audit.jsonl");
        Path rotated = rotated(file);
        Compression.replace(rotated, codec);
        byte[] content = Files.readAllBytes(codec.nameFor(rotated));
        content[content.length / 2] ^= 4;
        Files.write(codec.nameFor(rotated), content);

        assertThat(new AuditVerifier(file).verify().isIntact()).isFalse();
    }

    @Test
    void theCommonToolReadsWhatZstdWrote() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/zstd")));
        Path rotated = rotated(directory.resolve("audit.jsonl"));
        byte[] content = Files.readAllBytes(rotated);

        Compression.replace(rotated, Codec.ZSTD);

        Process zstd =
                new ProcessBuilder("zstd", "-dc", Codec.ZSTD.nameFor(rotated).toString()).start();
        assertThat(zstd.getInputStream()).hasBinaryContent(content);
        assertThat(zstd.waitFor()).isZero();
    }

    @Test
    void zstdIsPreferredWhereItHasALibrary() {
        assumeTrue(List.of("amd64", "aarch64").contains(System.getProperty("os.arch")));
        assumeTrue("Linux".equals(System.getProperty("os.name")));

        assertThat(Codec.preferred()).isEqualTo(Codec.ZSTD);
    }

    /** A rotated file of some records, and an empty one in its place. */
    private static Path rotated(Path file) throws IOException {
        try (AuditLog log = AuditLog.open(AuditSettings.of(file), "test")) {
            IntStream.range(0, RECORDS).mapToObj(Events::revoked).forEach(log::record);
        }
        Path rotated = Files.move(file, Archive.nameFor(file, 1, RECORDS));
        Files.createFile(file);
        return rotated;
    }
}
