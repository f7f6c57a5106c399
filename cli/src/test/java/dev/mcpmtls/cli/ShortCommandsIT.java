// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that ask one server and go load no more of Java's world than that takes: each class costs a start some of its time. */
@Timeout(60)
class ShortCommandsIT extends StoreFixture {

    private static final Pattern SERVERS_STACK = Pattern.compile(
            "\\] ((?:io\\.vertx|io\\.netty|reactor|io\\.modelcontextprotocol|org\\.bouncycastle)\\.\\S+)");

    private static final Pattern BINDING = Pattern.compile("\\] (tools\\.jackson\\.databind\\.\\S+)");

    private RunningServers running;

    @BeforeEach
    void serve() throws IOException {
        init();
        Settings settings = Settings.load(Files.writeString(
                temporary.resolve("serve.yaml"),
                "dir: '%s'\nservers: {echo: {listen: '127.0.0.1:0'}}\n".formatted(dir)));
        running = RunningServers.start(settings, Keys.ECHO);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"call URL echo text=hello", "tools URL", "whoami URL", "tasks list URL", "card URL"})
    void loadNothingOfAServersStack(String command) throws Exception {
        assertThat(loadedBy(command.split(" "))).isEmpty();
    }

    @Test
    void doctorLoadsIt() throws Exception {
        assertThat(loadedBy("doctor", "URL")).anyMatch(type -> type.startsWith("io.netty."));
    }

    /** Plain arguments and answers need no binding of objects, whose library has 550 classes. */
    @Test
    void aCallBindsNoObjectsUnlessItsArgumentsAreJson() throws Exception {
        assertThat(loadedBy(BINDING, "call", "URL", "echo", "text=hello")).isEmpty();
        assertThat(loadedBy(BINDING, "call", "URL", "echo", "--args", "{\"text\":\"hello\"}"))
                .isNotEmpty();
    }

    private List<String> loadedBy(String... words) throws Exception {
        return loadedBy(SERVERS_STACK, words);
    }

    private List<String> loadedBy(Pattern wanted, String... words) throws Exception {
        Path log = temporary.resolve("classes.log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.mcpmtls.cli.Cli"));
        String url = running.member("echo").uri().toString();
        Stream.of(words).map(word -> word.equals("URL") ? url : word).forEach(command::add);
        command.addAll(List.of("--dir", dir));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("said").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(temporary.resolve("said")))
                .isZero();
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(wanted::matcher)
                    .filter(java.util.regex.Matcher::find)
                    .map(found -> found.group(1))
                    .toList();
        }
    }
}
