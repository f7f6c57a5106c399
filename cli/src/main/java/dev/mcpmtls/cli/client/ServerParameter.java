// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import picocli.CommandLine.Parameters;

/** The server that a command connects to. */
final class ServerParameter {

    @Parameters(
            paramLabel = "URL",
            description = "https://host:port/mcp, or the name of a configured server, such as echo")
    private String server = "";

    /** As it was given. */
    String text() {
        return server;
    }

    /** Its address. */
    URI url(Settings settings) {
        return ClientOptions.server(settings, server);
    }
}
