// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.trust.Purpose;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers in a process of their own, clients in this one. */
@Timeout(120)
class ServeIT {

    private static final Pattern READY =
            Pattern.compile("(\\w+) ready at (https://localhost:\\d+/mcp) as (\\S+), .* left, \\w+, strict");

    @TempDir
    private static Path store;

    private static Process serving;
    private static String echo = "";

    @BeforeAll
    static void serve() throws IOException {
        assertThat(Run.of("init", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        Run.of("cert", "issue", "tom", "--dir", store.toString());
        Run.of("cert", "revoke", "tom", "--dir", store.toString());
        serving = start("serve", "echo", "--listen", "127.0.0.1:0");
        Matcher ready = READY.matcher(firstLine(serving));
        assertThat(ready.matches()).isTrue();
        assertThat(ready.group(3)).isEqualTo("spiffe://demo.local/server/echo");
        echo = ready.group(2);
    }

    @AfterAll
    static void stop() {
        serving.destroyForcibly();
    }

    @Test
    void callsATool() {
        Run run = client("call", echo, "echo", "text=hello");

        assertThat(run.exit()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).isEqualTo("hello\n");
    }

    @Test
    void logsWhatACommandWritesAndHowItEnds() throws Exception {
        Path log = store.resolve("files.log");
        Process own = new ProcessBuilder(withServer("sh", "-c", "echo no such folder >&2; exit 3"))
                .redirectError(log.toFile())
                .start();
        try {
            Matcher ready = READY.matcher(firstLine(own));
            assertThat(ready.matches()).isTrue();
            assertThat(client("tools", ready.group(2)).exit()).isEqualTo(ExitCode.FAILED);
            assertThat(client("doctor", ready.group(2)).out()).contains("the server behind this gateway");
        } finally {
            own.destroy();
            own.waitFor();
        }
        assertThat(Files.readString(log))
                .contains(
                        "issued the credential files",
                        "started the server files",
                        "files: no such folder",
                        "exit code 3");
    }

    @Test
    void listsTools() {
        assertThat(client("tools", echo).out()).contains("echo(text)", "spiffe://demo.local/server/echo (VERIFIED)");
    }

    @Test
    void asks() {
        Run run = client("ask", "--coordinator-servers", echo, "echo hello");

        assertThat(run.exit()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).isEqualTo("hello\n");
    }

    @Test
    void showsTheCertificateThatAServerPresents() {
        assertThat(client("cert", "show", echo).out())
                .contains("spiffe://demo.local/server/echo", "DNS:localhost", "valid", "CN=echo");
        assertThat(client("cert", "check", echo, "--within", "1h").exit()).isEqualTo(ExitCode.DONE);
        assertThat(client("cert", "check", echo, "--within", "7d").exit()).isEqualTo(ExitCode.FAILED);
        assertThat(client("cert", "show", "https://localhost:1").exit()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(client("cert", "show", "https://").exit()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void failsWithTheRightCode() {
        assertThat(client("call", echo, "nothing").exit()).isEqualTo(ExitCode.FAILED);
        assertThat(client("call", "https://localhost:1/mcp", "echo").exit()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(client("call", echo, "echo", "text=x", "--credential", "tom").exit())
                .isEqualTo(ExitCode.REFUSED);
        assertThat(client("ask", "--coordinator-servers", echo, "mumble").exit())
                .isEqualTo(ExitCode.FAILED);
    }

    @Test
    void givesUpAServerThatSaysNothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String url = "https://localhost:" + silent.getLocalPort() + "/mcp";
            Run run = Run.of("call", url, "echo", "text=hello", "--timeout", "1s", "--dir", store.toString());
            assertThat(run.exit()).isEqualTo(ExitCode.TIMED_OUT);
            assertThat(run.err()).contains(url + " took too long");
        }
    }

    @Test
    void recordsBothSides() {
        client("call", echo, "echo", "text=x", "--credential", "tom");

        assertThat(Run.of("audit", "--dir", store.toString(), "--reason", "REVOKED")
                        .out())
                .contains("spiffe://demo.local/agent/tom");
        assertThat(Run.of("audit", "verify", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("audit", "--client", "--dir", store.toString()).out())
                .contains("spiffe://demo.local/server/echo");
    }

    @Test
    void saysThatThePortIsTaken() {
        String taken = echo.replaceAll(".*:(\\d+)/.*", "127.0.0.1:$1");

        Run run = client("serve", "echo", "--listen", taken);

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err())
                .contains("the echo server cannot listen on " + taken + ": another server or program listens there")
                .contains("servers.echo.listen");
        assertThat(client("serve", "echo", "--listen", "127.0.0.1:0", "--health-listen", taken)
                        .err())
                .contains("health cannot listen on " + taken + ": another server or program listens there")
                .contains("health.listen")
                .doesNotContain("java.");
    }

    @Test
    void saysWhyAnAddressIsNone() {
        assertThat(client("serve", "echo", "--listen", "no-such-host.invalid:1").err())
                .contains(
                        "cannot listen on no-such-host.invalid:1: there is no address for that name\n  correct the name");
        assertThat(client("serve", "echo", "--listen", "192.0.2.1:18446").err())
                .contains("cannot listen on 192.0.2.1:18446: this machine has no such address");
    }

    @Test
    void saysOnceThatNobodyIsThereToAsk() {
        String[] nobody = {"--servers-weather-listen", "127.0.0.1:1", "--servers-datetime-listen", "127.0.0.1:2"};
        Run run = ask("weather,datetime", nobody);

        assertThat(run.exit()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(client("audit", "--client", "--action", "tls-rejected").out())
                .as("no handshake took place")
                .doesNotContain("localhost:1");
        assertThat(run.err().lines()).as("the cause, then the remedy").hasSize(2);
        assertThat(run.err())
                .containsOnlyOnce("connection refused")
                .contains("weather at https://localhost:1/mcp", "start them: mcp-mtls serve all --dir " + store);
        assertThat(ask("weather,datetime,https://no-such-host.invalid/mcp", nobody)
                        .err())
                .contains("connection refused", "no such host")
                .doesNotContain("serve all");
        assertThat(ask("weather,datetime," + echo, nobody).err())
                .contains("Weather in Tokyo, Time in Tokyo: server weather: cannot reach https://localhost:1/mcp")
                .doesNotContain("serve all");
    }

    private static Run ask(String servers, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "ask", "What's the weather and the time in Tokyo, and echo hello", "--coordinator-servers", servers));
        all.addAll(List.of(more));
        return client(all.toArray(String[]::new));
    }

    @Test
    void renewsBeforeItStartsWhatEndedWhileNobodyServed(@TempDir Path lastWeeks) throws IOException {
        InstantSource clock = InstantSource.offset(InstantSource.system(), Duration.ofDays(-7));
        Initialisation.run(
                Store.at(lastWeeks),
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(Grant.server("demo.local", "echo")),
                Optional.empty(),
                new Surroundings(clock, new SecureRandom(), AuditSink.none()));

        Process process = start(lastWeeks, "serve", "echo", "--listen", "127.0.0.1:0");
        String first = firstLine(process);
        process.destroyForcibly();

        assertThat(first).matches(READY);
    }

    @Test
    void endsWellWhenItIsToldTo() throws IOException, InterruptedException {
        Process process = start("serve", "echo", "--listen", "127.0.0.1:0");
        firstLine(process);

        process.destroy();

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void saysHowToBeReachedFromElsewhere() throws IOException {
        Process process = command(store, "serve", "echo", "--listen", "0.0.0.0:0")
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String printed = lines.readLine() + "\n" + lines.readLine() + "\n" + lines.readLine();
        process.destroyForcibly();

        assertThat(printed)
                .containsPattern(READY)
                .contains("clients on other machines refuse echo")
                .contains("mcp-mtls cert rekey echo --san localhost,NAME");
    }

    @Test
    void saysSoToAServerWithASpiffeIdAlone(@TempDir Path elsewhere) throws IOException {
        initialise(elsewhere, new SpiffeId("demo.local", "/server/echo"));
        Process process = command(elsewhere, "serve", "echo", "--listen", "0.0.0.0:0")
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String printed = lines.readLine() + "\n" + lines.readLine() + "\n" + lines.readLine();
        process.destroyForcibly();

        assertThat(printed).containsPattern(READY).contains("clients on other machines refuse echo");
    }

    private static void initialise(Path directory, Identity... names) {
        Initialisation.run(
                Store.at(directory),
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(new Grant("echo", List.of(names), Set.of(Purpose.SERVER), Grant.DEFAULT_LIFETIME)),
                Optional.empty(),
                new Surroundings(InstantSource.system(), new SecureRandom(), AuditSink.none()));
    }

    @Test
    void isReadyAtANameOfItsCertificate(@TempDir Path elsewhere) throws IOException {
        initialise(elsewhere, new SpiffeId("demo.local", "/server/echo"), new DnsName("echo.internal"));
        Process process = start(elsewhere, "serve", "echo", "--listen", "0.0.0.0:0");
        String first = firstLine(process);
        process.destroyForcibly();

        assertThat(first).contains("ready at https://echo.internal:");
    }

    private static Run client(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--dir", store.toString()));
        return Run.of(all.toArray(String[]::new));
    }

    private static List<String> withServer(String... words) {
        List<String> all = new ArrayList<>(
                command(store, "serve", "files", "--listen", "127.0.0.1:0").command());
        all.add("--");
        all.addAll(List.of(words));
        return all;
    }

    private static Process start(String... arguments) throws IOException {
        return start(store, arguments);
    }

    private static Process start(Path directory, String... arguments) throws IOException {
        return command(directory, arguments)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static ProcessBuilder command(Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--dir", directory.toString()));
        return new ProcessBuilder(command);
    }

    private static String firstLine(Process process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }
}
