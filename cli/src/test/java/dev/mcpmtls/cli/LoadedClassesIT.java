// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A start is slow for each class that it loads, and slowest for those that Java keeps in no cache. */
class LoadedClassesIT extends StoreFixture {

    private static final String PICOCLI = "picocli.CommandLine$";
    private static final String BOUNCY_CASTLE = "org.bouncycastle.";
    private static final String BORING_SSL = "io.netty.internal.tcnative.SSL";

    @Test
    void aPlainServeLoadsNeitherTheParserNorBouncyCastle() throws Exception {
        init();

        assertThat(loadedBy("serve", "echo", "--dir", dir))
                .anyMatch(name -> name.startsWith(BORING_SSL))
                .noneMatch(name -> name.startsWith(PICOCLI))
                .noneMatch(name -> name.startsWith(BOUNCY_CASTLE));
    }

    @Test
    void aServeThatIssuesItsCredentialLoadsBoth() throws Exception {
        init();

        assertThat(loadedBy(
                        "serve", "files", "--url", "http://127.0.0.1:9/mcp", "--listen", "127.0.0.1:0", "--dir", dir))
                .anyMatch(name -> name.startsWith(PICOCLI))
                .anyMatch(name -> name.startsWith(BOUNCY_CASTLE));
    }

    /** The names of the classes that another Java has loaded when its server listens. */
    private List<String> loadedBy(String... arguments) throws IOException {
        Path log = temporary.resolve("classes");
        Path settings =
                Files.writeString(temporary.resolve("mcp-mtls.yaml"), "servers: {echo: {listen: '127.0.0.1:0'}}\n");
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xlog:class+load:file=" + log + "::filecount=0",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName());
        Process server = new ProcessBuilder(
                        Stream.of(java, List.of(arguments), List.of("--config", settings.toString()))
                                .flatMap(List::stream)
                                .toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).contains("ready");
        } finally {
            server.destroyForcibly();
        }
        return Files.readAllLines(log).stream()
                .map(line -> line.replaceFirst("^(\\[[^]]*])+ ", "").replaceFirst(" .*", ""))
                .filter(name -> Stream.of(PICOCLI, BOUNCY_CASTLE, BORING_SSL).anyMatch(name::startsWith))
                .toList();
    }
}
