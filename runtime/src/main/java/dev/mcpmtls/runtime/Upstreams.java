// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.gateway.Gateway;
import dev.mcpmtls.gateway.ProcessMode;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.ServerEntry.Command;
import dev.mcpmtls.transport.server.backend.Backend;
import java.time.Duration;
import java.util.Locale;

/** The operator's own servers, as backends. */
final class Upstreams implements AutoCloseable {

    private static final Duration IDLE = Duration.ofMinutes(30);

    private final Gateway gateway = new Gateway();

    Backend backend(ServerEntry entry) {
        if (entry.source() instanceof Command command) {
            ProcessMode mode = ProcessMode.valueOf(
                    command.process().toUpperCase(Locale.ROOT).replace('-', '_'));
            return gateway.command(
                    entry.name(),
                    new ServerCommand(command.words(), command.env(), command.passEnv(), command.cwd()),
                    new Gateway.ProcessOptions(mode, command.maxProcesses(), IDLE, entry.timeout()));
        }
        throw new IllegalArgumentException("an entry is a command, a URL or a combination");
    }

    @Override
    public void close() {
        gateway.close();
    }
}
