// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that cannot work are refused before anything is made for them. */
class UpstreamsTest {

    @TempDir
    private Path store;

    private void require(String entries, String name) throws IOException {
        Settings settings = Settings.load(
                Files.writeString(store.resolve("mcp-mtls.yaml"), "dir: " + store + "\nservers:\n" + entries));
        RunningServers.requireUsable(
                settings,
                settings.entries().stream()
                        .filter(entry -> entry.name().equals(name))
                        .findFirst()
                        .orElseThrow());
    }

    /** They receive the gateway's explanation instead of giving up first. */
    @Test
    void ourClientsWaitLongerThanTheGatewayDoesForAServerThatStarts() throws IOException {
        Settings settings = Settings.load(Files.writeString(store.resolve("mcp-mtls.yaml"), "dir: " + store + "\n"));
        assertThat(settings.get(Keys.COORDINATOR_TIMEOUT))
                .isGreaterThanOrEqualTo(Upstream.MOST_PATIENCE.plusSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  crm: {url: \"http://127.0.0.1:9000/mcp\"}\n",
                "  crm: {url: \"https://192.0.2.1/mcp\"}\n",
                "  crm: {url: \"http://192.0.2.1/mcp\", unsafe-plain-upstream: true}\n",
                "  crm: {command: [/bin/sh]}\n"
            })
    void permitsThisMachineTlsAndWhatIsAllowedByName(String entry) {
        assertThatCode(() -> require(entry, "crm")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  crm: {url: \"http://192.0.2.1/mcp\"}\n",
                "  crm: {url: \"http://192.0.2.1/mcp\", unsafe-plain-upstream: false}\n",
            })
    void refusesPlainHttpBeyondThisMachine(String entry) {
        assertThatThrownBy(() -> require(entry, "crm"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:3")
                .hasMessageContaining("use https, or allow it with isPlainAllowed of ServerEntry.Url");
    }

    @Test
    void refusesThemBehindACombinationAsWell() {
        String entries = "  both: {path: /all, combine: [crm]}\n  crm: {url: \"http://192.0.2.1/mcp\"}\n";
        assertThatThrownBy(() -> require(entries, "both"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("use https, or allow it with isPlainAllowed of ServerEntry.Url");
    }

    @Test
    void refusesACommandThatIsNoProgramHere() {
        assertThatThrownBy(() -> require("  files: {command: [no-such-program-of-ours]}\n", "files"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("no-such-program-of-ours");
    }
}
