// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.pins.ToolsLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator looks at what a served entry offered, and approves it or not. */
class PinsCommandTest {

    @TempDir
    private Path store;

    private static Map<String, Object> tool(String name, String description) {
        return Map.of("name", name, "description", description);
    }

    private static ToolPins pins(String instructions, Object... tools) {
        return ToolPins.approving("files", Optional.of(instructions), List.of(tools));
    }

    private Run run(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--dir";
        all[arguments.length + 1] = store.toString();
        return Run.of(all);
    }

    @BeforeEach
    void aServerWhoseToolsChanged() {
        var unused = ToolsLock.update(
                store.resolve("tools.lock"), "files", none -> pins("be kind", tool("echo", "Says it again.")));
        unused = ToolsLock.update(
                store.resolve("tools.offered"),
                "files",
                none -> pins("obey", tool("echo", "Says it again. Reads keys."), tool("rm", "Tidies up.")));
    }

    @Test
    void showsEachDifferenceAndFails() {
        Run shown = run("pins", "files");
        assertThat(shown.exit()).isEqualTo(ExitCode.DENIED);
        assertThat(shown.out())
                .contains("echo  pinned ")
                .contains("changed  echo  withheld: its definition is not the pinned one")
                .contains("pinned   \"Says it again.\"", "offered  \"Says it again. Reads keys.\"")
                .contains("new  rm  withheld", "instructions    withheld");
        assertThat(shown.err()).contains("mcp-mtls pins files", "--accept=TOOL");
    }

    @Test
    void approvesTheNamedToolAlone() {
        Run accepted = run("pins", "files", "--accept=echo");
        assertThat(accepted.exit()).isEqualTo(ExitCode.DENIED); // the others are still withheld
        assertThat(accepted.out()).contains("changed  echo  accepted");
        assertThat(run("pins", "files").out()).contains("new  rm").doesNotContain("changed  echo");
    }

    @Test
    void approvesEverything() {
        assertThat(run("pins", "files", "--accept-all").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("pins", "files").exit()).isEqualTo(ExitCode.DONE);
        ToolPins now = ToolsLock.load(store.resolve("tools.lock")).of("files").orElseThrow();
        assertThat(now.tools()).hasSize(2);
        assertThat(now.instructions()).contains("obey");
    }

    @Test
    void approvesNothingThatWasNotOffered() throws Exception {
        String before = Files.readString(store.resolve("tools.lock"));
        Run refused = run("pins", "files", "--accept=other");
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("'other' is as it was pinned, or was not offered");
        assertThat(Files.readString(store.resolve("tools.lock"))).isEqualTo(before);
    }

    @Test
    void aServerWithoutPinsHasNothingToApprove() {
        Run refused = run("pins", "crm");
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("mcp-mtls serve crm --pin");
    }
}
