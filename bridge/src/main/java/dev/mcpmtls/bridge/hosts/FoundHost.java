// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A host that seems to be installed, or configured for the project.
 *
 * @param file of its servers; it may not exist yet
 * @param servers our entries in it
 * @param problem why the file cannot be read, where it cannot
 */
public record FoundHost(Host host, Scope scope, Path file, List<Server> servers, Optional<String> problem) {

    /**
     * One of our entries. Texts are as the file has them: clean them before they are shown.
     *
     * @param target URL or name of the server
     * @param arguments all that follow the launcher
     * @param environment variables that the host adds
     * @param launcherExists whether the launcher is an executable file
     * @param credential the name or path given to {@code --credential}
     * @param credentialExists whether it is in the store that {@code --dir} names, or a path that exists
     */
    public record Server(
            String name,
            String target,
            String launcher,
            List<String> arguments,
            Map<String, String> environment,
            boolean launcherExists,
            Optional<String> credential,
            boolean credentialExists) {

        public Server {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    public FoundHost {
        servers = List.copyOf(servers);
    }
}
