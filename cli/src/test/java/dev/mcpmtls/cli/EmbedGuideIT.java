// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the guide "Embed a server" runs a server as the command does. */
class EmbedGuideIT {

    private static final Path GUIDE = Path.of("..", "docs", "guides", "embed-a-server.md");

    @TempDir
    private Path store;

    private final ThrowawayCa ca = ThrowawayCa.root("Embedding Root");

    @Test
    void theCommandsAgentIsAnsweredByTheProgram() throws Exception {
        Run call = callTheProgram(ca);

        assertThat(call.err()).isEmpty();
        assertThat(call.out()).isEqualTo("hello\n");
    }

    @Test
    void theCommandsAgentOfAnotherAuthorityIsNot() throws Exception {
        assertThat(callTheProgram(ThrowawayCa.root("Stranger")).exit()).isEqualTo(ExitCode.REFUSED);
    }

    private Run callTheProgram(ThrowawayCa issuerOfTheAgent) throws Exception {
        ca.server("echo").writeTo(store.resolve("credentials/echo"), ca.certificate());
        issuerOfTheAgent.client("coordinator").writeTo(store.resolve("credentials/coordinator"), ca.certificate());
        Path settings = store.resolve("mcp-mtls.yaml");
        Files.writeString(settings, "dir: '%s'\nservers: {echo: {listen: '127.0.0.1:0'}}\n".formatted(store));
        Snippet program = Snippet.of(GUIDE, "embed").with("mcp-mtls.yaml", settings.toString());
        try (RunningServers running = (RunningServers) program.run(store, "return running;")) {
            return Run.of(
                    "call", running.member("echo").uri().toString(), "echo", "text=hello", "--dir", store.toString());
        }
    }
}
