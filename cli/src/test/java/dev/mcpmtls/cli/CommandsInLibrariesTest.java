// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rooms below are libraries too: their users have no command line, so remedies there are data that this one puts into commands. */
class CommandsInLibrariesTest {

    private static final String COMMANDS = String.join("|", commands());
    private static final Pattern COMMAND =
            Pattern.compile("mcp-mtls (?:--|(?:" + COMMANDS + ")\\b(?!\\.))|'(?:" + COMMANDS + ") [a-z]");
    private static final Pattern FLAG = Pattern.compile("\"[^\"]*(?<![\\w-])--[a-z][^\"]*\"");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "core",
                "tls",
                "protocol",
                "transport",
                "auditlog",
                "metrics",
                "policy",
                "console",
                "authority",
                "gateway",
                "servers",
                "coordinator",
                "doctor",
                "runtime"
            })
    void nameNoCommandAndNoFlag(String module) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> sources = Files.walk(Path.of("..", module, "src/main/java"))) {
            for (Path file : sources.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                Stream.of(COMMAND, FLAG)
                        .flatMap(pattern -> pattern.matcher(text).results())
                        .forEach(match -> found.add(file.getFileName() + ": " + match.group()));
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void aCommandIsOneOfThose() {
        assertThat("run 'mcp-mtls cert renew x'").containsPattern(COMMAND);
        assertThat("use 'cert renew'").containsPattern(COMMAND);
        assertThat("\"choose another --dir\"").containsPattern(FLAG);
        assertThat("\"CN=mcp-mtls root\", \"-----BEGIN X-----\"")
                .doesNotContainPattern(COMMAND)
                .doesNotContainPattern(FLAG);
    }

    private static List<String> commands() {
        return List.copyOf(HelpTest.commandLine().getSubcommands().keySet());
    }
}
