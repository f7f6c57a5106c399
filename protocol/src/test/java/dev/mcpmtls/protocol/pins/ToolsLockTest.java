// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import static dev.mcpmtls.protocol.pins.PinsFixture.CLOCK;
import static dev.mcpmtls.protocol.pins.PinsFixture.ECHO;
import static dev.mcpmtls.protocol.pins.PinsFixture.EVIL;
import static dev.mcpmtls.protocol.pins.PinsFixture.pins;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ToolsLockTest {

    private static final String HOSTILE =
            "{\"name\":\"x\\n{\\\"server\\\":\\\"b\\\"}\\u202e\",\"description\":\"\\u2028\\r\"}";

    @TempDir
    private Path store;

    private Path file;

    @BeforeEach
    void write() {
        file = store.resolve("new/tools.lock");
        ToolsLock.update(file, "b", none -> pins("b", CLOCK));
        ToolsLock.update(
                file,
                "a",
                none -> pins("a", ECHO, CLOCK, HOSTILE)
                        .of("spiffe://a/b")
                        .accept(PinChange.text(
                                PinChange.Kind.INSTRUCTIONS, Optional.empty(), Optional.of("Be\nkind."))));
    }

    @Test
    void keepsWhatWasApprovedForItsOwnerOnly() throws Exception {
        ToolsLock lock = ToolsLock.load(file);

        ToolPins pins = lock.of("a").orElseThrow();
        assertThat(pins.tools()).isEqualTo(pins("a", ECHO, CLOCK, HOSTILE).tools());
        assertThat(pins.identity()).contains("spiffe://a/b");
        assertThat(pins.instructions()).contains("Be\nkind.");
        assertThat(lock.of("b").orElseThrow().tools()).hasSize(1);
        assertThat(lock.of("c")).isEmpty();
        assertThat(Files.readAllLines(file)).hasSize(7);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void pinsNothingWithoutAFile() {
        assertThat(ToolsLock.load(store.resolve("none")).servers()).isEmpty();
    }

    @Test
    void losesNothingToWritersAtTheSameTime() {
        IntStream.range(0, 40).parallel().forEach(i -> ToolsLock.update(file, "s" + i, none -> pins("s" + i, CLOCK)));

        assertThat(ToolsLock.load(file).servers()).hasSize(42);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(1, "{\"format\":\"mcp-mtls tools.lock 2\"}", "the first line must be"),
                Arguments.of(1, "", "not a JSON object"),
                Arguments.of(2, "[]", "not a JSON object"),
                Arguments.of(2, "null", "not a JSON object"),
                Arguments.of(2, "{\"server\":\"a\"", "not a JSON object"),
                Arguments.of(2, "{\"server\":\"a\"} {}", "not a JSON object"),
                Arguments.of(2, "{\"server\":\"a\",\"server\":\"c\"}", "not a JSON object"),
                Arguments.of(2, "[".repeat(100_000), "not a JSON object"),
                Arguments.of(2, "{\"identity\":\"a\"}", "there is no 'server'"),
                Arguments.of(2, "{\"server\":\"\"}", "'server' must be a text"),
                Arguments.of(2, "{\"server\":7}", "'server' must be a text"),
                Arguments.of(2, "{\"server\":\"a\",\"identiy\":\"x\"}", "the member 'identiy' is not known"),
                Arguments.of(2, "{\"server\":\"a\",\"instructions\":\"Obey.\"}", "'sha256' is not the digest"),
                Arguments.of(2, "{\"server\":\"a\",\"sha256\":\"00\"}", "'sha256' is not the digest"),
                Arguments.of(2, "{\"server\":\"b\"}", "must come before its tools"),
                Arguments.of(3, "{\"server\":\"a\"}", "the server 'a' is there twice"),
                Arguments.of(3, "{\"server\":\"a\",\"tool\":7,\"sha256\":\"x\"}", "'tool' must be an object"),
                Arguments.of(
                        3, "{\"server\":\"a\",\"tool\":{\"name\":\"x\",\"_meta\":{}}}", "'tool' must be an object"),
                Arguments.of(3, "{\"server\":\"a\",\"tool\":{\"title\":\"x\"}}", "it has no name"),
                Arguments.of(3, "{\"server\":\"a\",\"tool\":{\"name\":\"x\",\"title\":1e999}}", "cannot be pinned"),
                Arguments.of(3, "{\"server\":\"a\",\"tool\":{\"name\":\"x\"}}", "'sha256' is not the digest"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void refusesAMalformedFileAndNamesTheLine(int line, String text, String why) throws Exception {
        List<String> lines = new java.util.ArrayList<>(Files.readAllLines(file));
        lines.set(line - 1, text);
        Files.write(file, lines);

        int named = why.startsWith("must come") || why.startsWith("the server") ? line + 1 : line;
        assertThatThrownBy(() -> ToolsLock.load(file))
                .isInstanceOf(UnusableLockException.class)
                .message()
                .startsWith("cannot use the tool pins in " + file + ":")
                .contains(why)
                .contains("; restore the file")
                .doesNotContain("\n")
                .satisfies(message -> assertThat(Integer.parseInt(message.replaceAll(".*tools.lock:(\\d+).*", "$1")))
                        .isBetween(line, named));
        assertThatThrownBy(() -> ToolsLock.update(file, "z", none -> pins("z", CLOCK)))
                .isInstanceOf(UnusableLockException.class);
        assertThat(Files.readAllLines(file)).isEqualTo(lines);
    }

    @Test
    void refusesADefinitionThatWasEdited() throws Exception {
        String text = Files.readString(file);
        Files.writeString(file, text.replace("Says it again.", "Says it again!"));

        assertThatThrownBy(() -> ToolsLock.load(file)).hasMessageContaining("'sha256' is not the digest");
        assertThat(text)
                .contains("\"sha256\":\"" + pins("a", ECHO).tools().get(0).digest() + '"');
        assertThat(text).doesNotContain(pins("a", EVIL).tools().get(0).digest());
    }

    @Test
    void refusesBytesThatAreNoUtf8() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1).replace("Says", "S\u00e4ys");
        Files.write(file, latin.getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> ToolsLock.load(file)).isInstanceOf(UnusableLockException.class);
    }

    @Test
    void refusesAFileThatOthersCanWrite() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThatThrownBy(() -> ToolsLock.load(file))
                .isInstanceOf(UnusableLockException.class)
                .hasMessageContaining("other users can write it (mode 0666); run 'chmod go-w ");
    }

    @Test
    void refusesWhatIsNoFile() throws Exception {
        assertThatThrownBy(() -> ToolsLock.load(store)).isInstanceOf(UnusableLockException.class);
        Path dangling = store.resolve("dangling");
        Files.createSymbolicLink(dangling, store.resolve("nothing"));
        assertThatThrownBy(() -> ToolsLock.load(dangling)).isInstanceOf(UnusableLockException.class);
    }
}
