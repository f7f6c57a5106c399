// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.Invocation;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainCommandLineTest {

    private final Invocation invocation = new Invocation(
            new Console(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false, false), Map.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connect echo",
                "connect https://localhost:8445/mcp --dir d --credential c",
                "connect --tls-engine jdk --config f echo",
                "call echo echo",
                "call --dir d echo echo text=hello n=1",
                "serve echo",
                "serve weather echo --dir d --config f"
            })
    void readsPlainWords(String line) {
        assertThat(PlainCommandLine.of(invocation, line.split(" "))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tools echo",
                "connect",
                "connect a b",
                "connect --help",
                "connect echo --no-such x",
                "connect echo --dir",
                "connect echo --dir -v",
                "connect echo --dir a --dir b",
                "connect echo --dir=a",
                "connect @file",
                "connect echo -v",
                "connect echo --ask-passphrase",
                "call echo",
                "call echo echo --args {}",
                "call echo echo --json",
                "serve",
                "serve --dir d",
                "serve echo --console",
                "serve echo --listen 127.0.0.1:0",
                "serve echo --url http://127.0.0.1:9000/mcp",
                "serve files -- cat",
                "serve files --"
            })
    void leavesEverythingElseToTheParser(String line) {
        assertThat(PlainCommandLine.of(invocation, line.split(" "))).isEmpty();
    }

    @Test
    void meansTheSameAsTheParser(@TempDir Path directory) {
        String dir = directory.toString();
        for (String line : new String[] {
            "call nowhere echo --dir " + dir,
            "connect echo --credential x --dir " + dir,
            "serve eco --dir " + dir,
            "serve echo --credential x --dir " + dir,
            "serve echo weather --credential x --dir " + dir
        }) {
            Run plain = Run.of(line.split(" "));
            Run parsed = Run.of((line + " -v").split(" "));

            assertThat(plain.exit()).isEqualTo(parsed.exit());
            assertThat(parsed.err()).startsWith(plain.err().strip());
        }
    }
}
