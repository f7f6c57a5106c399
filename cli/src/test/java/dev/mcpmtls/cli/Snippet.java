// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Java from a page of documentation: imports, an empty line, and statements. */
record Snippet(String name, String code) {

    /** The block of that name on a page. */
    static Snippet of(Path page, String name) throws IOException {
        Matcher matcher = Pattern.compile("<!-- snippet: " + name + " -->\n```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(page));
        assertThat(matcher.find()).as("a snippet named %s in %s", name, page).isTrue();
        return new Snippet(name, matcher.group(1));
    }

    /** With other text in the place of some. */
    Snippet with(String text, String replacement) {
        return new Snippet(name, code.replace(text, replacement));
    }

    /**
     * Compiles and runs it.
     *
     * @param end a statement that returns what the caller wants
     */
    Object run(Path directory, String end) throws Exception {
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
        Path classes = Files.createDirectories(directory.resolve("classes-" + name));
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
}
