// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.Issued;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends text through every command that would clear the screen, turn itself around or pretend to be a line of ours. The text of servers is
 * in {@link HostileServerTextIT}.
 */
class HostileTextIT extends HostileText {

    /** A name of characters that file systems and arguments can carry. */
    private static final String EVIL_NAME = "x\u001b[2J\u007f\u202e\nforged: done";

    @Test
    void certificatesInFiles() throws Exception {
        Issued evil = other.client("evil", spec -> spec.subject(name()));
        Path credential = evil.writeTo(directory.resolve("evil"), other.certificate());

        assertClean(Run.of("cert", "show", credential.toString(), "--dir", store));
        assertClean(Run.of("cert", "show", credential.toString(), "--json", "--dir", store));
        assertClean(Run.of("cert", "check", credential.toString(), "--within", "9999d", "--dir", store));
        assertClean(Run.of(
                "serve", "echo", "--credential", credential.toString(), "--listen", "256.0.0.1:0", "--dir", store));
    }

    @Test
    void signingRequests() throws Exception {
        Path request = Files.writeString(directory.resolve("evil.csr"), request(EVIL));
        for (String json : new String[] {"-v", "--json"}) {
            Run run = Run.of(
                    "cert",
                    "issue",
                    "x",
                    "--csr",
                    request.toString(),
                    "--out",
                    directory.resolve(json + ".crt").toString(),
                    json,
                    "--dir",
                    store);
            assertClean(run);
        }
        assertClean(Run.of("cert", "list", "--dir", store));
        assertClean(Run.of("audit", "--dir", store));
    }

