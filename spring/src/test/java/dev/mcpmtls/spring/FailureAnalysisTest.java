// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static dev.mcpmtls.spring.Programs.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.mcpmtls.testkit.ThrowawayCa;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Why a program does not start is told in two sentences, without a stack trace. */
@Timeout(90)
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Failing CA");

    @TempDir
    private Path directory;

    private String credential() {
        return "mcp.mtls.server.credential="
                + ca.server("whoami").writeTo(directory.resolve("server"), ca.certificate());
    }

    private static void fails(CapturedOutput output, String why, String remedy, String... settings) {
        assertThat(catchThrowable(() -> start(Programs.Server.class, settings).close()))
                .isNotNull();
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START")
                .containsSubsequence("Description:", why, "Action:", remedy)
                .doesNotContain("\tat org.springframework");
    }

    @Test
    void noCredential(CapturedOutput output) {
        fails(
                output,
                "There is no certificate for mcp.mtls.server.",
                "Set either mcp.mtls.server.credential",
                "mcp.mtls.server.path=/mcp");
    }

    @Test
    void twoCredentials(CapturedOutput output) {
        fails(
                output,
                "has both a credential and an SSL bundle",
                "Set either",
                credential(),
                "mcp.mtls.server.ssl.bundle=x");
    }

    @Test
    void aMissingDirectory(CapturedOutput output) {
        fails(output, "nowhere", "", "mcp.mtls.server.credential=" + directory.resolve("nowhere"));
    }

    @Test
    void aMissingBundle(CapturedOutput output) {
        fails(
                output,
                "There is no SSL bundle 'mine'".substring(9),
                "spring.ssl.bundle",
                "mcp.mtls.server.ssl.bundle=mine");
    }

    @Test
    void anAddressThatIsNone(CapturedOutput output) {
        fails(output, "mcp.mtls.server.listen", "", credential(), "mcp.mtls.server.listen=8443");
    }

    @Test
    void anAddressThatIsTaken(CapturedOutput output) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fails(
                    output,
                    String.valueOf(taken.getLocalPort()),
                    "mcp.mtls.server.listen",
                    credential(),
                    "mcp.mtls.server.listen=127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void relaxedBeyondThisMachine(CapturedOutput output) {
        fails(
                output,
                "Relaxed validation would accept unverified peers",
                "Listen on 127.0.0.1",
                credential(),
                "mcp.mtls.server.listen=0.0.0.0:0",
                "mcp.mtls.server.relax=expired");
    }

    @Test
    void badRules(CapturedOutput output) throws Exception {
        Path rules = Files.writeString(directory.resolve("policy.yaml"), "rulez: []\n");
        fails(output, "rulez", "policy check", credential(), "mcp.mtls.server.policy=" + rules);
    }

    @Test
    void stateless(CapturedOutput output) {
        fails(
                output,
                "spring.ai.mcp.server.protocol is STATELESS",
                "Remove the setting",
                credential(),
                "spring.ai.mcp.server.protocol=STATELESS");
    }

    /** A class path without Spring AI's parts. */
    @Test
    void settingsWithoutSpringAi() {
        for (String setting : List.of("mcp.mtls.server.credential=x", "mcp.mtls.client.credential=x")) {
            new ApplicationContextRunner()
                    .withClassLoader(new FilteredClassLoader("org.springframework.ai"))
                    .withConfiguration(AutoConfigurations.of(MtlsWithoutSpringAiAutoConfiguration.class))
                    .withPropertyValues(setting)
                    .run(context ->
                            assertThat(context).getFailure().hasStackTraceContaining("is not on the class path"));
        }
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(MtlsWithoutSpringAiAutoConfiguration.class))
                .withPropertyValues("mcp.mtls.server.credential=x")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void anExpiredCertificate(CapturedOutput output) {
        Path expired = ca.server(
                        "old",
                        spec -> spec.valid(
                                java.time.Instant.now().minusSeconds(7200),
                                java.time.Instant.now().minusSeconds(3600)))
                .writeTo(directory.resolve("expired"), ca.certificate());
        fails(output, "expired", "", "mcp.mtls.server.credential=" + expired);
    }
}
