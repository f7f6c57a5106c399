// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that others could have written are not trusted, and files that are not ours are not changed. */
class ForeignHandsIT {

    private static final String NOBODY = "65534";

    @TempDir
    private Path directory;

    private String dir = "";

    @BeforeEach
    void init() throws IOException {
        mode(directory, "rwxr-xr-x");
        dir = directory.resolve("store").toString();
        assertThat(Run.of("init", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void theFileOfTheWorkingDirectoryIsReadWhenItIsOurs() throws Exception {
        Files.writeString(directory.resolve("mcp-mtls.yaml"), "tls: {validation: relaxed}\n");

        assertThat(runHere("config")).contains("relaxed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"chown " + NOBODY + " mcp-mtls.yaml", "chmod o+w mcp-mtls.yaml", "chmod 777 ."})
    void theFileOfTheWorkingDirectoryIsRefusedWhenOthersCouldHavePutItThere(String command) throws Exception {
        Files.writeString(directory.resolve("mcp-mtls.yaml"), "tls: {validation: relaxed}\n");
        assumeTrue(run(command.split(" ")));

        assertThat(runHere("config"))
                .contains(
                        "cannot use ", "mcp-mtls.yaml, found in the working directory: ", "name the file with --config")
                .doesNotContain("relaxed");
        assertThat(runHere("config", "--config", "mcp-mtls.yaml")).contains("relaxed");
    }

    @Test
    void aLinkInTheWorkingDirectoryIsRefusedWhenAnotherUserPlantedIt() throws Exception {
        Path ours = Files.writeString(directory.resolve("ours.yaml"), "tls: {validation: relaxed}\n");
        Path link = Files.createSymbolicLink(directory.resolve("mcp-mtls.yaml"), ours);
        assertThat(runHere("config")).contains("relaxed");

        assumeTrue(run("chown", "-h", NOBODY, link.toString()));
        assertThat(runHere("config")).contains("it belongs to the user").doesNotContain("relaxed");
    }

    @Test
    void theStickyBitOfTmpKeepsOurFileOurs() throws Exception {
        Path file = Files.writeString(directory.resolve("mcp-mtls.yaml"), "tls: {validation: relaxed}\n");
        assumeTrue(run("chmod", "1777", directory.toString()));
        assertThat(runHere("config")).contains("relaxed");

        assumeTrue(run("chown", NOBODY, file.toString()));
        assertThat(runHere("config")).doesNotContain("relaxed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chmod 777 store",
                "chmod 1777 store",
                "chmod 777 store/credentials",
                "chown " + NOBODY + " store",
                "chown -R " + NOBODY + " store"
            })
    void aStoreThatOthersCanWriteIsRefused(String command) throws Exception {
        assumeTrue(run(command.split(" ")));

        for (String[] words : new String[][] {
            {"cert", "issue", "new"},
            {"cert", "revoke", "echo"},
            {"init"},
            {"tools", "echo"},
            {"serve", "echo"},
            {"doctor", "echo"}
        }) {
            Run refused = inStore(words);
            assertThat(refused.exit()).as(String.join(" ", words)).isEqualTo(ExitCode.USAGE);
            assertThat(refused.out() + refused.err())
                    .contains("cannot be trusted as a store: ")
                    .containsAnyOf("other users can write it", "it belongs to the user");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chmod o+w store/credentials/coordinator/ca.crt", "chown " + NOBODY + " store/crl.pem"})
    void filesOfTrustThatOthersCanWriteAreRefused(String command) throws Exception {
        assumeTrue(run(command.split(" ")));

        Run doctor = inStore("doctor", "echo");
        assertThat(doctor.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(doctor.out()).contains("failed").contains("cannot trust ");
        assertThat(inStore("tools", "echo").err()).contains("cannot trust ");
    }

    @Test
    void doctorWarnsOfAnOpenDirectory() throws Exception {
        Path anchors = Files.createDirectory(directory.resolve("open")).resolve("ca.crt");
        Files.copy(Path.of(dir, "credentials/coordinator/ca.crt"), anchors);
        mode(anchors, "rw-r--r--");

        assertThat(inStore("doctor", "https://localhost:1/mcp", "--trust-anchors", anchors.toString())
                        .out())
                .doesNotContain("other users can write it");
        mode(anchors.getParent(), "rwxrwxrwx");
        assertThat(inStore("doctor", "https://localhost:1/mcp", "--trust-anchors", anchors.toString())
                        .out())
                .contains("warning", "other users can write it (mode 0777)");
    }

    @Test
    void aDeviceThatIsToHoldTheAuditLogStaysAsItIs() throws Exception {
        Path device = directory.resolve("device");
        assumeTrue(run("mknod", device.toString(), "c", "1", "3"));
        mode(device, "rw-rw-rw-");

        Run refused = inStore("cert", "renew", "echo", "--audit-file", device.toString());

        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("it is a character device, not a regular file", "audit.file: off");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(device, LinkOption.NOFOLLOW_LINKS)))
                .isEqualTo("rw-rw-rw-");
    }

    @Test
    void theAuditLogCanBeOffByName() throws Exception {
        long before = Files.size(Path.of(dir, "audit.jsonl"));

        String renewed = runHere("cert", "renew", "echo", "--dir", dir, "--audit-file", "off");

        assertThat(renewed).contains("renewed echo", "audit.file is off: nothing that happens is recorded");
        assertThat(Path.of(dir, "audit.jsonl")).hasSize(before);
        assertThat(Path.of(dir, "off")).doesNotExist();
        assertThat(inStore("audit", "--audit-file", "off").err()).contains("there is no audit log: audit.file is off");
        assertThat(inStore("config", "--audit-file", "off").out()).contains("off");

        assertThat(inStore("cert", "renew", "echo", "--audit-file", "./off").exit())
                .isEqualTo(ExitCode.DONE);
        assertThat(Path.of(dir, "off")).isRegularFile();
    }

    @Test
    void aMisspeltWordIsNotALogWithoutIncidents() {
        assertThat(inStore("audit", "--action", "tls-rejectd").err()).contains("did you mean tls-rejected?");
        assertThat(inStore("audit", "--action", "nosuch").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(inStore("audit", "--reason", "NOPE").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(inStore("audit", "--reason", "EXPIRED").exit()).isEqualTo(ExitCode.DONE);
        assertThat(inStore("audit", "--reason", "untrusted-issuer").exit()).isEqualTo(ExitCode.DONE);
        assertThat(inStore("audit", "--action", "Certificate-Issued").out()).contains("certificate issued");
    }

    @Test
    void saysWhichCredentialIsMissingAndHowToMakeIt() {
        assertThat(inStore("tools", "echo", "--credential", "nobody").err())
                .contains("'mcp-mtls cert issue nobody --dir ");
        assertThat(Run.of("tools", "echo", "--dir", directory.resolve("none").toString())
                        .err())
                .contains("run 'mcp-mtls init --dir ");
        assertThat(inStore(
                                "tools",
                                "echo",
                                "--credential",
                                directory.resolve("none").toString())
                        .err())
                .contains("correct the path")
                .doesNotContain("cert rekey", "cert issue");
    }

    @Test
    void saysWhyAFileIsNoStore() throws IOException {
        Path file = Files.writeString(directory.resolve("afile"), "");

        assertThat(Run.of("init", "--dir", file.toString()).err())
                .contains("cannot make the directory " + file)
                .contains("is not a directory")
                .doesNotContain("Exception");
    }

    private Run inStore(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--dir", dir));
        return Run.of(all.toArray(String[]::new));
    }

    /** In a process whose working directory is ours; what it printed. */
    private String runHere(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return printed;
    }

    private boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    private static void mode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
