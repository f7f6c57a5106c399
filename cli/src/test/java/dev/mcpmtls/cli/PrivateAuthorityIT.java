// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.Tolerance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of authorities with faults of form, in front of servers and clients that tolerate them and that do not. */
class PrivateAuthorityIT {

    private static final String PLAIN = Tolerance.PLAIN_BASIC_CONSTRAINTS.text();
    private static final String NO_IDENTIFIERS = Tolerance.NO_KEY_IDENTIFIERS.text();

    @TempDir
    private Path directory;

    @Test
    void anAuthorityWithPlainBasicConstraintsIsBelievedWhereThatIsTolerated() throws IOException {
        ThrowawayCa root = ThrowawayCa.root(
                "Plain CA", java.time.Instant.now(), spec -> spec.basicConstraints(false, new BasicConstraints(true)));
        root.server("echo").writeTo(directory.resolve("echo"), root.certificate());
        root.client("agent").writeTo(directory.resolve("agent"), root.certificate());

        Run refused = Run.of(serve());
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err())
                .contains("Plain CA", "tls.tolerate: [" + PLAIN + "]")
                .doesNotContain("cert renew");

        assertCallsWhereTolerated(PLAIN);
        assertThat(audit("--action", "tolerances-on"))
                .contains(directory.resolve("echo").toString());
        assertThat(audit("--action", "tls-accepted")).contains("VERIFIED");
    }

    @Test
    void certificatesWithoutKeyIdentifiersAreBelievedWhereThatIsTolerated() throws IOException {
        ThrowawayCa root = ThrowawayCa.root("Terse CA");
        root.server("echo", spec -> spec.without("2.5.29.35")).writeTo(directory.resolve("echo"), root.certificate());
        root.client("agent", spec -> spec.without("2.5.29.35")).writeTo(directory.resolve("agent"), root.certificate());

        assertCallsWhereTolerated(NO_IDENTIFIERS);
    }

    @Test
    void theClientThatIsRefusedReadsWhatTheServerCouldTolerate() throws IOException {
        ThrowawayCa root = ThrowawayCa.root("Terse CA");
        root.server("echo").writeTo(directory.resolve("echo"), root.certificate());
        root.client("agent", spec -> spec.without("2.5.29.35")).writeTo(directory.resolve("agent"), root.certificate());
        Process serving = start(serve());
        try {
            String url = url(serving);
            Run refused = call(url, "--tolerate", NO_IDENTIFIERS);
            assertThat(refused.exit()).isEqualTo(ExitCode.REFUSED);
            assertThat(refused.err()).contains("tls.tolerate: [" + NO_IDENTIFIERS + "]");
            Run doctor = Run.of(client("doctor", url));
            assertThat(doctor.out()).contains("no authority key identifier", "tls.tolerate: [" + NO_IDENTIFIERS + "]");
        } finally {
            serving.destroyForcibly();
        }
        assertThat(audit("--action", "tls-rejected")).contains("tls.tolerate: [" + NO_IDENTIFIERS + "]");
    }

    private void assertCallsWhereTolerated(String tolerance) throws IOException {
        Process serving = start(serve("--tolerate", tolerance));
        try {
            String url = url(serving);
            Run called = call(url, "--tolerate", tolerance);
            assertThat(called.out()).as(called.err()).isEqualTo("hello\n");
            Run refused = call(url);
            assertThat(refused.exit()).isEqualTo(ExitCode.REFUSED);
            assertThat(refused.err()).contains("tls.tolerate: [" + tolerance + "]");
        } finally {
            serving.destroyForcibly();
        }
    }

    private Run call(String url, String... more) {
        List<String> all = new ArrayList<>(List.of(client("call", url, "echo", "text=hello")));
        all.addAll(List.of(more));
        return Run.of(all.toArray(String[]::new));
    }

    private String[] client(String... command) {
        return withStore(command, "--credential", directory.resolve("agent").toString());
    }

    private String[] serve(String... more) {
        String[] serve = {
            "serve",
            "echo",
            "--listen",
            "127.0.0.1:0",
            "--credential",
            directory.resolve("echo").toString()
        };
        return withStore(serve, more);
    }

    private String[] withStore(String[] command, String... more) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(more));
        all.addAll(List.of("--dir", directory.resolve("store").toString()));
        return all.toArray(String[]::new);
    }

    private String audit(String... filter) {
        List<String> all = new ArrayList<>(
                List.of("audit", "--dir", directory.resolve("store").toString(), "--json"));
        all.addAll(List.of(filter));
        return Run.of(all.toArray(String[]::new)).out();
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String url(Process serving) throws IOException {
        String ready =
                new BufferedReader(new InputStreamReader(serving.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertThat(ready).contains("echo ready at https://localhost:");
        return ready.replaceFirst(".*(https://localhost:\\d+/mcp).*", "$1");
    }
}
