// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy of the guide "Write an access policy in Java" decides as the guide says. */
class AccessPolicyGuideIT {

    private static final Path GUIDE = Path.of("..", "docs", "guides", "write-an-access-policy.md");

    @TempDir
    private Path store;

    private final ThrowawayCa ca = ThrowawayCa.root("Policy Root");
    private MtlsServerTransport notes;

    @BeforeEach
    void serve() throws Exception {
        ca.server("echo").writeTo(store.resolve("credentials/echo"), ca.certificate());
        notes = (MtlsServerTransport) Snippet.of(GUIDE, "policy")
                .with(".mcp-mtls/", store + "/")
                .with("8445", "0")
                .run(store, "return transport;");
    }

    @AfterEach
    void stop() {
        notes.close();
    }

    @Test
    void anOperatorDeletes() throws Exception {
        assertThat(run("operator/carol", "call", "delete_notes").out()).contains("delete_notes is done");
        assertThat(run("operator/carol", "tools").out()).contains("delete_notes", "list_notes");
    }

    @Test
    void anotherAgentDoesNot() throws Exception {
        Run denied = run("carol", "call", "delete_notes");

        assertThat(denied.exit()).isEqualTo(ExitCode.DENIED);
        assertThat(denied.err()).contains("only operators delete");
        assertThat(run("carol", "call", "list_notes").out()).contains("list_notes is done");
        assertThat(run("carol", "tools").out()).contains("list_notes").doesNotContain("delete_notes");
    }

    private Run run(String agent, String command, String... tool) throws Exception {
        ca.client(agent).writeTo(store.resolve("credentials/coordinator"), ca.certificate());
        String url = "https://localhost:" + notes.address().getPort() + "/mcp";
        String[] arguments = tool.length == 0
                ? new String[] {command, url, "--dir", store.toString()}
                : new String[] {command, url, tool[0], "--dir", store.toString()};
        return Run.of(arguments);
    }
}
