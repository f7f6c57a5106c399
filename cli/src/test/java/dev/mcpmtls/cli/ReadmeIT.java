// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The snippets of the README compile and do what it says. Only the directory and the port are replaced. */
class ReadmeIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Readme Root");

    @TempDir
    private Path directory;

    private MtlsServerTransport greeter;

    @BeforeEach
    void serve() throws Exception {
        CA.server("echo").writeTo(directory.resolve("credentials/echo"), CA.certificate());
        CA.client("coordinator").writeTo(directory.resolve("credentials/coordinator"), CA.certificate());
        greeter = (MtlsServerTransport) run("server", 0, "return transport;");
    }

    @AfterEach
    void stop() {
        greeter.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "java-net-http", "renewal"})
    void aSnippetsClientIsGreetedByItsIdentity(String snippet) throws Exception {
        assertThat(printed(snippet)).contains("Hello, spiffe://demo.local/agent/coordinator");
    }

    @Test
    void aSnippetsClientOfAnotherAuthorityIsNot() throws Exception {
        ThrowawayCa.root("Stranger")
                .client("coordinator")
                .writeTo(directory.resolve("credentials/coordinator"), CA.certificate());

        assertThat(printed("client")).doesNotContain("Hello");
    }

    @Test
    void theDependencyAndTheArchiveAreOfThisVersion() throws IOException {
        String version = Files.readString(Path.of("..", "pom.xml")).replaceFirst("(?s).*?<version>(.*?)<.*", "$1");

        assertThat(Files.readString(Path.of("..", "README.md")))
                .contains(
                        "<artifactId>mcp-mtls-transport</artifactId>\n  <version>" + version + "</version>",
                        "cli/target/mcp-mtls-" + version + ".tar.gz");
    }

    /** What the snippet prints, with its failure if it fails. */
    private String printed(String snippet) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            run(snippet, greeter.address().getPort(), "return null;");
        } catch (ReflectiveOperationException e) {
            captured.writeBytes(String.valueOf(e.getCause()).getBytes(StandardCharsets.UTF_8));
        } finally {
            System.setOut(console);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private Object run(String snippet, int port, String end) throws Exception {
        String code = snippet(snippet)
                .replace(".mcp-mtls/", directory.toString() + "/")
                .replace("8445", Integer.toString(port));
        int statements = code.indexOf("\n\n");
        String source = """
                %s
                public class Snippet {
                    public static Object run() throws Exception {
                %s
                %s
                    }
                }
                """.formatted(code.substring(0, statements), code.substring(statements), end);
        Path classes = Files.createDirectories(directory.resolve("classes-" + snippet));
        compile(source, classes);
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            return loader.loadClass("Snippet").getMethod("run").invoke(null);
        }
    }

    private static void compile(String source, Path classes) throws IOException {
        Path file = classes.resolve("Snippet.java");
        Files.writeString(file, source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        List<String> options = List.of(
                "-proc:none",
                "-Xlint:deprecation,removal",
                "-Werror",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path"));
        boolean compiles = compiler.getTask(
                        complaints,
                        null,
                        null,
                        options,
                        null,
                        compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file))
                .call();
        assertThat(compiles).as("%s", complaints).isTrue();
    }

    private static String snippet(String name) throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        Matcher matcher = Pattern.compile("<!-- snippet: " + name + " -->\n```java\n(.*?)```", Pattern.DOTALL)
                .matcher(readme);
        assertThat(matcher.find()).as("a snippet named %s in the README", name).isTrue();
        return matcher.group(1);
    }
}
