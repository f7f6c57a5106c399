// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessRulesTest {

    @Test
    void rulesMayNameOurServersThoseOfTheSettingsAndThatOfTheCommandLine(@TempDir Path directory) throws IOException {
        Settings settings = Settings.load(Files.writeString(
                directory.resolve("settings.yaml"),
                "dir: " + directory + "\nservers: {crm: {url: \"http://127.0.0.1:9000/mcp\"}}\n"));
        ServerEntry given = new ServerEntry(
                "files",
                ListenAddress.parse(ServerEntry.LISTEN),
                ServerEntry.PATH,
                "files",
                new ServerEntry.Url(
                        URI.create("http://127.0.0.1:9001/mcp"), Map.of(), Optional.empty(), Optional.empty(), false),
                ServerEntry.Terms.STANDARD,
                "command line");

        assertThat(AccessRules.servers(settings, List.of(given)))
                .containsExactlyInAnyOrder(
                        "weather", "weather-mcp", "datetime", "datetime-mcp", "echo", "echo-mcp", "crm", "files");
        assertThat(AccessRules.servers(settings, List.of())).contains("crm").doesNotContain("files");
    }
}
