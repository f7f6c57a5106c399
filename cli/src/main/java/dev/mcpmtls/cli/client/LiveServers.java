// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.policy.Inventory;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The configured servers that run: what they offer to our client credential. */
public final class LiveServers {

    private final Invocation invocation;
    private final Set<String> tools = new TreeSet<>();
    private final Set<String> prompts = new TreeSet<>();
    private final Set<String> resources = new TreeSet<>();

    public LiveServers(Invocation invocation) {
        this.invocation = invocation;
    }

    /**
     * Asks all of them. A server that cannot be asked is reported as a warning, and so is the credential that the servers see.
     *
     * @param names of the servers
     */
    public Inventory inventory(Set<String> names) {
        Settings settings = new ClientOptions(invocation).settings();
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-policy")) {
            OwnSide own = OwnSide.of(settings, audit);
            Stream.concat(
                            Keys.SERVERS.stream().map(Keys.Server::name),
                            settings.entries().stream().map(ServerEntry::name))
                    .forEach(server -> ask(server, own, settings));
            warn("Asked as " + settings.get(Keys.COORDINATOR_CREDENTIAL)
                    + ": servers list only what their rules permit it, and everything else counts as missing."
                    + " --credential NAME asks as another.");
        }
        return new Inventory(names, tools, prompts, resources);
    }

    private void ask(String server, OwnSide own, Settings settings) {
        try {
            ask(server, ClientOptions.server(settings, server), own, settings);
        } catch (RuntimeException e) {
            Failure failure = Failure.of(e);
            if (failure.code() == ExitCode.INTERNAL_ERROR) {
                throw e;
            }
            warn(server + " is not checked: " + String.join("; ", failure.lines()));
        }
    }

    private void ask(String server, URI url, OwnSide own, Settings settings) {
        try (McpConnection connection =
                McpConnection.open(url, own, Optional.empty(), ClientOptions.timeout(settings))) {
            List<String> listed =
                    connection.tools().stream().map(ListedTool::name).toList();
            tools.addAll(listed);
            warn(server + " lists " + (listed.isEmpty() ? "no tool" : String.join(", ", listed)));
            prompts.addAll(connection.prompts());
            resources.addAll(connection.resources());
        }
    }

    private void warn(String text) {
        Console console = invocation.console();
        console.complain(console.styled(Style.WARNING, text));
    }
}