    @ParameterizedTest
    @MethodSource("misused")
    void arguments(List<String> command) {
        List<String> all = new ArrayList<>(command);
        all.replaceAll(word -> word.replace("EVIL", EVIL_NAME));
        for (boolean json : new boolean[] {false, true}) {
            List<String> words = new ArrayList<>(all);
            words.addAll(List.of("--dir", store));
            if (json) {
                words.add("--json");
            }
            Run run = Run.of(words.toArray(String[]::new));

            assertClean(run);
            assertThat(run.exit()).as(run.err()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
        }
    }

    @Test
    void namesOfFilesThatExist() throws Exception {
        Path evil = Files.createDirectory(directory.resolve(EVIL_NAME));
        assertClean(Run.of("init", "--dir", evil.toString()));
        assertClean(Run.of("cert", "list", "--dir", evil.toString()));
        assertClean(Run.of("cert", "show", evil + "/credentials/echo", "--dir", store));
        assertClean(Run.of("config", "--dir", evil.toString()));
        assertClean(Run.of("config", "--json", "--dir", evil.toString()));
        assertClean(Run.of("tools", "https://localhost:1", "--credential", evil + "/none", "--dir", store));
        Files.createDirectories(evil.resolve("credentials").resolve(EVIL_NAME));
        assertClean(Run.of("cert", "list", "--dir", evil.toString()));
        assertClean(Run.of("audit", "--dir", evil.toString()));
    }

    @Test
    void configurationFiles() throws Exception {
        String text = json(EVIL);
        for (String yaml : List.of(
                text + ": x",
                "tls: {" + text + ": x}",
                "tls: {validation: " + text + "}",
                "dir: " + text,
                "servers: {echo: {listen: " + text + "}}",
                "coordinator: {servers: [" + text + "]}",
                "tls: {relax: [" + text + "]}",
                "a: '" + EVIL_NAME,
                "a: &x" + EVIL_NAME,
                "a: b\n" + text + ": 1\n" + text + ": 2",
                "%" + EVIL_NAME)) {
            Path file = Files.writeString(directory.resolve("evil.yaml"), yaml);
            for (String json : new String[] {"-v", "--json"}) {
                assertClean(Run.of("config", "--config", file.toString(), json));
            }
        }
    }

    @Test
    void variables() {
        Run run = Run.of(java.util.Map.of("MCP_MTLS_TLS_VALIDATION", EVIL), "config");
        assertClean(run);
        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertClean(Run.of(java.util.Map.of("MCP_MTLS_CONFIG", EVIL_NAME), "config"));
    }

    @Test
    void auditRecords() throws Exception {
        String record = "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"event.action\":" + json(EVIL)
                + ",\"event.outcome\":\"failure\",\"event.reason\":" + json(EVIL) + ",\"service.name\":" + json(EVIL)
                + ",\"message\":" + json(EVIL) + ",\"mcp_mtls.connection_id\":" + json(EVIL) + "}\n";
        String raw = "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"message\":\"\u007f\u009b\u202e\u2028\"}\n";
        Files.writeString(Path.of(store, "audit.jsonl"), record + raw + EVIL_NAME, StandardOpenOption.APPEND);

        assertClean(Run.of("audit", "--dir", store));
        assertClean(Run.of("audit", "--json", "--dir", store));
        assertClean(Run.of("audit", "verify", "--dir", store));
        assertClean(Run.of("audit", "verify", "--json", "--dir", store));
    }

    /** With the log, which a test in this process does not see. */
    @Test
    void everythingThatAProcessPrints() throws Exception {
        try (HostileServer server = server(method -> error(EVIL))) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Cli.class.getName(),
                            "tools",
                            server.url(),
                            "-vv",
                            "--credential",
                            agent,
                            "--dir",
                            store)
                    .redirectErrorStream(true)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(ExitCode.FAILED.number());
            assertThat(printed).contains("at dev.mcpmtls.bridge.", FORGED); // the stack trace passes the gate too
            assertNoControls(printed);
            assertNoForgedLine(printed);
        }
    }

    @Test
    void aTraceThatIsAskedForLeadsToTheCause() {
        String[] command = {"tools", "https://localhost:1/mcp", "--credential", agent, "--dir", store};
        String[] traced = {"tools", "https://localhost:1/mcp", "--credential", agent, "--dir", store, "-vv"};

        assertThat(Run.of(traced).err())
                .contains("connection refused", "Caused by: java.net.ConnectException", "        at java.");
        assertThat(Run.of(command).err()).contains("connection refused").doesNotContain("Caused by:", "        at ");
    }

    static Stream<List<String>> misused() {
        return Stream.of(
                List.of("EVIL"),
                List.of("--EVIL"),
                List.of("call", "EVIL", "echo"),
                List.of("call", "https://EVIL/mcp", "echo"),
                List.of("call", "https://localhost:1/mcp", "EVIL"),
                List.of("call", "https://localhost:1/mcp", "echo", "--args", "EVIL"),
                List.of("call", "https://localhost:1/mcp", "echo", "--timeout", "EVIL"),
                List.of("call", "https://localhost:1/mcp", "echo", "--credential", "EVIL"),
                List.of("call", "https://localhost:1/mcp", "echo", "--EVIL=x"),
                List.of("tools", "EVIL"),
                List.of("doctor", "https://EVIL.invalid"),
                List.of("ask", "EVIL", "--coordinator-servers", "https://localhost:1"),
                List.of("ask", "hello", "--coordinator-servers", "EVIL"),
                List.of("serve", "EVIL"),
                List.of("serve", "echo", "--listen", "EVIL"),
                List.of("serve", "echo", "--listen", "127.0.0.1:0", "--credential", "EVIL"),
                List.of("serve", "echo", "--listen", "127.0.0.1:0", "--passphrase-file", "EVIL"),
                List.of("init", "--trust-domain", "EVIL"),
                List.of("init", "--authority-key", "EVIL"),
                List.of("cert", "EVIL"),
                List.of("cert", "show", "EVIL"),
                List.of("cert", "show", "https://EVIL"),
                List.of("cert", "check", "--within", "EVIL"),
                List.of("cert", "issue", "EVIL"),
                List.of("cert", "issue", "x", "--san", "EVIL"),
                List.of("cert", "issue", "x", "--purpose", "EVIL"),
                List.of("cert", "issue", "x", "--csr", "EVIL", "--out", "EVIL"),
                List.of("cert", "renew", "EVIL"),
                List.of("cert", "rekey", "EVIL"),
                List.of("cert", "revoke", "EVIL"),
                List.of("cert", "revoke", "echo", "--reason", "EVIL"),
                List.of("cert", "rollover", "EVIL"),
                List.of("audit", "--action", "EVIL"),
                List.of("audit", "--reason", "EVIL"),
                List.of("audit", "--since", "EVIL"),
                List.of("audit", "--peer", "EVIL"),
                List.of("audit", "verify", "--kept", "EVIL"),
                List.of("config", "EVIL"),
                List.of("config", "--config", "EVIL"),
                List.of("config", "--validation", "EVIL"),
                List.of("config", "--groups", "EVIL"),
                List.of("config", "--cipher-suites", "EVIL"),
                List.of("help", "EVIL"),
                List.of("completion", "EVIL"),
                List.of("demo", "EVIL"));
    }
}
