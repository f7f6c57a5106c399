// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every host, with a file in every state: what {@code add} writes is in {@code golden/HOST.txt}; adding again changes nothing,
 * and removing gives the bytes back. Run with {@code -Dgolden.write=true} to write the files; read their diff before a commit.
 */
class GoldenTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void addsTheEntryInTheHostsFormAndTakesItOutAgain(Host host) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (Map.Entry<String, Optional<String>> state : states(host).entrySet()) {
            Homes homes = Homes.in(directory.resolve(state.getKey()));
            state.getValue().ifPresent(text -> homes.write(host, text));

            homes.add(host).apply();
            Optional<String> after = Homes.read(homes.file(host));
            seen.append("=== ").append(state.getKey()).append(": before\n").append(visible(state.getValue()));
            seen.append("=== ").append(state.getKey()).append(": after\n").append(visible(after));

            assertThat(homes.add(host).isEmpty())
                    .as("adding again, %s", state.getKey())
                    .isTrue();
            homes.remove(host).apply();
            Optional<String> removed = Homes.read(homes.file(host));
            if (state.getKey().equals("ours")) {
                seen.append("=== ours: removed\n").append(visible(removed));
            } else {
                assertThat(removed).as("removed, %s", state.getKey()).isEqualTo(state.getValue());
            }
        }
        Path golden = GOLDEN.resolve(host.id() + ".txt");
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, seen);
        }
        assertThat(seen.toString()).isEqualTo(Files.readString(golden, StandardCharsets.UTF_8));
    }

    private static Map<String, Optional<String>> states(Host host) {
        String others = switch (host.syntax()) {
            case JSON -> JSON;
            case TOML -> TOML;
            case YAML -> host.form().list() ? YAML_LIST : YAML;
        };
        String collection = host.form().collection();
        others = others.replace("SERVERS", collection);
        Map<String, Optional<String>> states = new LinkedHashMap<>();
        states.put("absent", Optional.empty());
        states.put("empty", Optional.of(""));
        states.put("others", Optional.of(others));
        states.put("ours", Optional.of(ours(host).replace("SERVERS", collection)));
        states.put("crlf", Optional.of(others.replace("\n", "\r\n")));
        states.put("bom", Optional.of("\ufeff" + others));
        states.put(
                "tabs",
                Optional.of(
                        host.syntax() == Syntax.YAML
                                ? others.replace("the end", "the\tend")
                                : others.replace("  ", "\t")));
        states.put("trailing-comma", Optional.of(trailingComma(host).replace("SERVERS", collection)));
        states.put("minified", Optional.of(minified(host).replace("SERVERS", collection)));
        return states;
    }

    private static final String JSON = """
            {
              // kept
              "theme": "dark", "files": {"files": 1},
              "SERVERS": {
                /* another's */
                "other": { "command": "npx", "args": ["-y", "x // no comment"] } // last
              },
              "after": [1, 2.50, 1e400]
            }
            """;
    private static final String TOML = """
            # kept
            model = "o9"   # aligned

            [SERVERS.other]
            command = "npx"
            args = [
              "-y",  # yes
              "x",
            ]

            [SERVERS.other.env]
            "files" = '# no comment'

            [profiles.files]
            model = "o9"
            # the end
            """;
    private static final String YAML = """
            # kept
            GOOSE_MODEL: "x"   # aligned
            SERVERS:
              # another's
              other:
                cmd: npx
                args:
                - -y
                - "x # no comment"
                enabled: true # last

            files: {files: 1}
            # the end
            """;
    private static final String YAML_LIST = """
            # kept
            name: Local   # aligned
            version: 1.0.0
            schema: v1
            SERVERS:
              # another's
              - name: other
                command: npx
                args:
                - -y
                - "x # no comment" # last

            files: {files: 1}
            # the end
            """;

    private static String ours(Host host) {
        return switch (host.syntax()) {
            case JSON -> """
                {
                  "SERVERS": {
                    "files": {
                      "command": "/old/mcp-mtls", // moved
                      "args": [
                        "connect",
                        "https://old.example/mcp"
                      ],
                      "timeout": 7
                    },
                    "other": {"command": "npx"}
                  }
                }
                """;
            case TOML -> """
                [SERVERS.files]
                command = "/old/mcp-mtls" # moved
                args = [
                  "connect",
                  "https://old.example/mcp",
                ]
                startup_timeout_sec = 7

                [SERVERS.other]
                command = "npx"
                """;
            case YAML -> host.form().list() ? """
                SERVERS:
                - name: files
                  command: /old/mcp-mtls # moved
                  args:
                  - connect
                  - https://old.example/mcp
                  timeout: 7
                - name: other
                  command: npx
                """ : """
                SERVERS:
                  files:
                    cmd: /old/mcp-mtls # moved
                    args:
                    - connect
                    - https://old.example/mcp
                    timeout: 7
                  other:
                    cmd: npx
                """;
        };
    }

    private static String trailingComma(Host host) {
        return switch (host.syntax()) {
            case JSON -> "{\n  \"SERVERS\": {\n    \"other\": {\"command\": \"npx\"}, // one\n  },\n}\n";
            case TOML -> "a = [1, 2,]\n[SERVERS]\nother = { command = \"npx\", args = [\"a\",] }\n";
            case YAML ->
                host.form().list()
                        ? "SERVERS: [\n  {name: other, command: npx}, # one\n]\n"
                        : "SERVERS: {\n  other: {cmd: npx}, # one\n}\n";
        };
    }

    private static String minified(Host host) {
        return switch (host.syntax()) {
            case JSON -> "{\"SERVERS\":{\"other\":{\"command\":\"npx\"}},\"x\":1}";
            case TOML -> "x=1\n[SERVERS.other]\ncommand='npx'";
            case YAML ->
                host.form().list()
                        ? "{SERVERS: [{name: other, command: npx}], x: 1}"
                        : "{SERVERS: {other: {cmd: npx}}, x: 1}";
        };
    }

    /** Carriage returns, tabs, the byte order mark and a missing last line end as signs. */
    private static String visible(Optional<String> text) {
        if (text.isEmpty()) {
            return "(no file)\n";
        }
        String signs = text.get().replace("\r", "␍").replace("\t", "␉").replace("\ufeff", "<BOM>");
        return signs.isEmpty() || signs.endsWith("\n") ? signs : signs + "⌀\n";
    }
}
