// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Snippets that README and the guides show of an example are in it; {@code acceptance/run-examples} runs the examples. */
class ExamplesTest {

    private static final Path ROOT = Path.of("..");
    private static final Path EXAMPLES = ROOT.resolve("examples");
    private static final Pattern SHOWN =
            Pattern.compile("<!-- example: (\\S+) -->\n(?:<!-- [^\n]* -->\n)?```\\w+\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAMED =
            Pattern.compile("<artifactId>mcp-mtls-.*</artifactId>\\s*<version>(.*)</version>");
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>mcp-mtls-(.*)</artifactId>");

    @Test
    void whatPagesShowIsPartOfTheExample() throws IOException {
        List<String> shown = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult block :
                    SHOWN.matcher(Files.readString(page)).results().toList()) {
                shown.add(block.group(1));
                assertThat(missing(block.group(2), Files.readString(EXAMPLES.resolve(block.group(1)))))
                        .as("lines that %s shows and %s has not", page, block.group(1))
                        .isEmpty();
            }
        }
        assertThat(shown).hasSizeGreaterThan(8);
    }

    @Test
    void aLineThatTheExampleHasNotIsFound() {
        String example = "import a.B;\n\nclass C {\n    int one = 1;\n    int two =\n        2;\n}\n";

        assertThat(missing("import a.B;\n\nint one = 1;\nint two = 2;\n", example))
                .isEmpty();
        assertThat(missing("import a.C;\n\nint one = 1;\n", example)).containsExactly("import a.C;");
        assertThat(missing("int two = 2;\nint one = 1;\n", example)).containsExactly("int two = 2;\nint one = 1;");
    }

    @Test
    void everyExampleHasAPageOfItsOwnAndTheVersionsOfTheProject() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        String spring = Files.readString(ROOT.resolve("spring/pom.xml"));
        try (Stream<Path> examples = Files.list(EXAMPLES).filter(Files::isDirectory)) {
            for (Path example : examples.toList()) {
                assertThat(example.resolve("README.md")).exists();
                Path own = example.resolve("pom.xml");
                if (Files.exists(own)) {
                    assertThat(Files.readString(own))
                            .contains(
                                    "<artifactId>mcp-mtls-bom</artifactId>\n        <version>" + first(pom, "version"))
                            .satisfies(text -> versionOf(text, "mcp-core", first(pom, "mcp.version")))
                            .satisfies(text -> versionOf(text, "spring-ai-bom", first(spring, "spring-ai.version")))
                            .satisfies(text -> versionOf(
                                    text, "spring-boot-starter-parent", first(spring, "spring-boot.version")));
                }
            }
        }
    }

    @Test
    void pagesNameTheVersionOfTheProject() throws IOException {
        String version = first(Files.readString(ROOT.resolve("pom.xml")), "version");
        for (Path page : pages()) {
            assertThat(NAMED.matcher(Files.readString(page)).results().map(named -> named.group(1)))
                    .as("versions of our artifacts in %s", page)
                    .allMatch(version::equals);
        }
    }

    @Test
    void theBomListsTheModulesThatArePublishedAndNoOthers() throws IOException {
        Set<String> published = new TreeSet<>();
        try (Stream<Path> poms = Files.find(ROOT, 2, (path, about) -> path.endsWith("pom.xml"))) {
            for (Path pom : poms.toList()) {
                String text = Files.readString(pom);
                if (text.contains("<publishing.skip>false</publishing.skip>")) {
                    ARTIFACT.matcher(text).results().findFirst().ifPresent(name -> published.add(name.group(1)));
                }
            }
        }
        Set<String> listed = new TreeSet<>();
        ARTIFACT.matcher(Files.readString(ROOT.resolve("bom/pom.xml")))
                .results()
                .forEach(name -> listed.add(name.group(1)));
        assertThat(published).isEqualTo(listed).contains("bom", "tls").doesNotContain("cli", "testkit");
    }

    private static void versionOf(String pom, String artifact, String version) {
        if (pom.contains("<artifactId>" + artifact + "<")) {
            assertThat(pom)
                    .containsPattern("<artifactId>" + artifact + "</artifactId>\\s*<version>" + Pattern.quote(version));
        }
    }

    private static String first(String pom, String element) {
        return pom.replaceFirst("(?s).*?<" + element + ">(.*?)<.*", "$1");
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> guides = Files.list(ROOT.resolve("docs/guides"))) {
            guides.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    /** The imports, and the rest as one, that an example has not in that form; line breaks and indentation do not matter. */
    private static List<String> missing(String shown, String example) {
        List<String> parts = new ArrayList<>(
                shown.lines().filter(line -> line.startsWith("import ")).toList());
        parts.add(String.join(
                        "\n",
                        shown.lines()
                                .filter(line -> !line.startsWith("import "))
                                .toList())
                .strip());
        return parts.stream()
                .filter(part -> !bare(example).contains(bare(part)))
                .toList();
    }

    private static String bare(String text) {
        return text.replaceAll("\\s", "");
    }
}
