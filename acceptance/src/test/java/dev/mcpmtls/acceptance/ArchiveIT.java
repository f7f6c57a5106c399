// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked in a directory of its own, far from any repository. */
class ArchiveIT {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

    @TempDir
    private static Path directory;

    private static Path home;

    @BeforeAll
    static void unpack() throws IOException {
        Path built = Product.launcher().getParent().getParent();
        Path archive = built.resolveSibling(built.getFileName() + ".tar.gz");
        assumeTrue(Files.exists(archive), "built without its archives");
        run("tar", "xzf", archive.toString());
        home = directory.resolve(built.getFileName());
    }

    @Test
    void runsAndPreparesAQuickStart() throws IOException {
        assertThat(home.resolve("cache")).doesNotExist();

        assertThat(run(home + "/bin/mcp-mtls", "init").out()).contains("made  authority");

        try (Stream<Path> caches = Files.list(home.resolve("cache"))) {
            assertThat(caches).hasSize(1).first().asString().contains("-commands-");
        }
        assertThat(run(home + "/bin/mcp-mtls", "cert", "list").out()).contains("weather");
    }

    @Test
    void itsFirstJarNamesAllOthers() throws IOException {
        Path lib = home.resolve("lib");
        List<String> jars;
        try (Stream<Path> files = Files.list(lib)) {
            jars = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .toList();
        }
        String first = jars.stream()
                .filter(name -> name.startsWith("mcp-mtls-cli-"))
                .findFirst()
                .orElseThrow();

        try (JarFile jar = new JarFile(lib.resolve(first).toFile())) {
            List<String> named = new ArrayList<>(List.of(jar.getManifest()
                    .getMainAttributes()
                    .getValue(Attributes.Name.CLASS_PATH)
                    .split(" ")));
            named.add(first);

            assertThat(named).containsExactlyInAnyOrderElementsOf(jars);
        }
    }

    @Test
    void itsJarOfLibrariesHasTheProvidersOfAllAndTheTermsOfEach() throws IOException {
        Path libraries;
        try (Stream<Path> files = Files.list(home.resolve("lib"))) {
            libraries = files.filter(file -> file.getFileName().toString().startsWith("mcp-mtls-libraries-"))
                    .findFirst()
                    .orElseThrow();
        }

        try (JarFile jar = new JarFile(libraries.toFile())) {
            assertThat(jar.isMultiRelease()).isTrue();
            // Two libraries have the one, and netty's jars each had an index, which Java 17 would believe.
            assertThat(text(jar, "META-INF/services/tools.jackson.core.TokenStreamFactory"))
                    .contains("JsonFactory", "YAMLFactory", "TomlFactory");
            assertThat(jar.getEntry("META-INF/INDEX.LIST")).isNull();
            assertThat(jar.stream().map(JarEntry::getName))
                    .noneMatch(name -> name.endsWith(".SF"))
                    .contains("META-INF/licenses/tools.jackson.core/jackson-core/META-INF/NOTICE");
        }
    }

    private static String text(JarFile jar, String entry) throws IOException {
        try (InputStream content = jar.getInputStream(jar.getEntry(entry))) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void runsWhereNothingCanBeWritten() throws IOException {
        assumeTrue(Run.has("setpriv") && "root".equals(System.getProperty("user.name")), "needs root");
        run("chmod", "755", directory.toString());
        Path own = Files.createDirectory(directory.resolve("nobody"));
        run("chown", "65534", own.toString());

        Run run = Run.of(
                List.of("setpriv", "--reuid=65534", "--clear-groups", home + "/bin/mcp-mtls", "init"), Map.of(), own);

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(own.resolve(".mcp-mtls/credentials/echo/tls.key")).exists();
    }

    @Test
    void itsTextsAreForThoseWhoUnpackedItAndLinkToWhatIsThere() throws IOException {
        assertThat(home.resolve("README.md"))
                .content()
                .contains("bin/mcp-mtls demo")
                .doesNotContain("./mcp-mtls", "@");
        List<Path> pages;
        try (Stream<Path> files = Files.walk(home)) {
            pages = files.filter(file -> file.toString().endsWith(".md")).toList();
        }
        assertThat(pages).hasSizeGreaterThan(4);
        for (Path page : pages) {
            assertThat(LINK.matcher(Files.readString(page)).results().map(link -> target(page, link)))
                    .as("links of %s", page)
                    .allMatch(Files::exists);
        }
    }

    private static Path target(Path page, MatchResult link) {
        return page.resolveSibling(link.group(1));
    }

    private static Run run(String... command) {
        Run run = Run.of(List.of(command), Map.of(), directory);
        assertThat(run.exit()).as(run.err()).isZero();
        return run;
    }
}
