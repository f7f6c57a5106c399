// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Text that would clear the screen, turn itself around or pretend to be a line of ours, through every command. */
class HostileTextIT {

    private static final String EVIL =
            "x\u001b[2J\u009b2J\u007f\u0007\b\u0085\u202e\u2066\u200e\u061c\u2028\u2029\ufeff\udb40\udc41\r\nforged: done\tz";
    private static final String FORGED = "forged";

    /** A name of characters that file systems and arguments can carry. */
    private static final String EVIL_NAME = "x\u001b[2J\u007f\u202e\nforged: done";

    @TempDir
    Path directory;

    private final ThrowawayCa ca = ThrowawayCa.root("Good CA");
    private final ThrowawayCa other = ThrowawayCa.root("Other CA", java.time.Instant.now());
    private String store = "";
    private String agent = "";

    @BeforeEach
    void prepare() throws Exception {
        store = directory.resolve("store").toString();
        assertThat(Run.of("init", "--dir", store).code()).isZero();
        agent = ca.client("agent")
                .writeTo(directory.resolve("agent"), ca.certificate())
                .toString();
    }

    /** The server answers every request with an error, {@code initialize} too, so that no command gets further. */
    @ParameterizedTest
    @MethodSource("clients")
    void aServersError(List<String> command) throws Exception {
        try (HostileServer server = server(method -> error(EVIL))) {
            Run run = client(server, command);

            assertClean(run);
            assertThat(run.code()).isNotZero();
            assertThat(run.exit()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
            assertThat(run.out() + run.err()).contains(FORGED).doesNotContain("internal error");
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aServersToolsAndTheirErrors(List<String> command) throws Exception {
        try (HostileServer server = server(method -> method.equals("tools/call") ? error(EVIL) : friendly(method))) {
            Run run = client(server, command);

            assertClean(run);
            assertThat(run.exit()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aServersNonsense(List<String> command) throws Exception {
        for (String nonsense :
                List.of("\"result\":null", "\"result\":[" + json(EVIL) + "]", "\"result\":{\"tools\":[{}]}")) {
            try (HostileServer first = server(method -> nonsense);
                    HostileServer later = server(method -> method.equals("initialize") ? friendly(method) : nonsense)) {
                for (HostileServer server : List.of(first, later)) {
                    Run run = client(server, command);
                    assertClean(run);
                    assertThat(run.exit()).as(run.err()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aToolsFailure(List<String> command) throws Exception {
        String failed = "\"result\":{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":" + json(EVIL) + "}]}";
        try (HostileServer server = server(method -> method.equals("tools/call") ? failed : friendly(method))) {
            assertClean(client(server, command));
        }
    }

    /** The one text that is printed alone, with lines of its own. */
    @Test
    void aToolsResultHasLinesAndNothingElse() throws Exception {
        String text = "\"result\":{\"content\":[{\"type\":\"text\",\"text\":" + json(EVIL) + "}]}";
        try (HostileServer server = server(method -> method.equals("tools/call") ? text : friendly(method))) {
            Run run = client(server, List.of("call", "URL", "echo"));
            assertThat(run.code()).isZero();
            assertThat(run.out()).hasLineCount(2).endsWith("\nforged: done\tz\n");
            assertNoControls(run.out());

            Run json = client(server, List.of("call", "URL", "echo", "--json"));
            assertClean(json);
            assertThat(JsonMapper.shared().readTree(json.out()).get("text").asString())
                    .isEqualTo(EVIL);
        }
    }

    @Test
    void aServersToolsInFull() throws Exception {
        try (HostileServer server = server(HostileTextIT::friendly)) {
            Run run = client(server, List.of("tools", "URL"));

            assertThat(run.code()).isZero();
            assertClean(run);
            assertThat(run.out()).contains("x\\u001b[2J");
        }
    }

    /** The doctor reads them as they are; the client takes them for no HTTP. */
    @Test
    void aServersHeaders() throws Exception {
        Issued own = ca.server("evil");
        String header = "Server: x\u001b[2J\u202e\u007f\r\nVia: \u001b[31m";
        try (HostileServer server = new HostileServer(own, ca.certificate(), header, HostileTextIT::friendly)) {
            Run run = client(server, List.of("doctor", "URL"));
            assertClean(run);
            assertThat(run.out()).contains("from x\\u001b[2J");
            assertClean(client(server, List.of("doctor", "URL", "--json")));
            assertClean(client(server, List.of("tools", "URL")));
        }
    }

    @Test
    void aServersCertificateThatIsRefused() throws Exception {
        Issued stranger = other.server("stranger", spec -> spec.subject(name()));
        try (HostileServer server = new HostileServer(stranger, ca.certificate(), "X: y", HostileTextIT::friendly)) {
            for (String[] command : new String[][] {
                {"tools", server.url(), "--credential", agent, "--dir", store},
                {"call", server.url(), "echo", "--json", "--credential", agent, "--dir", store},
                {"doctor", server.url(), "--credential", agent, "--dir", store},
                {"doctor", server.url(), "--json", "--credential", agent, "--dir", store},
                {"cert", "show", server.url(), "--dir", store},
                {"cert", "show", server.url(), "--json", "--dir", store},
            }) {
                assertClean(Run.of(command));
            }
        }
        assertClean(Run.of("audit", "--client", "--dir", store));
        assertClean(Run.of("audit", "--client", "--json", "--dir", store));
    }

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
            assertThat(printed).contains("at io.modelcontextprotocol", FORGED); // the stack trace passes the gate too
            assertNoControls(printed);
            assertNoForgedLine(printed);
        }
    }

    static Stream<List<String>> clients() {
        return Stream.of(
                List.of("tools", "URL"),
                List.of("tools", "URL", "--json"),
                List.of("call", "URL", "echo"),
                List.of("call", "URL", "nosuch", "-v"),
                List.of("call", "URL", "echo", "noequals"),
                List.of("call", "URL", "nosuch", "--json"),
                List.of("doctor", "URL"),
                List.of("doctor", "URL", "--json"),
                List.of("ask", "echo hello", "--coordinator-servers", "URL"),
                List.of("ask", "echo hello", "-v", "--coordinator-servers", "URL"),
                List.of("ask", "echo hello", "--json", "--coordinator-servers", "URL"));
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

    private HostileServer server(UnaryOperator<String> answers) throws Exception {
        Issued own = ca.server("evil");
        return new HostileServer(own, ca.certificate(), "Server: hostile", answers);
    }

    private Run client(HostileServer server, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.replaceAll(word -> word.equals("URL") ? server.url() : word);
        words.addAll(List.of("--credential", agent, "--dir", store, "--timeout", "5s"));
        return Run.of(words.toArray(String[]::new));
    }

    private static String error(String message) {
        return "\"error\":{\"code\":-32603,\"message\":" + json(message) + "}";
    }

    private static String friendly(String method) {
        String evil = json(EVIL);
        return switch (method) {
            case "initialize" ->
                "\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"instructions\":"
                        + evil + ",\"serverInfo\":{\"name\":" + evil + ",\"version\":" + evil + "}}";
            case "tools/list" -> "\"result\":{\"tools\":[" + tool("\"echo\"", evil) + "," + tool(evil, evil) + "]}";
            default -> "\"error\":{\"code\":-32601,\"message\":" + evil + "}";
        };
    }

    private static String tool(String name, String evil) {
        return "{\"name\":" + name + ",\"description\":" + evil
                + ",\"inputSchema\":{\"type\":\"object\",\"properties\":{" + evil
                + ":{\"type\":\"string\",\"description\":" + evil + "}}}}";
    }

    private static String json(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    private static String name() {
        return "CN=x\u001b[2J\u009b2J\u007f\u202e\u2028\\0D\\0Aforged: done";
    }

    private static String request(String subject) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair keys = generator.generateKeyPair();
        X500NameBuilder name = new X500NameBuilder();
        name.addRDN(BCStyle.CN, new DERUTF8String(subject));
        byte[] encoded = new PKCS10CertificationRequestBuilder(
                        name.build(),
                        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        assertThat(new X500Principal(name.build().getEncoded()).getName()).contains(FORGED);
        return Issued.pem("CERTIFICATE REQUEST", encoded);
    }

    private static void assertClean(Run run) {
        assertNoControls(run.out());
        assertNoControls(run.err());
        assertNoForgedLine(run.out());
        assertNoForgedLine(run.err());
    }

    private static void assertNoControls(String printed) {
        assertThat(printed.codePoints())
                .as(printed)
                .allMatch(point -> point == '\n'
                        || point == '\t'
                        || (point >= 0x20 && point < 0x7f)
                        || (point > 0x9f
                                && Character.getType(point) != Character.FORMAT
                                && point != 0x2028
                                && point != 0x2029));
    }

    private static void assertNoForgedLine(String printed) {
        assertThat(printed.lines()).as(printed).noneMatch(line -> line.strip().startsWith(FORGED));
    }
}
