// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Java passes over a command for a method that does not exist: a library's next version may have renamed it. */
class CompileCommandsTest {

    private static final String APART = "dontinline ";

    static List<String> methods() throws IOException {
        return Files.readAllLines(Path.of("src/assembly/lib/compile-commands")).stream()
                .filter(line -> line.startsWith(APART))
                .map(line -> line.substring(APART.length()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void nameMethodsThatExist(String method) throws ClassNotFoundException {
        String[] parts = method.split("::");
        Class<?> type = Class.forName(parts[0], false, getClass().getClassLoader());

        assertThat(Arrays.stream(type.getDeclaredMethods()).map(found -> found.getName()))
                .contains(parts[1]);
    }
}
