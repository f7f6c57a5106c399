// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of an authority whose key is in a token of SoftHSM2. */
@Timeout(120)
class TokenCommandsIT {

    private static final Path LIBRARY = Path.of("/usr/lib/softhsm/libsofthsm2.so");

    @TempDir
    private Path directory;

    @Test
    void signWithTheTokenThatTheSettingsName() throws Exception {
        assumeTrue(Files.exists(LIBRARY), "SoftHSM2 is not installed (Debian's package softhsm2)");
        Files.writeString(
                directory.resolve("softhsm2.conf"),
                "directories.tokendir = " + Files.createDirectories(directory.resolve("tokens")) + "\n");
        String told =
                run("softhsm2-util", "--init-token", "--free", "--label", "t", "--so-pin", "1234", "--pin", "1234");
        String slot = told.replaceFirst("(?s).*slot (\\d+).*", "$1");
        Path pin = Files.writeString(directory.resolve("pin"), "1234\n");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(
                directory.resolve("mcp-mtls.yaml"),
                "authority:\n  key: {pkcs11: {library: " + LIBRARY + ", slot: " + slot + ", label: ours, pin-file: "
                        + pin + "}}\n");

        assertThat(mcpMtls("init")).contains("made", "authority");
        assertThat(mcpMtls("cert", "issue", "planner")).contains("issued planner");
        assertThat(mcpMtls("cert", "list")).contains("the authority signs with the key ours in slot " + slot);
        assertThat(Files.readString(directory.resolve(".mcp-mtls/authority/issuers/current/ca.key")))
                .doesNotContain("PRIVATE KEY");
        Files.writeString(pin, "wrong\n");
        assertThat(mcpMtls("cert", "issue", "other"))
                .contains("the token does not take the PIN (CKR_PIN_INCORRECT)", "--passphrase-file");
    }

    @Test
    void aTokenIsNamedAsAWhole() throws Exception {
        Path file = Files.writeString(directory.resolve("a.yaml"), "authority: {pkcs11: {slot: 1}}\n");
        Run refused = Run.of(
                "init",
                "--config",
                file.toString(),
                "--dir",
                directory.resolve("s").toString());
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("authority.pkcs11.library and authority.pkcs11.slot together");

        Files.writeString(file, "authority: {key: {listen: x}}\n");
        assertThat(Run.of("init", "--config", file.toString()).err()).contains("authority.key takes a type of key");
        Files.writeString(file, "authority: {key: {pkcs11: {slots: 1}}}\n");
        assertThat(Run.of("init", "--config", file.toString()).err()).contains("authority.pkcs11.slots");
    }

    private String mcpMtls(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                Cli.class.getName()));
        all.addAll(List.of(words));
        return run(all.toArray(String[]::new));
    }

    /** Absolute, because the command runs in another directory. */
    private static String classPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(":", entries);
    }

    private String run(String... words) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment()
                .put("SOFTHSM2_CONF", directory.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return told;
    }
}
