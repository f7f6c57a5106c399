// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExposureTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void make() throws IOException {
        file = Files.writeString(directory.resolve("ca.crt"), "");
        mode(directory, "rwxr-xr-x");
        mode(file, "rw-r--r--");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw-------", "r--r--r--", "rwxr-xr-x"})
    void believesAFileThatOnlyItsOwnerCanWrite(String mode) throws IOException {
        mode(file, mode);

        assertThat(Exposure.ofFile(file)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-rw-rw-", "rw-r--rw-", "rw--w--w-"})
    void seesAFileThatOthersCanWrite(String mode) throws IOException {
        mode(file, mode);

        assertThat(Exposure.ofFile(file)).hasValueSatisfying(found -> {
            assertThat(found.toString()).contains("other users can write it").contains("'chmod go-w " + file + "'");
            assertThat(found.isTolerable()).isFalse();
        });
    }

    @Test
    void seesAFileThatRootsGroupCanWrite() throws Exception {
        assumeTrue(run("chown", "0:0", file.toString()));
        mode(file, "rw-rw-r--");

        assertThat(Exposure.ofFile(file)).isPresent();
    }

    @Test
    void seesAFileOfAnotherUser() throws Exception {
        assumeTrue(run("chown", "65534", file.toString()));

        assertThat(Exposure.ofFile(file))
                .hasValueSatisfying(found -> assertThat(found.toString()).contains("it belongs to the user"));
    }

    @Test
    void looksAtTheFileBehindALink() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("ca.crt"));
        assertThat(Exposure.ofFile(link)).isEmpty();

        mode(file, "rw-rw-rw-");
        assertThat(Exposure.ofFile(link)).isPresent();
    }

    @Test
    void seesALinkThatAnotherUserPlanted() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("ca.crt"));
        assumeTrue(run("chown", "-h", "65534", link.toString()));

        assertThat(Exposure.ofFile(link)).hasValueSatisfying(found -> {
            assertThat(found.path()).isEqualTo(link);
            assertThat(found.isTolerable()).isFalse();
        });
    }

    @Test
    void seesADirectoryInWhichOthersCanReplaceAFile() throws IOException {
        assertThat(Exposure.ofDirectoryOf(file)).isEmpty();

        mode(directory, "rwxrwxrwx");
        assertThat(Exposure.ofDirectoryOf(file))
                .hasValueSatisfying(found -> assertThat(found.path()).isEqualTo(directory));
        assertThat(Exposure.ofFile(file)).isEmpty();
    }

    @Test
    void theStickyBitKeepsOthersFromReplacingAFileButNotFromAddingOne() throws Exception {
        mode(directory, "rwxrwxrwx");
        assumeTrue(run("chmod", "+t", directory.toString()));

        assertThat(Exposure.ofDirectoryOf(file)).isEmpty();
        assertThat(Exposure.ofDirectory(directory))
                .hasValueSatisfying(found -> assertThat(found.isTolerable()).isFalse());
    }

    /** A secret's volume: a sticky directory for all, a link to a link to the version, and root's files. */
    @Test
    void believesAVolumeOfKubernetes() throws Exception {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        Files.writeString(Files.createDirectory(volume.resolve("..2026_11_28")).resolve("ca.crt"), "");
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..2026_11_28"));
        Path inVolume = Files.createSymbolicLink(volume.resolve("ca.crt"), Path.of("..data/ca.crt"));
        assumeTrue(run("chmod", "1777", volume.toString()));

        assertThat(Exposure.ofFile(inVolume)).isEmpty();
        assertThat(Exposure.ofDirectoryOf(inVolume)).isEmpty();
    }

    @Test
    void toleratesWhatIsOnAReadOnlyMount() throws Exception {
        Path mount = Files.createDirectory(directory.resolve("mount"));
        mode(file, "rw-rw-rw-");
        assumeTrue(run("mount", "--bind", directory.toString(), mount.toString()));
        try {
            assumeTrue(run("mount", "-o", "remount,ro,bind", mount.toString()));

            assertThat(Exposure.ofFile(mount.resolve("ca.crt")))
                    .hasValueSatisfying(found -> assertThat(found.isTolerable()).isTrue());
        } finally {
            assertThat(run("umount", mount.toString())).isTrue();
        }
    }

    @Test
    void aDirectoryIsItsOwnersAlone() throws Exception {
        assertThat(Exposure.ofDirectory(directory)).isEmpty();

        assumeTrue(run("chown", "65534", directory.toString()));
        assertThat(Exposure.ofDirectory(directory)).isPresent();
        assertThat(Exposure.ofDirectoryOf(file)).isPresent();
    }

    @Test
    void whatDoesNotExistIsNotExposed() {
        assertThat(Exposure.ofFile(directory.resolve("none"))).isEmpty();
        assertThat(Exposure.ofDirectory(directory.resolve("none"))).isEmpty();
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
