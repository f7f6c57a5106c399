// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The command that a host starts to reach a server.
 *
 * @param launcher absolute path of the {@code mcp-mtls} launcher
 * @param arguments after the launcher; the first is {@code connect}
 * @param environment variables that the host adds to the command's; usually none. Never secrets: hosts' files are plain text
 */
public record BridgeCommand(Path launcher, List<String> arguments, Map<String, String> environment) {

    private static final int MAX_ARGUMENTS = 64;
    private static final int MAX_LENGTH = 4_096;

    public BridgeCommand {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        if (!launcher.isAbsolute()) {
            throw new IllegalArgumentException("the launcher's path must be absolute");
        }
        if (arguments.isEmpty() || !arguments.get(0).equals("connect") || arguments.size() > MAX_ARGUMENTS) {
            throw new IllegalArgumentException("the arguments must begin with connect and be at most " + MAX_ARGUMENTS);
        }
        arguments.forEach(BridgeCommand::check);
        environment.forEach((name, value) -> {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
                throw new IllegalArgumentException(
                        "the name of an environment variable has letters, digits and underscores");
            }
            check(value);
        });
        check(launcher.toString());
    }

    /**
     * The command for one server.
     *
     * @param target the server's URL, or its name in the configuration
     * @param credential name of a credential in the store, or path of one
     * @param store absolute path of the directory that {@code --dir} names
     */
    public static BridgeCommand connect(Path launcher, String target, String credential, Path store) {
        if (!store.isAbsolute()) {
            throw new IllegalArgumentException("the store's path must be absolute");
        }
        return new BridgeCommand(
                launcher, List.of("connect", "--dir", store.toString(), "--credential", credential, target), Map.of());
    }

    /** The environment in a fixed order, so that the same command is always the same text. */
    Map<String, String> sortedEnvironment() {
        return new TreeMap<>(environment);
    }

    private static void check(String value) {
        if (value.length() > MAX_LENGTH || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a value of the command has no NUL and at most " + MAX_LENGTH + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                if (!Character.isSurrogatePair(value.charAt(i), i + 1 < value.length() ? value.charAt(i + 1) : ' ')) {
                    throw new IllegalArgumentException("a value of the command is not valid Unicode");
                }
                i++;
            }
        }
    }
}
