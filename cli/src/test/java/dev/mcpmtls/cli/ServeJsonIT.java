// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.console.Console;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServeJsonIT {

    @TempDir
    Path directory;

    @Test
    void announcesInJsonLines() throws Exception {
        String store = directory.toString();
        assertThat(Run.of("init", "--dir", store).code()).isZero();
        try (PipedInputStream printed = new PipedInputStream();
                OutputStream out = new PipedOutputStream(printed);
                BufferedReader lines = new BufferedReader(new InputStreamReader(printed, StandardCharsets.UTF_8))) {
            Console console = new Console(out, OutputStream.nullOutputStream(), false, false);
            Thread server = new Thread(() -> Cli.run(
                    console,
                    Map.of(),
                    "serve",
                    "echo",
                    "--listen",
                    "127.0.0.1:0",
                    "--health-listen",
                    "127.0.0.1:0",
                    "--json",
                    "--dir",
                    store));
            server.start();
            JsonNode ready = JsonMapper.shared().readTree(lines.readLine());
            JsonNode monitored = JsonMapper.shared().readTree(lines.readLine());
            JsonNode access = JsonMapper.shared().readTree(lines.readLine());
            server.interrupt();
            server.join(20_000);

            assertThat(ready.get("event").asString()).isEqualTo("ready");
            assertThat(ready.get("server").asString()).isEqualTo("echo");
            assertThat(ready.get("url").asString()).matches("https://localhost:\\d+/mcp");
            assertThat(ready.get("identity").asString()).isEqualTo("spiffe://demo.local/server/echo");
            assertThat(monitored.get("event").asString()).isEqualTo("monitoring");
            assertThat(access.get("event").asString()).isEqualTo("access");
            assertThat(access.get("mode").asString()).isEqualTo("enforce");
            assertThat(access.get("rules").asInt()).isEqualTo(1);
            assertThat(monitored.get("health").asString()).endsWith("/health/ready");
        }
    }
}
