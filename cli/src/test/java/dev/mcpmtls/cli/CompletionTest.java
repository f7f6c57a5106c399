// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionTest {

    @TempDir
    Path directory;

    @BeforeAll
    static void needsBash() {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash");
    }

    @Test
    void completesServers() throws Exception {
        assertThat(completed("mcp-mtls", "call", "")).contains("weather", "datetime", "echo");
        assertThat(completed("mcp-mtls", "serve", "d")).containsExactly("datetime");
        assertThat(completed("mcp-mtls", "doctor", "x")).isEmpty();
    }

    @Test
    void completesCredentialsOfTheStore() throws Exception {
        Files.createDirectories(directory.resolve(".mcp-mtls/credentials/planner"));
        Files.createDirectories(directory.resolve(".mcp-mtls/credentials/$(touch made)"));

        assertThat(completed("mcp-mtls", "call", "--credential", "")).containsExactly("planner");
        assertThat(completed("mcp-mtls", "cert", "renew", "p")).containsExactly("planner");
        assertThat(directory.resolve("made")).doesNotExist();
    }

    @Test
    void completesReasonsAndActions() throws Exception {
        assertThat(completed("mcp-mtls", "audit", "--reason", "UNT")).containsExactly("UNTRUSTED_ISSUER");
        assertThat(completed("mcp-mtls", "audit", "--action", "tls-")).contains("tls-accepted", "tls-rejected");
        assertThat(completed("mcp-mtls", "cert", "revoke", "--reason", "key")).containsExactly("key-compromise");
        assertThat(completed("mcp-mtls", "cert", "delete", "--reason", "key")).containsExactly("key-compromise");
    }

    @Test
    void completesSettingsThatAreWords() throws Exception {
        assertThat(completed("mcp-mtls", "serve", "--validation", "p")).containsExactly("pinned");
    }

    @Test
    void refusesJson() {
        assertThat(Run.of("completion", "--json").exit()).isEqualTo(ExitCode.USAGE);
    }

    private List<String> completed(String... words) throws IOException, InterruptedException {
        Path script = directory.resolve("completion");
        Files.writeString(script, Run.of("completion").out());
        String ask = "source " + script + "; COMP_WORDS=(" + quoted(words) + "); COMP_CWORD=" + (words.length - 1)
                + "; COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}; _complete_mcp-mtls;"
                + " printf '%s\\n' \"${COMPREPLY[@]}\"";
        Process bash = new ProcessBuilder("/bin/bash", "-c", ask)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return out.lines().map(String::strip).filter(word -> !word.isEmpty()).toList();
    }

    private static String quoted(String... words) {
        StringBuilder quoted = new StringBuilder();
        for (String word : words) {
            quoted.append('\'').append(word).append("' ");
        }
        return quoted.toString();
    }
}
