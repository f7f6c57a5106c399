// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.files.OwnedFiles.Readers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OwnedFilesTest {

    private static final byte[] CONTENT = "content".getBytes(UTF_8);

    @TempDir
    private Path above;

    @Test
    void permitsADirectoryThatIsStillToBeMadeAndMakesNothing() throws IOException {
        OwnedFiles.requireWritable(above);
        OwnedFiles.requireWritable(above.resolve("a").resolve("b"));
        assertThat(above).isEmptyDirectory();
    }

    @Test
    void refusesADirectoryBelowAFile() throws IOException {
        Path inTheWay = Files.writeString(above.resolve("a"), "x");
        assertThatThrownBy(
                        () -> OwnedFiles.requireWritable(inTheWay.resolve("b").resolve("c")))
                .isInstanceOf(ForeignFileException.class)
                .hasMessageContaining(inTheWay + " exists, and is not a directory");
    }

    @Test
    void refusesADirectoryOnAReadOnlyMount() {
        Path mount = Path.of("/sys");
        assumeTrue(Files.isDirectory(mount) && !Files.isWritable(mount));
        assertThatThrownBy(() -> OwnedFiles.requireWritable(mount.resolve("a")))
                .isInstanceOf(java.nio.file.AccessDeniedException.class);
    }

    /** The ways to write. */
    enum Writing {
        OPEN {
            @Override
            void to(Path file) throws IOException {
                try (FileChannel channel = OwnedFiles.open(file)) {
                    channel.write(ByteBuffer.wrap(CONTENT));
                }
            }
        },
        REPLACE {
            @Override
            void to(Path file) throws IOException {
                OwnedFiles.replace(file, CONTENT, Readers.NONE);
            }
        },
        RESTRICT {
            @Override
            void to(Path file) throws IOException {
                OwnedFiles.restrict(file);
            }
        };

        abstract void to(Path file) throws IOException;
    }

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void neverChangesADevice(Writing writing) throws Exception {
        Path device = directory.resolve("device");
        assumeTrue(run("mknod", device.toString(), "c", "1", "3"));
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw-rw-"));

        refused(writing, device, "a character device");

        assertThat(mode(device)).isEqualTo("rw-rw-rw-");
        assertThat(Files.readAttributes(device, java.nio.file.attribute.BasicFileAttributes.class)
                        .isOther())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void neverWaitsForTheReaderOfAPipe(Writing writing) throws Exception {
        Path pipe = directory.resolve("pipe");
        assumeTrue(run("mkfifo", pipe.toString()));

        refused(writing, pipe, "a named pipe");
        refused(writing, Files.createSymbolicLink(directory.resolve("link"), pipe), "a named pipe");
    }

    @ParameterizedTest
    @EnumSource
    void neverChangesADirectory(Writing writing) throws Exception {
        Path inside = Files.createDirectory(directory.resolve("directory"));

        refused(writing, inside, "a directory");
    }

    @ParameterizedTest
    @EnumSource
    void neverChangesAnotherUsersFile(Writing writing) throws Exception {
        Path theirs = Files.writeString(directory.resolve("theirs"), "theirs");
        Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rw-rw-rw-"));
        giveAway(theirs);

        refused(writing, theirs, "it belongs to the user");
        refused(writing, Files.createSymbolicLink(directory.resolve("link"), theirs), "it belongs to the user");

        assertThat(theirs).content().isEqualTo("theirs");
        assertThat(mode(theirs)).isEqualTo("rw-rw-rw-");
    }

    @ParameterizedTest
    @EnumSource
    void neverFollowsAnotherUsersLink(Writing writing) throws Exception {
        Path ours = Files.writeString(directory.resolve("ours"), "precious");
        Path planted = Files.createSymbolicLink(directory.resolve("planted"), ours);
        giveAway(planted);

        refused(writing, planted, "it is a link of the user");

        assertThat(ours).content().isEqualTo("precious");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "REPLACE"})
    void followsALinkOfOurOwn(Writing writing) throws Exception {
        Path ours = Files.writeString(directory.resolve("ours"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("ours"));

        writing.to(link);

        assertThat(ours).content().isEqualTo("content");
        assertThat(link).isSymbolicLink();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "REPLACE"})
    void makesWhereALinkOfOurOwnLeads(Writing writing) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("new"));

        writing.to(link);

        assertThat(directory.resolve("new")).content().isEqualTo("content");
        assertThat(mode(directory.resolve("new"))).isEqualTo("rw-------");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "REPLACE"})
    void givesUpOnACircle(Writing writing) throws Exception {
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, Path.of("link"));

        refused(writing, link, "in a circle");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "REPLACE"})
    void makesFilesForTheirOwnerOnly(Writing writing) throws Exception {
        Path file = directory.resolve("new");

        writing.to(file);

        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(file).content().isEqualTo("content");
    }

    @Test
    void replacesWhatAKilledProcessLeft() throws Exception {
        Path file = directory.resolve("file");
        Files.writeString(directory.resolve(".file.new"), "half");

        OwnedFiles.replace(file, CONTENT, Readers.ALL);

        assertThat(file).content().isEqualTo("content");
        assertThat(mode(file)).isEqualTo("rw-r--r--");
        assertThat(directory.resolve(".file.new")).doesNotExist();
    }

    @Test
    void refusesALeftoverThatIsNotOurs() throws Exception {
        Path planted = Files.writeString(directory.resolve(".file.new"), "theirs");
        giveAway(planted);

        refused(Writing.REPLACE, directory.resolve("file"), "it belongs to the user");
        assertThat(planted).content().isEqualTo("theirs");
    }

    @Test
    void makesDirectoriesForTheirOwnerOnly() throws Exception {
        OwnedFiles.createDirectories(directory.resolve("a/b"));

        assertThat(mode(directory.resolve("a"))).isEqualTo("rwx------");
        assertThat(mode(directory.resolve("a/b"))).isEqualTo("rwx------");
    }

    @Test
    void leavesADirectoryThatIsThereAsItIs() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));

        OwnedFiles.createDirectories(open);

        assertThat(mode(open)).isEqualTo("rwxr-xr-x");
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> OwnedFiles.createDirectories(file))
                .hasMessageContaining("it exists, and is not a directory");
    }

    private static void refused(Writing writing, Path file, String why) {
        assertThatThrownBy(() -> writing.to(file))
                .isInstanceOf(ForeignFileException.class)
                .hasMessageContaining(why);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(file, java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }

    /** Needs root. */
    private static void giveAway(Path file) throws Exception {
        assumeTrue(run("chown", "-h", "65534", file.toString()));
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
