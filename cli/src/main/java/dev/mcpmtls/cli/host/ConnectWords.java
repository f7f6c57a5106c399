// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.host;

import dev.mcpmtls.bridge.hosts.BridgeCommand;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.SettingFlags;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command that a host starts. The host's working directory and variables are unknown. Every path in the command is therefore absolute,
 * and it repeats the settings of this command line, its variables and its configuration file.
 */
record ConnectWords(Settings settings, Invocation invocation) {

    private static final Path STANDARD_FILE = Path.of("mcp-mtls.yaml");

    BridgeCommand command(String url, String credential) {
        List<String> words = new ArrayList<>(
                List.of("connect", "--dir", absolute(settings.get(Keys.DIR)), "--credential", credential));
        configuration().ifPresent(file -> words.addAll(List.of("--config", absolute(file))));
        for (Key<?> key : Keys.all()) {
            boolean isSaid = !key.equals(Keys.DIR)
                    && !key.equals(Keys.COORDINATOR_CREDENTIAL)
                    && (settings.origin(key).startsWith("--")
                            || settings.origin(key).equals(key.variable()));
            if (isSaid) {
                words.add(SettingFlags.shortest(key));
                words.add(String.join(",", settings.elements(key)));
            }
        }
        words.add(url);
        return new BridgeCommand(launcher(), words, Map.of());
    }

    private Optional<Path> configuration() {
        return invocation.configuration().or(() -> Optional.of(STANDARD_FILE).filter(Files::exists));
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().normalize().toString();
    }

    /** The launcher that started this process says where it is. */
    static Path launcher() {
        String path = System.getProperty("mcpmtls.launcher", "");
        if (path.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of("cannot find the launcher mcp-mtls", "start this command with bin/mcp-mtls"));
        }
        return Path.of(path).toAbsolutePath();
    }
}
