// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes that ARCHITECTURE.md and CONTRIBUTING.md name are there, in the packages that they name. */
class ArchitecturePageTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern NAME = Pattern.compile("`((?:[a-z]+\\.)*[A-Z][a-z]\\w*)`");
    private static final Set<String> NOT_OURS = Set.of("InstantSource", "RandomGenerator");

    @ParameterizedTest
    @ValueSource(strings = {"ARCHITECTURE.md", "CONTRIBUTING.md"})
    void namesClassesThatAreThere(String page) throws IOException {
        List<String> sources = sources();
        Stream<String> named = NAME.matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .map(MatchResult::group)
                .map(name -> name.replace("`", ""))
                .filter(name -> !NOT_OURS.contains(name));
        assertThat(named.filter(name ->
                        sources.stream().noneMatch(file -> file.endsWith("/" + name.replace('.', '/') + ".java"))))
                .isEmpty();
    }

    private static List<String> sources() throws IOException {
        try (Stream<Path> files =
                Files.find(ROOT, 20, (path, about) -> path.toString().endsWith(".java"))) {
            return files.map(Path::toString).toList();
        }
    }
}
